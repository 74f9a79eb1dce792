"""Clicks: single samples that stand out of everything around them, where no sound begins."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numpy.typing import NDArray

from tonmeister.analysis.chunks import Chunk
from tonmeister.kernels import njit
from tonmeister.kernels.lanes import INT, LANES, Held, Row, inside_kernels, loop

CELL_S = 0.001
"""Bends and heights of the wave are kept as their largest in each millisecond."""
STANDS_OUT = 6.0
"""A click bends the wave six times (15.6 dB) as sharply as anything within `AROUND_CELLS`."""
AROUND_CELLS = 20
"""So many milliseconds to either side must be quiet: a drum rings on, the edges of a pulse wave above 50 Hz repeat."""
LEAST_BEND = 0.003
"""A bend (second difference) below 0.3 % of full scale is no click that anybody hears."""
_KEPT = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Clicks:
    """The clicks of one track."""

    count: int
    """How many there are."""
    stands_out_db: float
    """Median of how far they stand out of what is around, in dB; 0 without any."""
    starts_s: tuple[float, ...]
    """Where they are, the first few thousand."""


class ClickMeter:
    """Collects the sharpest bend of the wave in each millisecond, from chunks of one second.

    The second difference is the simplest predictor of the next sample from its neighbours (Vaseghi 2008, chapter 13, finds
    impulsive noise in the residue of a predictor); it takes 12 dB per octave off the music and leaves a click whole.
    """

    def __init__(self, sample_rate_hz: int) -> None:
        self._rate = sample_rate_hz
        self._bends: list[NDArray[np.float32]] = []
        self._before: NDArray[np.float32] | None = None

    def take(self, chunk: Chunk) -> None:
        """Take the next second."""
        count = -(-chunk.samples.shape[1] * 1000 // self._rate)
        bends = np.zeros((count, 2), np.float32)
        if self._before is None:
            self._before = np.repeat(chunk.samples[[0, -1], :1], 2, axis=1)
        if not chunk.silent or self._before.any():
            _bend(chunk.samples[0], chunk.samples[-1], self._before, self._rate, bends)
        self._bends.append(bends)
        if chunk.samples.shape[1] > 1:
            self._before[:] = chunk.samples[[0, -1], -2:]

    def result(self) -> Clicks:
        """Return the clicks of everything taken so far."""
        bends = np.concatenate(self._bends) if self._bends else np.zeros((0, 2), np.float32)
        return find_clicks(bends)


def find_clicks(bends: NDArray[np.float32]) -> Clicks:
    """Return the clicks among the (milliseconds, 2) sharpest bends and largest heights."""
    found = np.empty((_KEPT, 2))
    count = _find(bends, found)
    kept = found[: min(count, _KEPT)]
    over = float(20 * np.log10(np.median(kept[:, 1]))) if count else 0.0
    return Clicks(count, over, tuple(float(cell) * CELL_S for cell in kept[:, 0]))


@inside_kernels
def _find_sharpest(_: Any, left: Any, right: Any, bends: Any, cell: Any, first: Any, last: Any) -> Any:
    """Fill the sharpest bend and the largest height of the frames from `first`, at least the third, to `last`, eight or more."""

    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        *rows, out = (Row(context, builder, kind, v) for kind, v in zip(signature.args[:3], values[:3], strict=True))
        cell, first, last = values[3:]
        eight, place = ir.Constant(INT, LANES), builder.add(cell, cell)
        bend, height = Held(builder), Held(builder)
        rounded = builder.add(builder.sub(last, first), ir.Constant(INT, LANES - 1))
        with loop(builder, builder.sdiv(rounded, eight)) as turn:
            wanted, end = builder.add(first, builder.mul(turn.index, eight)), builder.sub(last, eight)
            at = builder.select(builder.icmp_signed("<", wanted, end), wanted, end)  # the last eight may overlap
            for row in rows:
                here = row.load(at)
                one, two = (row.load(builder.sub(at, ir.Constant(INT, back))) for back in (1, 2))
                bend.set(bend.get().larger((two - one - one + here).magnitude()))
                height.set(height.get().larger(here.magnitude()))
        out.put(place, bend.get().largest())
        out.put(builder.add(place, ir.Constant(INT, 1)), height.get().largest())
        return context.get_dummy_value()

    return types.void(left, right, bends, cell, first, last), write


@njit(nogil=True, cache=True)
def _bend(
    left: NDArray[np.float32],
    right: NDArray[np.float32],
    before: NDArray[np.float32],
    rate: int,
    bends: NDArray[np.float32],
) -> None:
    """Fill each millisecond's sharpest bend and largest height (the height from the third sample on)."""
    for cell in range(bends.shape[0]):
        first, last = cell * rate // 1000, min(left.size, (cell + 1) * rate // 1000)
        alone = last if last - max(2, first) < LANES else max(2, first)
        if alone < last:
            _find_sharpest(left, right, bends, cell, alone, last)
        bend, height = bends[cell, 0], bends[cell, 1]
        for i in range(first, alone):
            for channel, signal in enumerate((left, right)):
                one = signal[i - 1] if i > 0 else before[channel, 1]
                two = signal[i - 2] if i > 1 else before[channel, i]
                bend = max(bend, abs(two - one - one + signal[i]))
                height = max(height, abs(signal[i]) if i > 1 else np.float32(0))
        bends[cell, 0], bends[cell, 1] = bend, height


@njit(nogil=True, cache=True)
def _find(bends: NDArray[np.float32], found: NDArray[np.float64]) -> int:
    """Fill (cell, times that it stands out) of each click; return how many there are.

    The cells beside the sharpest one may hold the rest of the click and count neither way. Where the wave is more than
    twice as high after it as before, a sound begins.
    """
    count, cells = 0, bends.shape[0]
    for cell in range(cells):
        bend = bends[cell, 0]
        if (
            bend < LEAST_BEND
            or (cell > 0 and bends[cell - 1, 0] > bend)
            or (cell + 1 < cells and bends[cell + 1, 0] >= bend)
        ):
            continue
        around, before, after = np.float32(0), np.float32(0), np.float32(0)
        for apart in range(2, 21):  # from the cell outwards: most are told apart from a click by what lies next to them
            for other in (cell - apart, cell + apart):
                if 0 <= other < cells:
                    around = max(around, bends[other, 0])
                    if other < cell:
                        before = max(before, bends[other, 1])
                    else:
                        after = max(after, bends[other, 1])
            if bend < 6.0 * around:
                break
        if bend >= 6.0 * around and after <= 2 * before + 1e-4:
            if count < found.shape[0]:
                found[count, 0], found[count, 1] = cell, bend / max(around, np.float32(1e-6))
            count += 1
    return count
