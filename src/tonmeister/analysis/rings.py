"""Narrow rings of a recording over time: whether a peak of the long-term spectrum is always there, or comes and goes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.analysis.fourier import rfft
from tonmeister.audio import Audio
from tonmeister.model import Db, Hz, Model, Share

STANDS_OUT_DB = 9.0
"""A bin so far over the median of half an octave around it stands out."""
_WINDOW_S = 0.17
_ACTIVE_DB = 30.0
_HALF_OCTAVE = 1.19
_NEAR_BINS = 2
"""So few that a peak of noise stands out in 2 % of the windows only."""
_TINY = 1e-16


class Ring(Model):
    """A narrow peak, followed over time."""

    frequency_hz: Hz
    """Where."""
    over_db: Db
    """How far it stands over half an octave around it while it stands out, median."""
    share: Share
    """Part of the active time in which it stands out."""
    ringing_dbfs: Db
    """Level of the narrow band while it stands out, as a sine's peak, median."""
    resting_dbfs: Db = Field(le=0)
    """Level of the narrow band for the rest of the active time, median."""


def follow_rings(audio: Audio, frequencies_hz: Sequence[float]) -> tuple[Ring, ...]:
    """Return what peaks at these frequencies do over time; those that never stand out are left out."""
    power = _spectra(audio)
    if not len(power):
        return ()
    bin_hz = audio.sample_rate_hz / (2 * (power.shape[1] - 1))
    total = power.sum(axis=1)
    active = power[total > total.max() * 10 ** (-_ACTIVE_DB / 10)]
    rings = (_follow(active, frequency, bin_hz) for frequency in frequencies_hz)
    return tuple(ring for ring in rings if ring is not None)


def _spectra(audio: Audio) -> NDArray[np.float64]:
    """Return (frames, bins) power spectra of the mean of the channels, half overlapping, of a sine's peak squared."""
    size = round(_WINDOW_S * audio.sample_rate_hz) // 2 * 2
    mono = audio.samples.mean(axis=0)
    if mono.size < size:
        return np.zeros((0, size // 2 + 1))
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(mono, size)[:: size // 2]
    spectra: NDArray[np.float64] = np.square(np.abs(rfft(frames * window)) * (2 / window.sum())).astype(np.float64)
    return spectra


def _follow(power: NDArray[np.float64], frequency_hz: float, bin_hz: float) -> Ring | None:
    low, high = int(frequency_hz / _HALF_OCTAVE / bin_hz), int(frequency_hz * _HALF_OCTAVE / bin_hz) + 2
    middle = round(frequency_hz / bin_hz)
    first, last = middle - _NEAR_BINS, middle + _NEAR_BINS + 1
    if high > power.shape[1] or first < 1 or not len(power):
        return None
    level = 10 * np.log10(power[:, low:high] + _TINY)
    peak = 10 * np.log10(power[:, first:last].max(axis=1) + _TINY)
    over = peak - np.median(level, axis=1)
    stands = over >= STANDS_OUT_DB
    if not stands.any():
        return None
    resting = peak[~stands] if (~stands).any() else peak - over
    return Ring(
        frequency_hz=round(frequency_hz, 1), over_db=round(float(np.median(over[stands])), 2), share=round(float(stands.mean()), 3),
        ringing_dbfs=round(float(np.median(peak[stands])), 2), resting_dbfs=round(min(0.0, float(np.median(resting))), 2),
    )  # fmt: skip
