"""Harm that processing can do, told from two measurements of the same stretch of a song: before and after."""

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import THIRD_OCTAVE_CENTRES_HZ
from tonmeister.analysis.levels import find_onsets
from tonmeister.analysis.stereo import WIDTH_EDGES_HZ
from tonmeister.analysis.track_meter import TrackCurves, TrackFigures, TrackMeasurement

_TOP_HZ = (6300.0, 16_000.0)
_MIDDLE_HZ = (250.0, 2500.0)
_HELD_DB = 0.2
_STRONG_DB = 9.0
_NEAR_STEPS = 2
_LEAST_ONSETS = 8
_LEAST_BEATS = 8
_AUDIBLE_BELOW_DB = 30.0


def crest_db(measured: TrackMeasurement) -> float | None:
    """Return the peaks that only one 10 ms in a thousand exceeds, over the integrated loudness; None for silence."""
    lufs, peaks = measured.figures.loudness.integrated_lufs, measured.curves.peak_10ms
    if lufs is None or not peaks.size:
        return None
    return float(20 * np.log10(max(float(np.percentile(peaks, 99.9)), 1e-9)) - lufs)


def held_share(curves: TrackCurves) -> float:
    """Return the share of the 10 ms whose peak stands within 0.2 dB of the highest: a limiter holds them there."""
    peaks = curves.peak_10ms
    if not peaks.size or peaks.max() <= 0:
        return 0.0
    return float((peaks > peaks.max() * 10 ** (-_HELD_DB / 20)).mean())


def pumping_db(reduction_100ms_db: NDArray[np.float64], beats_s: NDArray[np.float64]) -> float | None:
    """Return how far a gain swings in the mean beat; None without enough beats.

    The beat is folded into as many parts as 100 ms fit; what has nothing to do with it averages out.
    """
    if beats_s.size <= _LEAST_BEATS or reduction_100ms_db.size < 2:
        return None
    time_s = (np.arange(reduction_100ms_db.size) + 0.5) / 10
    place = np.interp(time_s, beats_s, np.arange(beats_s.size), left=-1, right=-1)
    inside = place >= 0
    parts = max(2, int(np.median(np.diff(beats_s)) * 10))
    part = np.minimum(((place % 1) * parts).astype(int), parts - 1)
    means = [reduction_100ms_db[inside & (part == k)] for k in range(parts)]
    folded = [float(values.mean()) for values in means if values.size]
    return max(folded) - min(folded) if folded else None


def mono_losses_db(measured: TrackMeasurement) -> tuple[float, float] | None:
    """Return what is lost when both channels are summed: of the whole, K-weighted, and of the band that loses most.

    A band more than 30 dB under the loudest does not count. None for mono or silence.
    """
    widths = measured.figures.stereo.width_by_band
    power = 10 ** (measured.curves.third_octave_db.astype(np.float64) / 10)
    if not widths or not power.sum() > 0:
        return None
    edges = np.array(WIDTH_EDGES_HZ)
    band = np.clip(np.searchsorted(edges, THIRD_OCTAVE_CENTRES_HZ, side="right") - 1, 0, len(widths) - 1)
    kept = 1 - np.array([width if width is not None else 0.0 for width in widths])
    weighted = power * _k_weight(THIRD_OCTAVE_CENTRES_HZ)
    whole = -10 * np.log10(max(float((weighted * kept[band]).sum() / weighted.sum()), 1e-6))
    sums = np.array([weighted[band == k].sum() for k in range(len(widths))])
    heard = sums > sums.max() * 10 ** (-_AUDIBLE_BELOW_DB / 10)
    return float(whole), float(-10 * np.log10(max(float(kept[heard].min()), 1e-6)))


def transient_loss_db(before: TrackCurves, after: TrackCurves) -> float | None:
    """Return by how much the strong onsets rise less than before, median; None where there are few."""
    strong = np.flatnonzero(find_onsets(before.onset_10ms, least_db=_STRONG_DB))
    reach = min(before.onset_10ms.size, after.onset_10ms.size)
    strong = strong[strong < reach]
    if strong.size < _LEAST_ONSETS:
        return None
    around = np.clip(strong[:, None] + np.arange(-_NEAR_STEPS, _NEAR_STEPS + 1), 0, reach - 1)
    return float(np.median(before.onset_10ms[strong] - after.onset_10ms[around].max(axis=1)))


def top_loss_db(before: TrackCurves, after: TrackCurves) -> float:
    """Return by how much the top octave and a half fell against the middle."""
    return _top_db(before) - _top_db(after)


def clipped_samples(figures: TrackFigures) -> int:
    """Return how many samples stand in flat tops at full scale."""
    return sum(fault.count for fault in figures.faults if fault.kind == "clipping")


def _top_db(curves: TrackCurves) -> float:
    power = 10 ** (curves.third_octave_db.astype(np.float64) / 10)
    top, middle = (
        power[(low <= THIRD_OCTAVE_CENTRES_HZ) & (high >= THIRD_OCTAVE_CENTRES_HZ)].sum()
        for low, high in (_TOP_HZ, _MIDDLE_HZ)
    )
    return float(10 * np.log10(max(float(top), 1e-20) / max(float(middle), 1e-20)))


def _k_weight(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return K-weighting as a power, analogue form."""
    f2 = np.square(hz)
    high_pass = np.square(f2 / (f2 + 38.1**2))
    return np.asarray(high_pass * (1 + 1.585 * (f2 / 1682.0**2) ** 1.5) / (1 + (f2 / 1682.0**2) ** 1.5))
