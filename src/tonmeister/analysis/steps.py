"""Sums over steps of 10 ms: the one pass over the samples from which levels, stereo, DC and hum are told."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tonmeister.analysis.chunks import Chunk

STEPS_PER_S = 100
SLOW_PER_S = 2000
"""Rate of the slow signal: means of half a millisecond of the mono sum."""
_SLOW_PER_STEP = SLOW_PER_S // STEPS_PER_S
PEAK, LEFT_POWER, RIGHT_POWER, PRODUCT, RISE_POWER, LEFT_MEAN, RIGHT_MEAN = range(7)
"""Columns of `Steps.values`: largest sample, mean squares, mean of left times right, mean square of the difference of
neighbouring samples (both channels averaged), mean values. Right repeats left for a mono track."""
_INFINITY_BITS = 0x7F800000


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Sums over 10 ms steps of a stretch of signal."""

    values: NDArray[np.float32]
    """(steps, 7), columns as named above; the last step may be shorter than 10 ms."""
    slow: NDArray[np.float32]
    """(steps * 20,) mean of the mono sum in each half millisecond."""


class StepMeter:
    """Collects the 10 ms steps of one track."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._rate = sample_rate_hz
        self._parts: list[Steps] = []
        self._before = np.zeros(2, np.float32)

    def keep(self, chunk: Chunk, steps: Steps) -> None:
        """Keep the steps of a whole second; the next ones follow it."""
        self._parts.append(steps)
        self._before = np.resize(chunk.samples[:, -1], 2)

    def step(self, chunk: Chunk) -> Steps | None:
        """Return the steps of one chunk that follows what was taken so far; None if it holds NaN or infinity."""
        count = -(-chunk.samples.shape[1] * STEPS_PER_S // self._rate)
        values = np.zeros((count, 7), np.float32)
        slow = np.zeros(count * _SLOW_PER_STEP, np.float32)
        if chunk.silent and not self._before.any():
            return Steps(values, slow)
        left, right = chunk.samples[0], chunk.samples[-1]
        bits = left.view(np.int32), right.view(np.int32)
        top = _step(left, right, *bits, self._before, self._rate, values, slow)
        return Steps(values, slow) if top < _INFINITY_BITS else None

    def all(self, rest: Steps | None = None) -> Steps:
        """Return all steps so far, and those of a last part of a second."""
        parts = [*self._parts, *([] if rest is None else [rest])]
        if not parts:
            return Steps(np.zeros((0, 7), np.float32), np.zeros(0, np.float32))
        return Steps(np.concatenate([p.values for p in parts]), np.concatenate([p.slow for p in parts]))


@njit(nogil=True, cache=True, fastmath=True)
def _step(
    left: NDArray[np.float32],
    right: NDArray[np.float32],
    left_bits: NDArray[np.int32],
    right_bits: NDArray[np.int32],
    before: NDArray[np.float32],
    rate: int,
    values: NDArray[np.float32],
    slow: NDArray[np.float32],
) -> int:
    """Fill the steps of two channels; return the largest magnitude as bits, which shows NaN and infinity too.

    Long loops without max() become vectors; the short ones over half milliseconds read sums made by the long one.
    """
    top, half = np.int32(0), np.float32(0.5)
    before_left, before_right = before[0], before[1]
    both = np.empty(rate // 100 + 1, np.float32)
    for step in range(values.shape[0]):
        first, last = step * rate // 100, min(left.size, (step + 1) * rate // 100)
        one, other, size = left[first:last], right[first:last], last - first
        one_bits, other_bits = left_bits[first:last], right_bits[first:last]
        peak, power_left, power_right = np.int32(0), np.float32(0), np.float32(0)
        product, total_left, total_right = np.float32(0), np.float32(0), np.float32(0)
        for i in range(size):
            x, y = one[i], other[i]
            a, b = one_bits[i] & np.int32(0x7FFFFFFF), other_bits[i] & np.int32(0x7FFFFFFF)
            larger = a if a > b else b  # noqa: FURB136 - this form vectorises in numba
            peak = larger if larger > peak else peak  # noqa: FURB136 - this form vectorises in numba
            power_left += x * x
            power_right += y * y
            product += x * y
            total_left += x
            total_right += y
            both[i] = x + y
        x, y = one[0] - before_left, other[0] - before_right
        rise = x * x + y * y
        for i in range(size - 1):
            x, y = one[i + 1] - one[i], other[i + 1] - other[i]
            rise += x * x + y * y
        before_left, before_right = one[size - 1], other[size - 1]
        for part in range(20):
            start = min(last, (step * 20 + part) * rate // 2000) - first
            end = min(last, (step * 20 + part + 1) * rate // 2000) - first
            mean = np.float32(0)
            for i in range(start, end):
                mean += both[i]
            slow[step * 20 + part] = half * mean / np.float32(max(1, end - start))
        count = np.float32(size)
        values[step, 0], values[step, 3], values[step, 4] = _as_float(peak), product / count, half * rise / count
        values[step, 1], values[step, 2] = power_left / count, power_right / count
        values[step, 5], values[step, 6] = total_left / count, total_right / count
        top = max(top, peak)
    return int(top)


@njit(nogil=True, cache=True)
def _as_float(bits: np.int32) -> np.float32:
    """Return the float with these bits."""
    value: np.float32 = np.array([bits]).view(np.float32)[0]
    return value
