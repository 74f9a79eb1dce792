"""Peak and RMS levels in steps of 10 ms, activity, noise floor, crest, onsets."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.analysis.spans import Span
from tonmeister.analysis.steps import LEFT_POWER, PEAK, RIGHT_POWER, RISE_POWER, SLOW_PER_S, STEPS_PER_S
from tonmeister.model import Db, Hz, Model, Seconds, Share

ACTIVE_BELOW_LOUD_DB = 40.0
"""A step counts as active down to so far below the power-weighted mean power (unless noise lies higher)."""
ACTIVE_OVER_NOISE_DB = 8.0
"""A step counts as active from so far above the quietest steps on, but never less than 20 dB below the mean."""
LOWEST_ACTIVE_DBFS = -80.0
"""Nothing below counts as active."""
BRIDGE_S = 0.5
"""Shorter gaps between active parts are bridged: rests between notes belong to playing."""
ONSET_DB = 6.0
"""An onset is a rise of the pre-emphasised level by at least so much within 30 ms."""
_NOISE_ROOM_DB = 20.0
_TINY = 1e-16


class Levels(Model):
    """Levels of one track; None where nothing sounds.

    RMS is over all channels: the root of the mean power of the channels.
    """

    sample_peak_dbfs: Db | None = None
    """Largest sample of any channel."""
    active_rms_dbfs: Db | None = None
    """RMS over the active parts."""
    active_threshold_dbfs: Db | None = None
    """A 10 ms step above this level counts as active."""
    active_share: Share = 0.0
    """Active part of the whole length."""
    active_s: Seconds = Field(default=0.0, ge=0)
    """Active time in all."""
    active_spans: tuple[Span, ...] = ()
    """Where the track sounds; gaps under half a second are bridged."""
    noise_floor_dbfs: Db | None = None
    """RMS of the quietest parts outside the active ones; None when there is less than 1 s of them or they are empty."""
    noise_spread_db: Db | None = None
    """Ninetieth minus tenth percentile of the level there: hiss is steady, bleed and tails are not."""
    crest_db: Db | None = None
    """Sample peak minus active RMS."""
    transient_crest_db: Db | None = None
    """Median over the active 100 ms steps of peak minus RMS: how percussive the track is."""
    onset_rate_hz: Hz = Field(default=0.0, ge=0)
    """Onsets per second of active time."""
    level_fluctuation_db: Db | None = None
    """Standard deviation of the 400 ms RMS level within the active parts."""


@dataclass(frozen=True, slots=True, eq=False)
class LevelCurves:
    """Levels in steps of 10 ms."""

    peak: NDArray[np.float32]
    """(steps,) largest sample of any channel."""
    power: NDArray[np.float64]
    """(steps,) mean square of the channels."""
    onset_db: NDArray[np.float32]
    """(steps,) rise of the pre-emphasised level of 30 ms over the 30 ms before."""
    active: NDArray[np.bool_]
    """(steps,) within an active span."""


def measure_levels(steps: NDArray[np.float32], *, duration_s: float) -> tuple[Levels, LevelCurves]:
    """Return the levels told from `Steps.values`, (steps, 7)."""
    peak = np.ascontiguousarray(steps[:, PEAK])
    power = (steps[:, LEFT_POWER].astype(np.float64) + steps[:, RIGHT_POWER]) / 2
    threshold = _find_threshold(power)
    if threshold is None:
        nothing = np.zeros(len(steps), bool)
        return Levels(), LevelCurves(peak, power, np.zeros(len(steps), np.float32), nothing)
    active = _bridge(power > threshold)
    rise = steps[:, RISE_POWER].astype(np.float64)
    curves = LevelCurves(peak, power, rise_of_level(rise), active)
    rms = float(power[active].mean())
    floor_db, spread_db = _measure_floor(power, active)
    levels = Levels(
        sample_peak_dbfs=_db(float(peak.max()) ** 2),
        active_rms_dbfs=_db(rms),
        active_threshold_dbfs=_db(threshold),
        active_share=float(active.mean()),
        active_s=float(active.mean()) * duration_s,
        active_spans=_to_spans(active, duration_s),
        noise_floor_dbfs=floor_db,
        noise_spread_db=spread_db,
        crest_db=_db(float(peak.max()) ** 2) - _db(rms),
        transient_crest_db=_transient_crest(curves),
        onset_rate_hz=float(find_onsets(curves.onset_db)[active].sum() * STEPS_PER_S / active.sum()),
        level_fluctuation_db=_fluctuation(curves),
    )
    return levels, curves


def rise_of_level(power: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return (steps,) by how many dB the mean power of a step and the two after it exceeds that of the three before.

    A step 50 dB below the loud parts, or below -90 dBFS, counts as empty. 30 ms keep low notes from rippling.
    """
    if power.size == 0:
        return np.zeros(0, np.float32)
    least = max(1e-9, float(np.square(power).sum() / max(float(power.sum()), _TINY)) * 1e-5)
    padded = np.concatenate([np.zeros(3), power, np.repeat(power[-1:], 2)]) + least
    three = padded[:-2] + padded[1:-1] + padded[2:]
    rise = 10 * np.log10(three[3:] / three[:-3])
    onset: NDArray[np.float32] = np.maximum(rise, 0).astype(np.float32)
    return onset


def low_levels(slow: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (steps,) RMS in each 10 ms of `Steps.slow` smoothed over 6 ms: -3 dB at about 75 Hz, -13 dB at 200 Hz."""
    smooth = np.convolve(slow, np.ones(3, np.float32) / np.float32(3), "same") if slow.size else slow
    power = np.square(smooth, dtype=np.float64).reshape(-1, SLOW_PER_S // STEPS_PER_S).mean(axis=1)
    low: NDArray[np.float32] = np.sqrt(power).astype(np.float32)
    return low


def find_onsets(
    onset_db: NDArray[np.float32], *, least_db: float = ONSET_DB, apart_steps: int = 5
) -> NDArray[np.bool_]:
    """Return (steps,) where the rise is high enough and the highest within so many steps to either side."""
    found = np.zeros(onset_db.size, bool)
    high = np.flatnonzero(onset_db >= least_db)  # few are, so only those look around themselves
    padded = np.pad(onset_db, apart_steps, constant_values=-1)
    around = padded[high[:, None] + np.arange(2 * apart_steps + 1)]
    here = onset_db[high]
    earlier, later = around[:, :apart_steps], around[:, apart_steps + 1 :]
    found[high] = (here > earlier.max(axis=1, initial=-1)) & (here >= later.max(axis=1, initial=-1))
    return found


def _find_threshold(power: NDArray[np.float64]) -> float | None:
    """Return the power from which a step is active: below the loud parts, above the noise; None for silence."""
    sounding = power[power > _TINY]
    if sounding.size == 0:
        return None
    loud_db = _db(float(np.square(sounding).sum() / sounding.sum()))
    noise_db = _db(float(np.percentile(sounding, 5)))
    over_noise_db = min(noise_db + ACTIVE_OVER_NOISE_DB, loud_db - _NOISE_ROOM_DB)
    threshold_db = max(loud_db - ACTIVE_BELOW_LOUD_DB, over_noise_db, LOWEST_ACTIVE_DBFS)
    return float(10 ** (threshold_db / 10)) if _db(float(power.max())) > threshold_db else None


def _bridge(active: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the activity with short gaps closed."""
    start, end = _runs(~active).T
    short = (start > 0) & (end < active.size) & (end - start < BRIDGE_S * STEPS_PER_S)
    edges = np.zeros(active.size, np.int8)
    edges[start[short]], edges[end[short]] = 1, -1
    bridged: NDArray[np.bool_] = active | (np.cumsum(edges, dtype=np.int8) > 0)
    return bridged


def _runs(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return (runs, 2) start and end of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return edges.reshape(-1, 2)


def _to_spans(active: NDArray[np.bool_], duration_s: float) -> tuple[Span, ...]:
    return tuple(
        Span(start_s=start / STEPS_PER_S, end_s=min(end / STEPS_PER_S, duration_s)) for start, end in _runs(active)
    )


def _measure_floor(power: NDArray[np.float64], active: NDArray[np.bool_]) -> tuple[float | None, float | None]:
    """Return level and spread of the quiet parts, in blocks of 100 ms that keep 200 ms away from the active ones."""
    count = power.size // 10
    blocks = power[: count * 10].reshape(count, 10).mean(axis=1)
    busy = active[: count * 10].reshape(count, 10).any(axis=1)
    near = np.convolve(busy, np.ones(5), "same") > 0 if count >= 5 else busy
    quiet = blocks[~near & (blocks > _TINY)]
    if quiet.size < 10:
        return None, None
    low, middle, high = (_db(float(value)) for value in np.percentile(quiet, (10, 50, 90)))
    return middle if high - low < 3 else low, high - low


def _transient_crest(curves: LevelCurves) -> float | None:
    count = curves.power.size // 10
    if count == 0:
        return None
    power = curves.power[: count * 10].reshape(count, 10).mean(axis=1)
    peak = curves.peak[: count * 10].reshape(count, 10).max(axis=1).astype(np.float64)
    chosen = curves.active[: count * 10].reshape(count, 10).all(axis=1) & (power > _TINY)
    return float(np.median(10 * np.log10(peak[chosen] ** 2 / power[chosen]))) if chosen.any() else None


def _fluctuation(curves: LevelCurves) -> float | None:
    count = curves.power.size // 40
    power = curves.power[: count * 40].reshape(count, 40).mean(axis=1)
    chosen = curves.active[: count * 40].reshape(count, 40).all(axis=1) & (power > _TINY)
    return float(np.std(10 * np.log10(power[chosen]))) if chosen.sum() > 1 else None


def _db(power: float) -> float:
    return float(10 * np.log10(max(power, _TINY)))
