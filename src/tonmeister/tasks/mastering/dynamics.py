"""Gentle dynamics for a finished file, only where measured: a range that is too wide, a low end that swings."""

from collections.abc import Iterator

import numpy as np

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.document.move import Move
from tonmeister.knowledge import number
from tonmeister.processing import Compressor, DynamicBand, DynamicEqualiser
from tonmeister.tasks.mastering.finishing import Finishing, insert_move
from tonmeister.tasks.work import evidence

_CREST_OF_LOWS_DB = 6.0
"""Peak of a bass note over its RMS, about."""


def propose(work: Finishing) -> Iterator[Move]:
    """Compress a whole whose range is too wide, and hold a low end that swings; a finished master is left as it is."""
    if work.is_finished:
        return
    yield from _range(work)
    yield from _low_swing(work)


def _range(work: Finishing) -> Iterator[Move]:
    range_lu = work.portrait.range_lu or 0.0
    if range_lu <= number("finishing.range_most_lu").value or work.budget.name == "transparent":
        return
    settings = Compressor(
        threshold_db=round(float(np.clip(work.loud_db - 3, -60, -1)), 1), ratio=number("mastering.bus_ratio").value, knee_db=12,
        attack_ms=60, release_ms=600, detector="rms", rms_window_ms=50,
    )  # fmt: skip
    because = (evidence("loudness range", range_lu, against="finishing.range_most_lu"),)
    yield insert_move(work, "dynamics.range", "The range is very wide: held gently", "dynamics", settings, because)


def low_swing_db(work: Finishing) -> tuple[float, float]:
    """Return by how much the low band swings against the middle over the loud half seconds, and the level of its loud ones in dBFS."""
    power = work.measured.curves.erb_power.astype(np.float64)
    low = power[:, ERB_CENTRES_HZ < 150].sum(axis=1)
    middle = power[:, (ERB_CENTRES_HZ > 300) & (ERB_CENTRES_HZ < 2000)].sum(axis=1)
    total = power.sum(axis=1)
    loud = (total > 0.1 * total.mean()) & (middle > 0) & (low > 0.02 * max(float(low.mean()), 1e-12))
    if loud.sum() < 8:
        return 0.0, -60.0
    ratio_db = 10 * np.log10(low[loud] / middle[loud])
    level = float(10 * np.log10(np.percentile(low[loud], 80)))
    return float(np.subtract(*np.percentile(ratio_db, [90, 10]))), level


def _low_swing(work: Finishing) -> Iterator[Move]:
    swing, level = low_swing_db(work)
    if swing <= number("finishing.low_swing_db").value:
        return
    band = DynamicBand(
        shape="low_shelf", frequency_hz=110, q=0.7, threshold_db=round(float(np.clip(level + _CREST_OF_LOWS_DB, -80, 0)), 1),
        ratio=2.0, range_db=-3.0, attack_ms=30, release_ms=200,
    )  # fmt: skip
    because = (evidence("swing of the low band against the middle", round(swing, 1), against="finishing.low_swing_db"),)
    yield insert_move(
        work, "dynamics.low", "The low end swings: the low band alone is held", "dynamics", DynamicEqualiser(bands=(band,)), because
    )  # fmt: skip
