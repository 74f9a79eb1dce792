"""Biquads in series, the fast way: four sections of both channels side by side, float64 state and sums.

Four sections in series are eight numbers that can be worked out at once if each section is one sample later than the one before it: at each
step the first takes the next sample, and every other what the one before it gave a step ago. Every sample of every section goes
through the same operations in the same order wherever a block is cut, so cuts never change a byte. State below 1e-20
(-400 dB) is set to zero on a grid of absolute frames: no denormals, however long the silence.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types

from tonmeister.audio import Samples
from tonmeister.kernels import njit
from tonmeister.kernels.lanes import INT, OCTET, PAIR, Held, Lanes, Row, inside_kernels, loop, nothing
from tonmeister.processing.filter_design import Floats

CHUNK = 1024
"""Frames that a chunk holds at most; 16 KiB of float64 stereo stay in the first-level cache."""
TOGETHER = 4
"""Sections that are worked out side by side, for both channels."""
_ROOM = 2 * TOGETHER
"""Frames before and after a chunk that the first and last steps read and write in vain."""
_SILENT = 1e-20


class BiquadStream:
    """Biquads in series at work on one signal."""

    latency_frames = 0

    def __init__(self, sections: Floats) -> None:
        """Take sections (sections, 5): b0, b1, b2, a1, a2 in the order in which they run."""
        groups = -(-len(sections) // TOGETHER)
        whole = np.zeros((groups * TOGETHER, 5))
        whole[:, 0] = 1.0  # what fills the last group up changes nothing
        whole[: len(sections)] = sections
        whole[:, 3:] *= -1
        side_by_side = whole.reshape(groups, TOGETHER, 5).transpose(0, 2, 1)
        self._factors = np.ascontiguousarray(side_by_side.repeat(2, axis=2)).ravel()
        self._state = np.zeros(groups * 4 * TOGETHER)
        self._frame = 0

    def process(self, block: Samples) -> Samples:
        """Return the block (1 or 2, frames), filtered."""
        out = np.empty_like(block)
        _run(block, out, self._factors, self._state, self._frame)
        self._frame += block.shape[1]
        return out


def decay_frames(sections: Floats, *, lowest: float = 1e-5) -> int:
    """Return after how many frames the slowest pole has fallen by 100 dB (`lowest`), at most ten seconds at 192 kHz."""
    half, product = sections[:, 3] / 2, sections[:, 4]
    beyond = half * half - product
    real_pair = np.abs(half) + np.sqrt(np.maximum(beyond, 0))
    radius = float(np.max(np.where(beyond > 0, real_pair, np.sqrt(np.abs(product))), initial=1e-9))
    return int(min(10 * 192_000, np.ceil(np.log(lowest) / np.log(min(radius, 1 - 1e-9))) + 2))


def _side_by_side(groups: int) -> Any:
    """Return what runs one or two groups of sections over a chunk, in place, in transposed direct form II."""
    lag = groups * TOGETHER - 1

    @inside_kernels
    def run(_: Any, sound: Any, size: Any, factors: Any, state: Any, group: Any) -> Any:
        def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            rows = zip((0, 2, 3), (PAIR, OCTET, OCTET), strict=True)
            pairs, factor, kept = (Row(context, builder, signature.args[k], values[k], kind) for k, kind in rows)
            wave = _Wave(builder, pairs, (factor, kept), values[1], values[4], groups)
            head = builder.select(
                builder.icmp_signed("<", values[1], ir.Constant(INT, lag)), values[1], ir.Constant(INT, lag)
            )
            with loop(builder, head) as turn:
                wave.step(turn.index, partly=True)
            with loop(builder, builder.sub(values[1], head)) as turn:
                wave.step(builder.add(turn.index, head), partly=False)
            with loop(builder, ir.Constant(INT, lag)) as turn:
                wave.step(builder.add(turn.index, values[1]), partly=True)
            wave.keep()
            return context.get_dummy_value()

        return types.void(sound, size, factors, state, group), write

    return run


class _Wave:
    """Sections at work one sample apart, in a kernel that is being written."""

    def __init__(self, builder: Any, pairs: Row, rows: tuple[Row, Row], size: Any, first: Any, groups: int) -> None:
        self._builder, self._pairs, self._size, self._groups = builder, pairs, size, groups
        (factor, self._kept), self._places = rows, []
        self._factors, self._held = [], []
        for group in range(groups):
            number = builder.add(first, ir.Constant(INT, group))
            at = builder.mul(number, ir.Constant(INT, 5 * 8))
            self._factors.append([factor.load(builder.add(at, ir.Constant(INT, 8 * k))) for k in range(5)])
            at = builder.mul(number, ir.Constant(INT, 2 * 8))
            self._places.append([at, builder.add(at, ir.Constant(INT, 8))])
            state = [Held(builder, self._kept.load(place)) for place in self._places[-1]]
            self._held.append([Held(builder, nothing(builder, OCTET)), *state])

    def step(self, number: Any, *, partly: bool) -> None:
        """Let each section take one sample; `partly` where some have none yet, or none any more."""
        entering = self._pairs.load(self._pair(number, _ROOM)).widen()
        for group, ((b0, b1, b2, a1, a2), (given, one, two)) in enumerate(zip(self._factors, self._held, strict=True)):
            before = given.get()
            sound = entering.shuffle(before, [0, 1, *range(8, 14)])
            entering = before.shuffle(before, [6, 7, *range(6)])
            out = b0 * sound + one.get()
            news = [a1 * out + (b1 * sound + two.get()), a2 * out + b2.times(sound)]
            for held, new in zip((one, two), news, strict=True):
                held.set(self._where_at_work(number, group, new, held.get()) if partly else new)
            given.set(out)
        last = self._held[-1][0].get()
        self._pairs.store(self._pair(number, _ROOM + 1 - self._groups * TOGETHER), last.narrow(3))

    def keep(self) -> None:
        """Write the state back."""
        for places, (_, *state) in zip(self._places, self._held, strict=True):
            for place, held in zip(places, state, strict=True):
                self._kept.store(place, held.get())

    def _pair(self, number: Any, further: int) -> Any:
        at = self._builder.add(number, ir.Constant(INT, further))
        return self._builder.add(at, at)

    def _where_at_work(self, number: Any, group: int, new: Lanes, old: Lanes) -> Lanes:
        late = [group * TOGETHER + lane // 2 for lane in range(8)]
        return new.where_within(number, late, self._size, old)


_run_one, _run_two = _side_by_side(1), _side_by_side(2)


@njit(nogil=True, cache=True, fastmath={"contract", "nsz"})
def _run(block: Samples, out: Samples, factors: Floats, state: Floats, frame: int) -> None:
    """Filter block (1 or 2, n) float32 into out; state is carried, frame is the first one's absolute number."""
    sound = np.zeros(2 * (CHUNK + 2 * _ROOM))
    frames, groups, right = block.shape[1], state.size // (4 * TOGETHER), block.shape[0] - 1
    start = 0
    while start < frames:
        size = min(CHUNK - (frame + start) % CHUNK, frames - start)
        for i in range(size):
            sound[2 * (_ROOM + i)] = block[0, start + i]
            sound[2 * (_ROOM + i) + 1] = block[right, start + i]
        for group in range(0, groups - 1, 2):
            _run_two(sound, size, factors, state, group)
        if groups % 2:
            _run_one(sound, size, factors, state, groups - 1)
        for i in range(size):
            out[0, start + i] = sound[2 * (_ROOM + i)]
            out[right, start + i] = sound[2 * (_ROOM + i) + 1]
        start += size
        if (frame + start) % CHUNK == 0:
            _flush(state)


@njit(nogil=True, cache=True)
def _flush(state: Floats) -> None:
    """Set what has faded below -400 dB to zero, so that silence never costs denormal arithmetic."""
    for k in range(state.size):
        if abs(state[k]) < _SILENT:
            state[k] = 0.0
