"""Biquads in series, the fast way: pairs of sections over short chunks, float64 state and sums.

Every sample goes through the same operations in the same order wherever a block is cut, and contraction to fused
multiply-adds is all the compiler may change, so cuts never change a byte. State below 1e-20 (-400 dB) is
set to zero on a grid of absolute frames: no denormals, however long the silence.
"""

import numpy as np
from numba import njit

from tonmeister.audio import Samples
from tonmeister.processing.filter_design import Floats

CHUNK = 1024
"""Frames that a chunk holds at most; 16 KiB of float64 stereo stay in the first-level cache."""
_SILENT = 1e-20


class BiquadStream:
    """Biquads in series at work on one signal."""

    latency_frames = 0

    def __init__(self, sections: Floats, *, channels: int) -> None:
        """Take sections (sections, 5): b0, b1, b2, a1, a2 in the order in which they run."""
        self._sections = np.ascontiguousarray(sections, dtype=np.float64)
        self._state = np.zeros((len(sections), 2 * channels))
        self._frame = 0

    def process(self, block: Samples) -> Samples:
        """Return the block (1 or 2, frames), filtered."""
        out = np.empty_like(block)
        run = run_mono if block.shape[0] == 1 else run_stereo
        run(block, out, self._sections, self._state, self._frame)
        self._frame += block.shape[1]
        return out


def decay_frames(sections: Floats, *, lowest: float = 1e-5) -> int:
    """Return after how many frames the slowest pole has fallen by 100 dB (`lowest`), at most ten seconds at 192 kHz."""
    half, product = sections[:, 3] / 2, sections[:, 4]
    beyond = half * half - product
    real_pair = np.abs(half) + np.sqrt(np.maximum(beyond, 0))
    radius = float(np.max(np.where(beyond > 0, real_pair, np.sqrt(np.abs(product))), initial=1e-9))
    return int(min(10 * 192_000, np.ceil(np.log(lowest) / np.log(min(radius, 1 - 1e-9))) + 2))


@njit(nogil=True, cache=True, fastmath={"contract", "nsz"})
def run_stereo(block: Samples, out: Samples, sections: Floats, state: Floats, frame: int) -> None:
    """Filter block (2, n) float32 into out; state (sections, 4) is carried, frame is the first one's absolute number."""
    left, right = np.empty(CHUNK), np.empty(CHUNK)
    frames, count = block.shape[1], sections.shape[0]
    start = 0
    while start < frames:
        size = min(CHUNK - (frame + start) % CHUNK, frames - start)
        for i in range(size):
            left[i] = block[0, start + i]
            right[i] = block[1, start + i]
        for j in range(0, count - 1, 2):
            _two_stereo(left, right, size, sections[j : j + 2], state[j : j + 2])
        if count % 2:
            _one_stereo(left, right, size, sections[count - 1], state[count - 1])
        for i in range(size):
            out[0, start + i] = left[i]
            out[1, start + i] = right[i]
        start += size
        if (frame + start) % CHUNK == 0:
            flush(state)


@njit(nogil=True, cache=True, fastmath={"contract", "nsz"})
def run_mono(block: Samples, out: Samples, sections: Floats, state: Floats, frame: int) -> None:
    """Filter block (1, n) float32 into out; state (sections, 2) is carried, frame is the first one's absolute number."""
    sound = np.empty(CHUNK)
    frames, count = block.shape[1], sections.shape[0]
    start = 0
    while start < frames:
        size = min(CHUNK - (frame + start) % CHUNK, frames - start)
        for i in range(size):
            sound[i] = block[0, start + i]
        for j in range(0, count - 1, 2):
            _two_mono(sound, size, sections[j : j + 2], state[j : j + 2])
        if count % 2:
            _one_mono(sound, size, sections[count - 1], state[count - 1])
        for i in range(size):
            out[0, start + i] = sound[i]
        start += size
        if (frame + start) % CHUNK == 0:
            flush(state)


@njit(nogil=True, cache=True, fastmath={"contract", "nsz"})
def flush(state: Floats) -> None:
    """Set what has faded below -400 dB to zero, so that silence never costs denormal arithmetic."""
    for i in range(state.shape[0]):
        for j in range(state.shape[1]):
            if abs(state[i, j]) < _SILENT:
                state[i, j] = 0.0


@njit(nogil=True, cache=True, fastmath={"contract", "nsz"})
def _two_stereo(left: Floats, right: Floats, size: int, c: Floats, z: Floats) -> None:
    """Two sections in place, transposed direct form II; state in locals, the recursion's sum last (shortest path)."""
    b0, b1, b2, a1, a2 = c[0, 0], c[0, 1], c[0, 2], -c[0, 3], -c[0, 4]
    d0, d1, d2, e1, e2 = c[1, 0], c[1, 1], c[1, 2], -c[1, 3], -c[1, 4]
    p0, q0, p1, q1 = z[0, 0], z[0, 1], z[0, 2], z[0, 3]
    r0, s0, r1, s1 = z[1, 0], z[1, 1], z[1, 2], z[1, 3]
    for i in range(size):
        x0, x1 = left[i], right[i]
        y0, y1 = b0 * x0 + p0, b0 * x1 + p1
        p0, p1 = a1 * y0 + (b1 * x0 + q0), a1 * y1 + (b1 * x1 + q1)
        q0, q1 = a2 * y0 + b2 * x0, a2 * y1 + b2 * x1
        w0, w1 = d0 * y0 + r0, d0 * y1 + r1
        r0, r1 = e1 * w0 + (d1 * y0 + s0), e1 * w1 + (d1 * y1 + s1)
        s0, s1 = e2 * w0 + d2 * y0, e2 * w1 + d2 * y1
        left[i], right[i] = w0, w1
    z[0, 0], z[0, 1], z[0, 2], z[0, 3] = p0, q0, p1, q1
    z[1, 0], z[1, 1], z[1, 2], z[1, 3] = r0, s0, r1, s1


@njit(nogil=True, cache=True, fastmath={"contract", "nsz"})
def _one_stereo(left: Floats, right: Floats, size: int, c: Floats, z: Floats) -> None:
    b0, b1, b2, a1, a2 = c[0], c[1], c[2], -c[3], -c[4]
    p0, q0, p1, q1 = z[0], z[1], z[2], z[3]
    for i in range(size):
        x0, x1 = left[i], right[i]
        y0, y1 = b0 * x0 + p0, b0 * x1 + p1
        p0, p1 = a1 * y0 + (b1 * x0 + q0), a1 * y1 + (b1 * x1 + q1)
        q0, q1 = a2 * y0 + b2 * x0, a2 * y1 + b2 * x1
        left[i], right[i] = y0, y1
    z[0], z[1], z[2], z[3] = p0, q0, p1, q1


@njit(nogil=True, cache=True, fastmath={"contract", "nsz"})
def _two_mono(sound: Floats, size: int, c: Floats, z: Floats) -> None:
    b0, b1, b2, a1, a2 = c[0, 0], c[0, 1], c[0, 2], -c[0, 3], -c[0, 4]
    d0, d1, d2, e1, e2 = c[1, 0], c[1, 1], c[1, 2], -c[1, 3], -c[1, 4]
    p, q, r, s = z[0, 0], z[0, 1], z[1, 0], z[1, 1]
    for i in range(size):
        x = sound[i]
        y = b0 * x + p
        p = a1 * y + (b1 * x + q)
        q = a2 * y + b2 * x
        w = d0 * y + r
        r = e1 * w + (d1 * y + s)
        s = e2 * w + d2 * y
        sound[i] = w
    z[0, 0], z[0, 1], z[1, 0], z[1, 1] = p, q, r, s


@njit(nogil=True, cache=True, fastmath={"contract", "nsz"})
def _one_mono(sound: Floats, size: int, c: Floats, z: Floats) -> None:
    b0, b1, b2, a1, a2 = c[0], c[1], c[2], -c[3], -c[4]
    p, q = z[0], z[1]
    for i in range(size):
        x = sound[i]
        y = b0 * x + p
        p = a1 * y + (b1 * x + q)
        q = a2 * y + b2 * x
        sound[i] = y
    z[0], z[1] = p, q
