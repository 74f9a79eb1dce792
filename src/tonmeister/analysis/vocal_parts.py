"""How a second voice goes with the lead: together or in its pauses, on the same notes or on others."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.track_meter import TrackMeasurement

_LEAST_STEPS = 50
_SMOOTHED_STEPS = 30
_NEAR_STEPS = 50
_EIGHTH_STEPS = 12.5
_LEAST_EIGHTHS = 8


@dataclass(frozen=True, slots=True)
class Relation:
    """One voice against another."""

    overlap: float
    """Share of its own time in which the other sounds too."""
    together: float | None
    """Correlation of both levels while either sounds, within half a second of its own sound; None where they hardly meet."""
    same_notes: float | None
    """How alike the pitch classes are in the eighths of a second sung by both, 0..1 (median cosine); None where there are few."""


def relate_voices(
    lead: TrackMeasurement, other: TrackMeasurement, *, lead_start_s: float = 0.0, other_start_s: float = 0.0
) -> Relation:
    """Compare a voice with the lead, from what was measured on each."""
    active = [is_active(voice) for voice in (lead, other)]
    levels = [level_db(voice) for voice in (lead, other)]
    starts = [round(start * 100) for start in (lead_start_s, other_start_s)]
    sung, own = _same_length([_moved(a, start, False) for a, start in zip(active, starts, strict=True)])  # noqa: FBT003 - silence before the start
    lead_db, other_db = _same_length([_moved(v, start, -120.0) for v, start in zip(levels, starts, strict=True)])
    both = sung & own
    if both.sum() < _LEAST_STEPS:
        return Relation(float(both.sum() / max(own.sum(), 1)), None, None)
    near = np.convolve(own, np.ones(2 * _NEAR_STEPS + 1), "same")[: own.size] > 0.5
    either = (sung | own) & near  # a layer that is there in the chorus only is held against the chorus only
    floor = max(float(np.percentile(lead_db[both], 5)) - 20, -100.0)
    pair = np.maximum(lead_db[either], floor), np.maximum(other_db[either], floor)
    together = float(np.corrcoef(*pair)[0, 1]) if min(np.ptp(pair[0]), np.ptp(pair[1])) > 0 else 0.0
    notes = _same_notes(lead, other, both, eighths=(round(lead_start_s * 8), round(other_start_s * 8)))
    return Relation(float(both.sum() / own.sum()), together, notes)


def is_active(voice: TrackMeasurement) -> NDArray[np.bool_]:
    """Return (10 ms steps,) where a voice sounds."""
    threshold = voice.figures.levels.active_threshold_dbfs
    limit = 10 ** ((threshold if threshold is not None else 0.0) / 20)
    return np.asarray(voice.curves.rms_10ms > limit)


def level_db(voice: TrackMeasurement) -> NDArray[np.float64]:
    """Return (10 ms steps,) the level of a voice over 0.3 s: layers that are a little late go together all the same."""
    power = np.square(voice.curves.rms_10ms, dtype=np.float64)
    smooth = np.convolve(power, np.ones(_SMOOTHED_STEPS) / _SMOOTHED_STEPS, "same") if power.size else power
    return 10 * np.log10(np.maximum(smooth[: power.size], 1e-12))


def _same_notes(
    lead: TrackMeasurement, other: TrackMeasurement, both: NDArray[np.bool_], *, eighths: tuple[int, int]
) -> float | None:
    chroma = [_moved(v.curves.chroma_125ms, start, 0.0) for v, start in zip((lead, other), eighths, strict=True)]
    count = min(len(chroma[0]), len(chroma[1]), int(both.size / _EIGHTH_STEPS))
    first = (np.arange(count) * _EIGHTH_STEPS).astype(int)
    totals = np.concatenate([[0], np.cumsum(both)])
    sung = totals[np.minimum(first + 12, both.size)] - totals[first] > 9
    if sung.sum() < _LEAST_EIGHTHS:
        return None
    first_voice, second_voice = (np.sqrt(c[:count][sung].astype(np.float64)) for c in chroma)
    size = np.sqrt(np.square(first_voice).sum(axis=1) * np.square(second_voice).sum(axis=1))
    return float(np.median((first_voice * second_voice).sum(axis=1) / np.maximum(size, 1e-20)))


def _moved(curve: NDArray, steps: int, empty: float | bool) -> NDArray:  # type: ignore[type-arg]  # keeps the type of the curve
    """Return a curve on the song's time line."""
    if steps < 0:
        return curve[-steps:]
    pad = [(steps, 0)] + [(0, 0)] * (curve.ndim - 1)
    return np.pad(curve, pad, constant_values=empty)


def _same_length(curves: list[NDArray]) -> list[NDArray]:  # type: ignore[type-arg]  # keeps the types of the curves
    length = max(len(curve) for curve in curves)
    last = [False if curve.dtype == bool else -120.0 for curve in curves]
    return [np.pad(c, (0, length - len(c)), constant_values=v) for c, v in zip(curves, last, strict=True)]
