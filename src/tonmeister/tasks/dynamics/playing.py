"""How a track moves while it plays, from its steps of 10 ms."""

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.energy_steps import loudest_span_s
from tonmeister.document.facts import TrackFacts
from tonmeister.tasks.prediction import level_10ms_db

_SYLLABLE_STEPS = 5
_PHRASE_STEPS = 40
_TINY = 1e-14


def active_levels_db(track: TrackFacts, *, trim_db: float) -> NDArray[np.float64]:
    """Return the 10 ms levels of the active parts, in dBFS."""
    level = level_10ms_db(track, trim_db=trim_db)
    threshold = track.figures.levels.active_threshold_dbfs
    active = level[level > (threshold if threshold is not None else -60.0) + trim_db]
    return active if active.size else level


def overshoot_db(track: TrackFacts) -> float:
    """Return how far the loudest 5 % of the syllables (50 ms) stand over the level around them (400 ms)."""
    power, active = _power(track)
    if not active.any():
        return 0.0
    ratio = _mean(power, _SYLLABLE_STEPS)[active] / np.maximum(_mean(power, _PHRASE_STEPS)[active], _TINY)
    return float(10 * np.log10(max(np.percentile(ratio, 95), _TINY)))


def syllable_levels_db(track: TrackFacts, *, loudest_s: float | None = None) -> NDArray[np.float64]:
    """Return the 50 ms levels of the active parts, in dBFS RMS of the source; of its loudest seconds only, if asked."""
    power, active = _power(track)
    if loudest_s is not None:
        start, end = loudest_span_s(track.curves.energies_100ms, length_s=loudest_s)
        active &= (np.arange(active.size) >= start * 100) & (np.arange(active.size) < end * 100)
    found: NDArray[np.float64] = 10 * np.log10(np.maximum(_mean(power, _SYLLABLE_STEPS)[active], _TINY))
    return found


def spread_db(levels_db: NDArray[np.float64]) -> float:
    """Return how far the loud (95th percentile) stand over the quiet (20th): details below are hard to hear."""
    if levels_db.size < 2:
        return 0.0
    quiet, loud = np.percentile(levels_db, (20, 95))
    return float(loud - quiet)


def _power(track: TrackFacts) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    power = np.square(track.curves.rms_10ms, dtype=np.float64)
    threshold = track.figures.levels.active_threshold_dbfs
    return power, power > 10 ** ((threshold if threshold is not None else -60.0) / 10)


def _mean(power: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
    return np.convolve(power, np.ones(steps) / steps, "same") if power.size >= steps else power
