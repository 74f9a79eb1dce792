"""Sums over steps of 10 ms: the one pass over the samples from which levels, stereo, DC and hum are told."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numpy.typing import NDArray

from tonmeister.analysis.chunks import Chunk
from tonmeister.kernels import njit
from tonmeister.kernels.lanes import INT, LANES, Held, Row, inside_kernels, loop

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
        self._before[:] = chunk.samples[:, -1]

    def step(self, chunk: Chunk) -> Steps | None:
        """Return the steps of one chunk that follows what was taken so far; None if it holds NaN or infinity."""
        count = -(-chunk.samples.shape[1] * STEPS_PER_S // self._rate)
        values = np.zeros((count, 7), np.float32)
        slow = np.zeros(count * _SLOW_PER_STEP, np.float32)
        if chunk.silent and not self._before.any():
            return Steps(values, slow)
        left, right = chunk.samples[0], chunk.samples[-1]
        top = _step(left, right, self._before, self._rate, values, slow)
        return Steps(values, slow) if top < _INFINITY_BITS else None

    def all(self, rest: Steps | None = None) -> Steps:
        """Return all steps so far, and those of a last part of a second."""
        parts = [*self._parts, *([] if rest is None else [rest])]
        if not parts:
            return Steps(np.zeros((0, 7), np.float32), np.zeros(0, np.float32))
        return Steps(np.concatenate([p.values for p in parts]), np.concatenate([p.slow for p in parts]))


@inside_kernels
def _add_frames(_: Any, left: Any, right: Any, sums: Any, first: Any, last: Any) -> Any:
    """Add frames to the rows of `sums`, seven times eight lanes; return the sum of left plus right. There are 9 before `last`."""

    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        one, other, out = (
            Row(context, builder, kind, v) for kind, v in zip(signature.args[:3], values[:3], strict=True)
        )
        first, last, eight = values[3], values[4], ir.Constant(INT, LANES)
        places = [ir.Constant(INT, LANES * k) for k in range(7)]
        held, both = [Held(builder) for _ in places], Held(builder)
        for row, place in zip(held, places, strict=True):
            row.set(out.load(place))

        def add(at: Any, new: Any = None) -> None:
            x, y = (row.load(at) for row in (one, other))
            before = builder.sub(at, ir.Constant(INT, 1))
            up, down = x - one.load(before), y - other.load(before)
            if new is not None:
                x, y, up, down = (lanes.from_lane(new) for lanes in (x, y, up, down))
            held[0].set(held[0].get().larger_bits(x.magnitude()).larger_bits(y.magnitude()))
            more = (x * x, y * y, x * y, up * up + down * down, x, y, x + y)
            for row, lanes in zip((*held[1:], both), more, strict=True):
                row.set(row.get() + lanes)

        whole = builder.sdiv(builder.sub(last, first), eight)
        with loop(builder, whole) as turn:
            add(builder.add(first, builder.mul(turn.index, eight)))
        rest, end = builder.add(first, builder.mul(whole, eight)), builder.sub(last, eight)
        with builder.if_then(builder.icmp_signed("<", rest, last)):
            add(end, builder.sub(rest, end))
        for row, place in zip(held, places, strict=True):
            out.store(place, row.get())
        return both.get().total()

    return types.float32(left, right, sums, first, last), write


@njit(nogil=True, cache=True, fastmath={"contract", "nsz"})
def _step(
    left: NDArray[np.float32],
    right: NDArray[np.float32],
    before: NDArray[np.float32],
    rate: int,
    values: NDArray[np.float32],
    slow: NDArray[np.float32],
) -> int:
    """Fill the steps of two channels; return the largest magnitude as bits, which shows NaN and infinity too."""
    top, half = np.int32(0), np.float32(0.5)
    sums = np.empty((7, LANES), np.float32)
    flat, peaks = sums.ravel(), sums[0].view(np.int32)
    left_bits, right_bits = left.view(np.int32), right.view(np.int32)
    for step in range(values.shape[0]):
        sums[:] = 0
        for part in range(step * 20, step * 20 + 20):
            first, last = min(left.size, part * rate // 2000), min(left.size, (part + 1) * rate // 2000)
            alone = min(last, max(first, 1 if last > LANES else last))
            mean = _add_frames(left, right, flat, alone, last) if last > alone else np.float32(0)
            for i in range(first, alone):  # the very first frame, or the first few at a low rate
                x, y = left[i], right[i]
                up, down = (x - left[i - 1], y - right[i - 1]) if i > 0 else (x - before[0], y - before[1])
                peaks[0] = max(peaks[0], left_bits[i] & np.int32(0x7FFFFFFF), right_bits[i] & np.int32(0x7FFFFFFF))
                sums[1, 0] += x * x
                sums[2, 0] += y * y
                sums[3, 0] += x * y
                sums[4, 0] += up * up + down * down
                sums[5, 0] += x
                sums[6, 0] += y
                mean += x + y
            slow[part] = half * mean / np.float32(max(1, last - first))
        start, end = step * rate // 100, min(left.size, (step + 1) * rate // 100)
        peak = peaks.max()
        values[step, 0] = _as_float(peak)
        for column in range(1, 7):
            values[step, column] = sums[column].sum() / np.float32(end - start)
        values[step, 4] *= half
        top = max(top, peak)
    return int(top)


@njit(nogil=True, cache=True)
def _as_float(bits: np.int32) -> np.float32:
    """Return the float with these bits."""
    value: np.float32 = np.array([bits]).view(np.float32)[0]
    return value
