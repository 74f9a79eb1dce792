"""Steady noise under the music: bands whose quiet frames vary as noise does, neither more (music) nor less (tones)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ, ERB_EDGES_HZ
from tonmeister.model import Hz

LEAST_BANDS = 6
"""So many neighbouring ERB bands with nearly the same density make a broad noise."""
SMOOTH_DB = 2.0
"""Densities of neighbouring bands of noise differ by less; those of notes differ by more."""
LOWEST_BAND_DBFS = -95.0
"""A floor below is that of 16 bits."""
_PERCENTILES = (1, 3, 7, 10, 20)
_QUIETEST = ((1, 3, 4, 1.04, 1.28), (0, 1, 2, 0.85, 1.88))
"""Three of them that noise alone sets where the music leaves it a fifth of the frames, or a fifteenth; between the outer two,
and from the middle one to the median, lie so many standard deviations of a normal distribution."""
_AS_NOISE = 0.5, 2.0
_LEAST_BINS = 5.0
_LEAST_FRAMES = 50


@dataclass(frozen=True, slots=True)
class NoiseFloor:
    """A steady noise."""

    level_dbfs: float
    """Its RMS in the bands in which it shows."""
    low_hz: Hz
    """Lowest frequency at which it shows."""
    high_hz: Hz
    """Highest frequency at which it shows."""


def find_noise_floor(bands: NDArray[np.float32], *, bin_hz: float) -> NoiseFloor | None:
    """Return the noise that is there all the time, from (frames, 40) ERB band powers of single spectra; None without one.

    Minimum statistics (Martin 2001) with a test: the level of noise in a band of n bins scatters by 4.34 / sqrt(n / 2) dB.
    """
    level = 10 * np.log10(bands.astype(np.float64) + 1e-14)
    level = level[level.max(axis=1) > -100]  # frames of digital silence say nothing
    if len(level) < _LEAST_FRAMES:
        return None
    bins = np.diff(ERB_EDGES_HZ) / bin_hz
    scatter = 4.34 / np.sqrt(bins / 2)
    levels = np.percentile(np.ascontiguousarray(level.T), _PERCENTILES, axis=1)
    first, last, mean = 0, 0, scatter
    for low, middle, high, apart, below in _QUIETEST:
        gap = (levels[high] - levels[low]) / (apart * scatter)
        steady = (
            (levels[middle] > LOWEST_BAND_DBFS) & (gap > _AS_NOISE[0]) & (gap < _AS_NOISE[1]) & (bins > _LEAST_BINS)
        )
        median = levels[middle] + below * scatter
        start, end = _widest(steady, median - 10 * np.log10(np.maximum(bins, 1e-9)))
        if end - start > last - first:
            first, last, mean = start, end, median
    if last - first < LEAST_BANDS:
        return None
    power = float((10 ** (mean[first:last] / 10)).sum())
    return NoiseFloor(float(10 * np.log10(power)), float(ERB_CENTRES_HZ[first]), float(ERB_CENTRES_HZ[last - 1]))


def _widest(steady: NDArray[np.bool_], density_db: NDArray[np.float64]) -> tuple[int, int]:
    """Return the first and last-but-one band of the longest run of steady bands of nearly the same density."""
    joined = steady.copy()
    joined[1:] &= ~steady[:-1] | (np.abs(np.diff(density_db)) < SMOOTH_DB)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], joined, [False]]).astype(np.int8))).reshape(-1, 2)
    if not len(edges):
        return 0, 0
    first, last = edges[int(np.argmax(np.diff(edges, axis=1)))]
    return int(first), int(last)
