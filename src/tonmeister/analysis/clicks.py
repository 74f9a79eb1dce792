"""Clicks: single samples that stand out of everything around them, where no sound begins."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tonmeister.analysis.chunks import Chunk

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
        before = np.repeat(chunk.samples[:, :1], 2, axis=1) if self._before is None else self._before
        if not chunk.silent or before.any():
            head = np.concatenate([before, chunk.samples[:, :2]], axis=1)
            two, one, here = head[:, :-2], head[:, 1:-1], head[:, 2:]
            bends[0, 0] = np.abs(two - one - one + here).max()
            _bend(chunk.samples[0], chunk.samples[-1], self._rate, bends)
        self._bends.append(bends)
        self._before = np.concatenate([before, chunk.samples[:, -2:]], axis=1)[:, -2:].copy()

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


@njit(nogil=True, cache=True, fastmath=True)
def _bend(left: NDArray[np.float32], right: NDArray[np.float32], rate: int, bends: NDArray[np.float32]) -> None:
    """Raise each millisecond's sharpest bend and largest height, from the third sample on.

    Twenty milliseconds are bent in one long loop that becomes vectors; numba's max() looks for NaN and would keep it from that.
    """
    count, cells, room = left.size, bends.shape[0], 20 * (rate // 1000 + 1)
    bent, height = np.empty(room, np.float32), np.empty(room, np.float32)
    for group in range(0, cells, 20):
        begin, stop = group * rate // 1000, min(cells, group + 20)
        skip = 2 if group == 0 else 0
        end = max(begin + skip, min(count, stop * rate // 1000))
        one, other = left[begin + skip - 2 : end], right[begin + skip - 2 : end]
        for i in range(one.size - 2):  # indices from 0 on: numba needs no test for negative ones
            a = abs(one[i] - one[i + 1] - one[i + 1] + one[i + 2])
            b = abs(other[i] - other[i + 1] - other[i + 1] + other[i + 2])
            bent[skip + i] = a if a > b else b  # noqa: FURB136 - this form vectorises in numba
            a, b = abs(one[i + 2]), abs(other[i + 2])
            height[skip + i] = a if a > b else b  # noqa: FURB136 - this form vectorises in numba
        for cell in range(group, stop):
            first, last = max(skip, cell * rate // 1000 - begin), min(count, (cell + 1) * rate // 1000) - begin
            up, high = bends[cell, 0], bends[cell, 1]
            while first + 16 <= last:
                for i in range(16):
                    a, b = bent[first + i], height[first + i]
                    up = a if a > up else up  # noqa: FURB136 - this form vectorises in numba
                    high = b if b > high else high  # noqa: FURB136 - this form vectorises in numba
                first += 16
            for i in range(first, last):
                a, b = bent[i], height[i]
                up = a if a > up else up  # noqa: FURB136 - this form vectorises in numba
                high = b if b > high else high  # noqa: FURB136 - this form vectorises in numba
            bends[cell, 0], bends[cell, 1] = up, high


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
