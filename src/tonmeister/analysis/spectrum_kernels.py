"""Kernels between channels and lines, and between lines and what is kept of the spectra of their frames."""

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.power_transform import transform_power
from tonmeister.kernels import njit


@njit(nogil=True, cache=True)
def halve(
    left: NDArray[np.float32], right: NDArray[np.float32], mid: NDArray[np.float32], side: NDArray[np.float32]
) -> None:
    """Write half the sum and half the difference of the channels."""
    half = np.float32(0.5)
    for i in range(left.size):
        x, y = left[i], right[i]
        mid[i], side[i] = half * (x + y), half * (x - y)


@njit(nogil=True, cache=True, fastmath=True)
def _tell_shape(
    power: NDArray[np.float32], edges: NDArray[np.int64], bin_hz: np.float32, shape: NDArray[np.float32]
) -> None:
    """Fill a frame's shape: bins times sum of squares over squared sum in three ranges; octave and share of a line.

    A flat spectrum gives 1 (noise about 2), one line in n bins gives n / 2. The strongest line is placed between
    bins by a parabola through the logarithms around it, in octaves above 1 Hz.
    """
    whole = np.float32(0)
    for part in range(3):
        inside = power[edges[part] : edges[part + 1]]
        total, square = np.float32(0), np.float32(0)
        for k in range(inside.size):
            total += inside[k]
            square += inside[k] * inside[k]
        if total > 1e-15 and square > 0:
            shape[part] = inside.size * (square / total) / total
        whole += total
    tonal, highest, top = power[edges[0] : edges[2]], np.float32(0), edges[0]
    for k in range(tonal.size):
        highest = tonal[k] if tonal[k] > highest else highest  # noqa: FURB136 - max() keeps numba from vectors
    while top < edges[2] - 1 and power[top] < highest:
        top += 1
    around = power[top - 1] + power[top] + power[top + 1]
    if whole > 1e-15 and power[top - 1] > 0 and power[top + 1] > 0:
        before, here, after = np.log(power[top - 1]), np.log(power[top]), np.log(power[top + 1])
        bend = before - 2 * here + after
        shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
        shape[3] = np.log2((top + min(0.5, max(-0.5, shift))) * bin_hz)
        shape[4] = min(np.float32(1), around / whole)


@njit(nogil=True, cache=True, fastmath=True)
def add_power(
    line: NDArray[np.float32],
    hop: int,
    window: NDArray[np.float32],
    turns: NDArray[np.float32],
    work: NDArray[np.float32],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    first_weight: NDArray[np.float32],
    last_weight: NDArray[np.float32],
    total: NDArray[np.float64],
    paired: NDArray[np.float64],
    skip: int,
    bands: NDArray[np.float32],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    pitch_class: NDArray[np.int64],
    edges: NDArray[np.int64],
    bin_hz: np.float32,
    shape: NDArray[np.float32],
) -> None:
    """Add the power of each frame of a line to the total, of every fourth from `skip` on to `paired`; fill bands, chroma, shapes.

    There are as many frames as rows of bands; one begins `hop` samples after the other.
    """
    power = np.empty(total.size, np.float32)
    sums, pairs = np.zeros(power.size, np.float32), np.zeros(power.size, np.float32)
    lowest, highest = 0, pitch_class.size
    while lowest < pitch_class.size and pitch_class[lowest] < 0:
        lowest += 1
    while highest > lowest and pitch_class[highest - 1] < 0:
        highest -= 1
    start = low[lowest] if lowest < pitch_class.size else 0
    below = np.zeros(power.size + 1, np.float32)
    share = np.empty(pitch_class.size, np.float32)
    for k in range(lowest, highest):
        share[k] = np.float32(1.0) / np.float32(high[k] - low[k])
    for frame in range(bands.shape[0]):
        transform_power(line[frame * hop :], window, turns, work, power)
        for k in range(power.size):
            sums[k] += power[k]
        if frame >= skip and (frame - skip) % 4 == 0:
            for k in range(power.size):
                pairs[k] += power[k]
        for band in range(first.size):
            if last[band] >= first[band]:
                value = power[first[band]] * first_weight[band]
                for k in range(first[band] + 1, last[band]):
                    value += power[k]
                if last[band] > first[band]:
                    value += power[last[band]] * last_weight[band]
                bands[frame, band] = value
        if shape.size > 0:
            _tell_shape(power, edges, bin_hz, shape[frame])
        if highest == lowest or (frame - skip) % 2 != 0:
            continue
        for k in range(start, high[highest - 1]):
            below[k + 1] = below[k] + power[k]
        for k in range(lowest, highest):
            peak = power[k] - (below[high[k]] - below[low[k]]) * share[k]
            if peak > 0:
                bands[frame, first.size + pitch_class[k]] += peak
    for k in range(power.size):
        total[k] += sums[k]
        paired[k] += pairs[k]
