"""Sums over a fixed tree of additions, several of them in one pass.

Every addition rounds once to float32, exactly as if each node of the tree were computed alone: fusing changes no byte.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Samples
from tonmeister.kernels import njit

MOST_LEAVES = 8
"""How many signals one pass adds up."""
_CHUNK = 1024
_PLACE, _SEND, _ADD, _JOIN = 8, 16, 32, -1

Shape = int | tuple["Shape", "Shape"]
"""A tree of additions: the number of a leaf, or two trees to be added."""


@dataclass(frozen=True, slots=True)
class LeafGain:
    """What a signal is multiplied by on its way into a sum: as placed (None: it is placed already), then as sent."""

    left: float | None = None
    right: float | None = None
    send: float | None = None

    def then(self, other: "LeafGain") -> "LeafGain":
        """Return both, the other behind this one."""
        return LeafGain(self.left, self.right, other.send) if other.left is None else other


PLAIN = LeafGain()
"""As it is."""


class Summer:
    """Adds up blocks (1 or 2, frames) into two channels by a tree, each block times its gains first; None is silence."""

    def __init__(self, shape: Shape, gains: Sequence[LeafGain]) -> None:
        self._shape, self._leaves = shape, tuple(gains)
        rows = [(_one(gain.left), _one(gain.right), _one(gain.send)) for gain in gains]
        self._gains = np.array(rows, np.float32)
        self._programs: dict[tuple[bool, ...], NDArray[np.int64]] = {}

    def add(self, blocks: Sequence[Samples | None]) -> Samples | None:
        """Return the sum (2, frames); one of the blocks itself where the others are silent and it needs no gain."""
        present = tuple(block is not None for block in blocks)
        sounding = [block for block in blocks if block is not None]
        if not sounding:
            return None
        if len(sounding) == 1 and self._leaves[present.index(True)] == PLAIN:
            return sounding[0]
        if present not in self._programs:
            self._programs[present] = np.array(list(self._compile(_pruned(self._shape, present))), np.int64)
        slots = [sounding[0] if block is None else block for block in blocks]
        slots += [sounding[0]] * (MOST_LEAVES - len(slots))
        out = np.empty((2, sounding[0].shape[1]), np.float32)
        a, b, c, d, e, f, g, h = slots
        add_tree(a, b, c, d, e, f, g, h, self._gains, self._programs[present], out)
        return out

    def _compile(self, shape: Shape | None) -> Iterator[int]:
        """Give the operations of a stack: lay a leaf on it, add a leaf to its top, add its upper two."""
        if shape is None:
            return
        if isinstance(shape, int):
            yield shape + self._way(shape)
            return
        first, second = shape if isinstance(shape[1], int) or not isinstance(shape[0], int) else (shape[1], shape[0])
        yield from self._compile(first)
        if isinstance(second, int):
            yield second + self._way(second) + _ADD
        else:
            yield from self._compile(second)
            yield _JOIN

    def _way(self, leaf: int) -> int:
        gain = self._leaves[leaf]
        return (0 if gain.left is None else _PLACE) + (0 if gain.send is None else _SEND)


def _one(gain: float | None) -> float:
    return 1.0 if gain is None else gain


def shifted(shape: Shape, by: int) -> Shape:
    """Return a tree with its leaves numbered from another first one on."""
    return shape + by if isinstance(shape, int) else (shifted(shape[0], by), shifted(shape[1], by))


def _pruned(shape: Shape, present: Sequence[bool]) -> Shape | None:
    """Leave silent leaves out: a sum with silence is the other signal."""
    if isinstance(shape, int):
        return shape if present[shape] else None
    first, second = _pruned(shape[0], present), _pruned(shape[1], present)
    if first is None or second is None:
        return first if second is None else second
    return first, second


@njit(nogil=True, cache=True)
def add_tree(
    a: Samples, b: Samples, c: Samples, d: Samples, e: Samples, f: Samples, g: Samples, h: Samples,
    gains: NDArray[np.float32], program: NDArray[np.int64], out: Samples,
) -> None:  # fmt: skip
    """Run the operations of a stack of 1,024 frames over eight signals (1 or 2, n); write (2, n).

    gains holds a row of left, right and send for each; signals that no operation names are not read.
    """
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
                    block = a
                elif leaf == 1:
                    block = b
                elif leaf == 2:
                    block = c
                elif leaf == 3:
                    block = d
                elif leaf == 4:
                    block = e
                elif leaf == 5:
                    block = f
                elif leaf == 6:
                    block = g
                else:
                    block = h
                x = block[min(channel, block.shape[0] - 1), start : start + size]
                side, send = gains[leaf, channel], gains[leaf, 2]
                if code & _ADD == 0:
                    top += 1
                here = stack[top]
                if code & (_ADD | _PLACE | _SEND) == _ADD:
                    for i in range(size):
                        here[i] += x[i]
                elif code & (_ADD | _PLACE | _SEND) == _ADD | _PLACE:
                    for i in range(size):
                        here[i] += x[i] * side + zero
                elif code & (_ADD | _PLACE | _SEND) == _ADD | _SEND:
                    for i in range(size):
                        here[i] += x[i] * send + zero
                elif code & _ADD:
                    for i in range(size):
                        here[i] += (x[i] * side + zero) * send + zero
                elif code & _PLACE and code & _SEND:
                    for i in range(size):
                        here[i] = (x[i] * side + zero) * send + zero
                elif code & _PLACE:
                    for i in range(size):
                        here[i] = x[i] * side + zero
                elif code & _SEND:
                    for i in range(size):
                        here[i] = x[i] * send + zero
                else:
                    here[:size] = x
            out[channel, start : start + size] = stack[0, :size]
