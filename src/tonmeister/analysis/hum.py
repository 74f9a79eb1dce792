"""Mains hum: steady lines at multiples of 50 or 60 Hz in the quietest parts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis import fourier
from tonmeister.analysis.steps import SLOW_PER_S

LINE_OVER_NEIGHBOURS_DB = 8.0
"""A line counts when it stands so far above the strongest bin 2 to 8 Hz beside it; noise alone reaches 3 dB at times,
and a loop's lines, a beat apart, are as strong as each other."""
LEAST_LINES = 2
"""So many lines of one series make a hum."""
STEADY_DB = 4.0
"""The level of a line of hum stays within so much over the quiet windows (tenth to ninetieth percentile)."""
_WINDOW_S, _HARMONICS = 2, 4


@dataclass(frozen=True, slots=True)
class Hum:
    """A hum that was found."""

    frequency_hz: float
    """50 or 60."""
    level_dbfs: float
    """RMS of its lines together."""
    lines: tuple[float, ...]
    """How far each multiple stands above its neighbours, in dB; 0 if it is not steady."""


def find_hum(slow: NDArray[np.float32]) -> Hum | None:
    """Return the stronger mains series in the quietest quarter of a slow signal (`Steps.slow`), or None.

    A held note of equal temperament meets one of the first four multiples of 50 and 60 Hz at most, and no note is there
    in all quiet windows.
    """
    size = _WINDOW_S * SLOW_PER_S
    if slow.size < 2 * size:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(slow, size)[:: size // 4]
    power = np.square(windows, dtype=np.float64).mean(axis=1)
    sounding = np.flatnonzero(power > 1e-14)  # -140 dBFS: not digital silence
    if sounding.size < 3:
        return None
    quiet = sounding[np.argsort(power[sounding], kind="stable")[: max(3, sounding.size // 4)]]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    spectra = fourier.rfft(windows[quiet] * hann)
    bins = np.square(np.abs(spectra)) * (2.0 / (size * np.square(hann).sum()))
    found = [hum for base in (50.0, 60.0) if (hum := _match(bins, base)) is not None]
    return max(found, key=lambda hum: hum.level_dbfs, default=None)


def _match(bins: NDArray[np.float64], base_hz: float) -> Hum | None:
    """Return the series of this fundamental if enough of its lines stand out in the median window."""
    lines, level = [], 0.0
    for harmonic in range(1, _HARMONICS + 1):
        centre = round(harmonic * base_hz * _WINDOW_S)
        line = bins[:, centre - 1 : centre + 2]
        beside = np.concatenate([bins[:, centre - 16 : centre - 3], bins[:, centre + 4 : centre + 17]], axis=1)
        over = 10 * np.log10(line.max(axis=1) / np.maximum(beside.max(axis=1), 1e-20))
        low, high = np.percentile(10 * np.log10(line.sum(axis=1) + 1e-20), (10, 90))
        lines.append(float(np.median(over)) if high - low <= STEADY_DB else 0.0)
        if lines[-1] >= LINE_OVER_NEIGHBOURS_DB:
            level += float(np.median(line.sum(axis=1)))
    if sum(line >= LINE_OVER_NEIGHBOURS_DB for line in lines) < LEAST_LINES:
        return None
    return Hum(base_hz, float(10 * np.log10(level)), tuple(lines))
