"""Frequency bands: third octaves, ERB bands, and the weights that sum spectrum bins into them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ERB_BANDS = 40
"""Number of ERB bands, each one Cam wide, from Cam 1 (26 Hz) to Cam 41 (19 kHz)."""
THIRD_OCTAVE_CENTRES_HZ: NDArray[np.float64] = 1000.0 * 10 ** (np.arange(-17, 14) / 10)
"""The 31 exact base-ten third-octave centres from 20 Hz to 20 kHz (IEC 61260-1)."""
THIRD_OCTAVE_EDGES_HZ: NDArray[np.float64] = 1000.0 * 10 ** ((np.arange(-17, 15) - 0.5) / 10)
"""The 32 edges between and around them."""


def to_cam(frequency_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the number of ERBs below a frequency (Glasberg and Moore 1990, eq. 4)."""
    cam: NDArray[np.float64] = 21.4 * np.log10(0.00437 * frequency_hz + 1)
    return cam


def from_cam(cam: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the frequency in Hz below which lie this many ERBs."""
    frequency: NDArray[np.float64] = (10 ** (cam / 21.4) - 1) / 0.00437
    return frequency


ERB_EDGES_HZ: NDArray[np.float64] = from_cam(np.arange(1, ERB_BANDS + 2).astype(np.float64))
"""The 41 edges of the ERB bands."""
ERB_CENTRES_HZ: NDArray[np.float64] = from_cam((np.arange(ERB_BANDS) + 1.5).astype(np.float64))
"""Their centres on the Cam scale."""


@dataclass(frozen=True, slots=True, eq=False)
class BinRanges:
    """Which bins of a spectrum belong to which band; a bin that an edge cuts is shared."""

    first: NDArray[np.int64]
    """First bin of each band."""
    last: NDArray[np.int64]
    """Last bin of each band, included; less than first for a band above half the sample rate."""
    first_weight: NDArray[np.float32]
    """Part of the first bin that counts."""
    last_weight: NDArray[np.float32]
    """Part of the last bin that counts; unused when it is the first bin."""


def share_bins(edges_hz: NDArray[np.float64], *, bin_hz: float, bins: int) -> BinRanges:
    """Return which part of which bin belongs to each band; bin k reaches from (k - 0.5) to (k + 0.5) bin_hz."""
    position = np.minimum(edges_hz / bin_hz + 0.5, bins)
    low, high = position[:-1], position[1:]
    first = np.minimum(np.floor(low).astype(np.int64), bins - 1)
    last = np.maximum(np.ceil(high).astype(np.int64) - 1, first)
    one = first == last
    first_weight = np.where(one, high - low, first + 1 - low)
    last = np.where(high > low, last, first - 1)
    return BinRanges(first, last, first_weight.astype(np.float32), (high - last).astype(np.float32))


def sum_bins(power: NDArray[np.float64], ranges: BinRanges) -> NDArray[np.float64]:
    """Return (bands,) the power in each band of one spectrum."""
    out = np.zeros(ranges.first.size)
    for band, (first, last) in enumerate(zip(ranges.first, ranges.last, strict=True)):
        if last >= first:
            out[band] = power[first] * ranges.first_weight[band] + power[first + 1 : last].sum()
            out[band] += power[last] * ranges.last_weight[band] if last > first else 0.0
    return out
