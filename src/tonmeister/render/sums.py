"""Sums over a fixed tree of additions, several of them in one pass.

Every addition rounds once to float32, exactly as if each node of the tree were computed alone: fusing changes no byte.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tonmeister.audio import Samples

MOST_LEAVES = 8
"""How many signals one pass adds up."""
_CHUNK = 1024
_JOIN = -1

Shape = int | tuple["Shape", "Shape"]
"""A tree of additions: the number of a leaf, or two trees to be added."""


class Summer:
    """Adds up blocks (2, frames) by a tree, each block times its gain first; None is silence."""

    def __init__(self, shape: Shape, gains: Sequence[float]) -> None:
        self._shape = shape
        self._gains = np.array(gains, np.float32)
        self._programs: dict[tuple[bool, ...], NDArray[np.int64]] = {}

    def add(self, blocks: Sequence[Samples | None]) -> Samples | None:
        """Return the sum; one of the blocks itself where the others are silent and its gain is 1."""
        present = tuple(block is not None for block in blocks)
        sounding = [block for block in blocks if block is not None]
        if not sounding:
            return None
        if len(sounding) == 1 and self._gains[present.index(True)] == 1:
            return sounding[0]
        if present not in self._programs:
            self._programs[present] = np.array(list(_compile(_pruned(self._shape, present))), np.int64)
        slots = [sounding[0] if block is None else block for block in blocks]
        slots += [sounding[0]] * (MOST_LEAVES - len(slots))
        out = np.empty_like(sounding[0])
        a, b, c, d, e, f, g, h = slots
        add_tree(a, b, c, d, e, f, g, h, self._gains, self._programs[present], out)
        return out


def leaves_of(shape: Shape) -> int:
    """Return how many leaves a tree has."""
    return 1 if isinstance(shape, int) else leaves_of(shape[0]) + leaves_of(shape[1])


def _pruned(shape: Shape, present: Sequence[bool]) -> Shape | None:
    """Leave silent leaves out: a sum with silence is the other signal."""
    if isinstance(shape, int):
        return shape if present[shape] else None
    first, second = _pruned(shape[0], present), _pruned(shape[1], present)
    if first is None or second is None:
        return first if second is None else second
    return first, second


def _compile(shape: Shape | None) -> Iterator[int]:
    """Give the operations of a stack: n lays leaf n on it, n + MOST_LEAVES adds leaf n to its top, -1 adds its upper two."""
    if shape is None:
        return
    if isinstance(shape, int):
        yield shape
        return
    first, second = shape if isinstance(shape[1], int) or not isinstance(shape[0], int) else (shape[1], shape[0])
    yield from _compile(first)
    if isinstance(second, int):
        yield second + MOST_LEAVES
    else:
        yield from _compile(second)
        yield _JOIN


@njit(nogil=True, cache=True)
def add_tree(
    a: Samples, b: Samples, c: Samples, d: Samples, e: Samples, f: Samples, g: Samples, h: Samples,
    gains: NDArray[np.float32], program: NDArray[np.int64], out: Samples,
) -> None:  # fmt: skip
    """Run the operations of a stack of 1,024 frames over eight signals (2, n); those that no operation names are not read."""
    stack = np.empty((MOST_LEAVES, _CHUNK), np.float32)
    zero, frames = np.float32(0), out.shape[1]
    for channel in range(out.shape[0]):
        for start in range(0, frames, _CHUNK):
            size = min(_CHUNK, frames - start)
            top = -1
            for n in range(program.size):
                code = program[n]
                if code == _JOIN:
                    top -= 1
                    lower, upper = stack[top], stack[top + 1]
                    for i in range(size):
                        lower[i] += upper[i]
                    continue
                leaf = code % MOST_LEAVES
                if leaf == 0:
                    x = a[channel, start : start + size]
                elif leaf == 1:
                    x = b[channel, start : start + size]
                elif leaf == 2:
                    x = c[channel, start : start + size]
                elif leaf == 3:
                    x = d[channel, start : start + size]
                elif leaf == 4:
                    x = e[channel, start : start + size]
                elif leaf == 5:
                    x = f[channel, start : start + size]
                elif leaf == 6:
                    x = g[channel, start : start + size]
                else:
                    x = h[channel, start : start + size]
                gain = gains[leaf]
                if code < MOST_LEAVES:
                    top += 1
                    here = stack[top]
                    if gain == 1:
                        here[:size] = x
                    else:
                        for i in range(size):
                            here[i] = x[i] * gain + zero
                elif gain == 1:
                    here = stack[top]
                    for i in range(size):
                        here[i] += x[i]
                else:
                    here = stack[top]
                    for i in range(size):
                        here[i] += x[i] * gain + zero
            out[channel, start : start + size] = stack[0, :size]
