"""Spectra of whole sounds beside each other, at one level, with the mean of released music behind them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ, ERB_EDGES_HZ
from tonmeister.deliver.charts import COLOURS, Axes, Line, draw_chart
from tonmeister.deliver.markup import Markup, tag
from tonmeister.knowledge.tone import released_curve_db

Floats = NDArray[np.float64]
_HZ = ((30, "30"), (60, "60"), (125, "125"), (250, "250"), (500, "500"), (1000, "1 k"), (2000, "2 k"), (4000, "4 k"), (8000, "8 k"), (16000, "16 k"))  # fmt: skip


def draw_tones(told: Sequence[tuple[str, Sequence[float]]]) -> Markup:
    """Return the picture of up to three sounds: name and (40,) level of each ERB band in dBFS."""
    lines = [
        Line(name, ERB_CENTRES_HZ, levelled_db(tone), colour)
        for (name, tone), colour in zip(told, COLOURS, strict=False)
    ]
    lines.append(Line("Released music", ERB_CENTRES_HZ, released_curve_db(ERB_CENTRES_HZ), COLOURS[3], dashed=True))
    axes = Axes(-42, 12, 6, "dB", tuple((float(hz), words) for hz, words in _HZ if hz > ERB_CENTRES_HZ[0]), log=True)
    chart = draw_chart(lines, axes, label="Third-octave levels")
    caption = tag("figcaption", "Third-octave levels of the whole song, at one level.")
    return tag("figure", tag("h3", "Tone"), chart, caption)


def levelled_db(tone_db: Sequence[float]) -> Floats:
    """Return (40,) levels as third octaves, brought to the level of released music."""
    third_hz = ERB_CENTRES_HZ * (2 ** (1 / 6) - 2 ** (-1 / 6))
    values = np.array(tone_db) + 10 * np.log10(third_hz / np.diff(ERB_EDGES_HZ))
    inside = (ERB_CENTRES_HZ > 80) & (ERB_CENTRES_HZ < 10_000)
    out: Floats = values - float(np.median((values - released_curve_db(ERB_CENTRES_HZ))[inside]))
    return out
