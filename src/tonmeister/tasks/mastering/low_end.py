"""The low end of a finished file: nothing below what speakers play, and what is wide down there comes to the middle."""

from collections.abc import Iterator

import numpy as np

from tonmeister.analysis.bands import THIRD_OCTAVE_CENTRES_HZ
from tonmeister.document.move import BandChange, Evidence, Move
from tonmeister.knowledge import number
from tonmeister.processing import Band, Width
from tonmeister.tasks.mastering.finishing import HERE, Finishing, insert_move, side_stem, stem_fix
from tonmeister.tasks.work import evidence

_LIFTED_HZ = 300.0
"""Where the low end is wide up to here, the edge of the middle is drawn higher."""


def propose(work: Finishing) -> Iterator[Move]:
    """Cut what only takes headroom, and bring a wide low end to the middle."""
    yield from _sub(work)
    yield from _mono(work)
    yield from top_of_a_lacquer(work)


def _sub(work: Finishing) -> Iterator[Move]:
    power = 10 ** (work.measured.curves.third_octave_db.astype(np.float64) / 10)
    low, above = (
        power[(a <= THIRD_OCTAVE_CENTRES_HZ) & (b > THIRD_OCTAVE_CENTRES_HZ)].sum() for a, b in ((0, 26), (26, 85))
    )
    share_db = float(10 * np.log10((low + 1e-14) / (above + 1e-14)))
    vinyl = work.target == "vinyl"
    if share_db <= number("finishing.sub_share_db").value and not vinyl:
        return
    hz = number("finishing.sub_cut_hz").value
    yield Move(
        id="mastering.low-end.sub", task="mastering", title=f"What lies below {hz:.0f} Hz only takes headroom: cut", where=HERE,
        change=BandChange(slot="corrective", band=Band(shape="high_pass", frequency_hz=hz)),
        because=(evidence("power below 26 Hz against 26 to 85 Hz", round(share_db, 1), against="finishing.sub_share_db"),), confidence=0.7,
    )  # fmt: skip


def _mono(work: Finishing) -> Iterator[Move]:
    widths = work.portrait.width_by_band
    if not widths:
        return
    wide = widths[0] or 0.0
    vinyl = work.target == "vinyl"
    limit = "finishing.low_width_finished" if work.is_finished else "finishing.low_width_most"
    if wide <= number(limit).value and not vinyl:
        return
    row = "finishing.vinyl_mono_hz" if vinyl else "finishing.low_mono_hz"
    below = number(row).value
    if not vinyl and (widths[1] or 0.0) > wide:  # as wide above: it does not end at the edge of the band
        below = min(_LIFTED_HZ / 2, below * 1.25)
    because = (
        evidence("side power below 100 Hz", round(wide, 3), against=limit),
        evidence("edge", below, against=row),
    )
    stem = None if vinyl else side_stem(work, 0)
    if stem is not None:
        title = f"{stem[0]} makes {stem[1]:.0%} of the wide low end; put it in the middle below {below:.0f} Hz there"
        yield stem_fix("low-end", title, because, stem, "the side below 100 Hz")
        return
    title = f"The low end goes to the middle below {below:.0f} Hz"
    yield insert_move(work, "low-end.mono", title, "corrective", Width(mono_below_hz=below), because, confidence=0.7)


def top_of_a_lacquer(work: Finishing) -> Iterator[Move]:
    """Cut the very top for a lacquer: a cutting head heats up by it."""
    hz = number("finishing.vinyl_top_hz").value
    if work.target != "vinyl" or hz >= 0.45 * work.measured.figures.sample_rate_hz:
        return
    why = Evidence(what="a lacquer was asked for", value=hz, unit="Hz", source="the person")
    yield Move(
        id="mastering.low-end.lacquer-top", task="mastering", title=f"For the lacquer nothing above {hz / 1000:.0f} kHz", where=HERE,
        change=BandChange(slot="corrective", band=Band(shape="low_pass", frequency_hz=hz)), because=(why,), confidence=0.7,
    )  # fmt: skip
