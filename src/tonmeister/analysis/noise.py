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
_LOW, _MIDDLE, _HIGH = 3, 10, 20
_NORMAL_GAP = 1.04  # between the third and the twentieth percentile of a normal distribution, in standard deviations
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
    low, middle, high = np.percentile(level, (_LOW, _MIDDLE, _HIGH), axis=0)
    gap = (high - low) / (_NORMAL_GAP * scatter)
    steady = (middle > LOWEST_BAND_DBFS) & (gap > _AS_NOISE[0]) & (gap < _AS_NOISE[1]) & (bins > _LEAST_BINS)
    density = middle + 1.28 * scatter - 10 * np.log10(np.maximum(bins, 1e-9))
    steady[1:] &= ~steady[:-1] | (np.abs(np.diff(density)) < SMOOTH_DB)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], steady, [False]]).astype(np.int8))).reshape(-1, 2)
    if not len(edges) or int(np.diff(edges, axis=1).max()) < LEAST_BANDS:
        return None
    first, last = edges[int(np.argmax(np.diff(edges, axis=1)))]
    mean = middle[first:last] + 1.28 * scatter[first:last]  # from the tenth percentile to the middle
    power = float((10 ** (mean / 10)).sum())
    return NoiseFloor(float(10 * np.log10(power)), float(ERB_CENTRES_HZ[first]), float(ERB_CENTRES_HZ[last - 1]))
