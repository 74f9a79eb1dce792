"""Linkwitz-Riley crossovers of fourth order: two cascaded Butterworth halves each, whose sum is an all-pass.

Coefficients by the bilinear transform with pre-warping, so low + high is exactly the second-order all-pass with the same
poles (Linkwitz 1976; Zölzer, DAFX). State is float64; strict IEEE operations in the order of the frames.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Samples
from tonmeister.kernels import njit

_FLUSH_FRAMES = 1024
_FLUSH_BELOW = 1e-30
_TOP_SHARE = 0.49


def design_split(frequency_hz: float, sample_rate_hz: int) -> NDArray[np.float64]:
    """Return (a1, a2, low gain, high gain) of the Butterworth sections at the −6 dB frequency (held under Nyquist)."""
    k = math.tan(math.pi * min(frequency_hz / sample_rate_hz, _TOP_SHARE))
    norm = 1.0 / (1.0 + math.sqrt(2.0) * k + k * k)
    return np.array([2.0 * (k * k - 1.0) * norm, (1.0 - math.sqrt(2.0) * k + k * k) * norm, k * k * norm, norm])


@njit(nogil=True, cache=True)
def _low_step(x: float, c: tuple[float, ...], p: float, q: float) -> tuple[float, float, float]:
    u = c[2] * x
    y = u + p
    return y, (2.0 * u + q) - c[0] * y, u - c[1] * y


@njit(nogil=True, cache=True)
def _high_step(x: float, c: tuple[float, ...], p: float, q: float) -> tuple[float, float, float]:
    u = c[3] * x
    y = u + p
    return y, (q - 2.0 * u) - c[0] * y, u - c[1] * y


@njit(nogil=True, cache=True)
def _all_step(x: float, c: tuple[float, ...], p: float, q: float) -> tuple[float, float, float]:
    y = c[1] * x + p
    return y, c[0] * (x - y) + q, x - c[1] * y


@njit(nogil=True, cache=True)
def _flush(state: NDArray[np.float64], channel: int) -> None:
    """Set what has died away to zero before it becomes denormal."""
    for k in range(state.shape[1]):
        if abs(state[channel, k]) < _FLUSH_BELOW:
            state[channel, k] = 0.0


@njit(nogil=True, cache=True)
def _split_two_run(
    x: NDArray[np.float32],
    whole: NDArray[np.float32],
    high: NDArray[np.float32],
    c: tuple[float, ...],
    s: NDArray[np.float64],
) -> None:
    p0, q0, p1, q1, p2, q2 = s[0], s[1], s[2], s[3], s[4], s[5]
    for i in range(x.size):
        v = np.float64(x[i])
        a, p0, q0 = _all_step(v, c, p0, q0)
        h, p1, q1 = _high_step(v, c, p1, q1)
        h, p2, q2 = _high_step(h, c, p2, q2)
        whole[i] = np.float32(a)
        high[i] = np.float32(h)
    s[0], s[1], s[2], s[3], s[4], s[5] = p0, q0, p1, q1, p2, q2


@njit(nogil=True, cache=True)
def split_two(
    block: Samples,
    coefficients: NDArray[np.float64],
    state: NDArray[np.float64],
    frame: int,
    whole: Samples,
    high: Samples,
) -> None:
    """Write low + high (the all-pass) and the high band; state is (channels, 6), frame counts what went before."""
    c = (coefficients[0], coefficients[1], coefficients[2], coefficients[3])
    frames = block.shape[1]
    for channel in range(block.shape[0]):
        start = 0
        while start < frames:
            end = min(frames, start + _FLUSH_FRAMES - (frame + start) % _FLUSH_FRAMES)
            _split_two_run(
                block[channel, start:end], whole[channel, start:end], high[channel, start:end], c, state[channel]
            )
            if (frame + end) % _FLUSH_FRAMES == 0:
                _flush(state, channel)
            start = end


@njit(nogil=True, cache=True)
def _cut_run(
    x: NDArray[np.float32],
    out: NDArray[np.float32],
    low: tuple[float, ...],
    high: tuple[float, ...],
    s: NDArray[np.float64],
) -> None:
    p0, q0, p1, q1 = s[0], s[1], s[2], s[3]
    for i in range(out.size):
        v, p0, q0 = _high_step(np.float64(x[i]), low, p0, q0)
        v, p1, q1 = _low_step(v, high, p1, q1)
        out[i] = np.float32(v)
    s[0], s[1], s[2], s[3] = p0, q0, p1, q1


@njit(nogil=True, cache=True)
def cut_outside(
    x: Samples,
    low_cut: NDArray[np.float64],
    high_cut: NDArray[np.float64],
    state: NDArray[np.float64],
    frame: int,
    out: Samples,
) -> None:
    """Write x without what lies below the low cut and above the high cut (second-order Butterworth); state is (channels, 4)."""
    low = (low_cut[0], low_cut[1], low_cut[2], low_cut[3])
    high = (high_cut[0], high_cut[1], high_cut[2], high_cut[3])
    frames = out.shape[1]
    for channel in range(out.shape[0]):
        start = 0
        while start < frames:
            end = min(frames, start + _FLUSH_FRAMES - (frame + start) % _FLUSH_FRAMES)
            _cut_run(x[channel, start:end], out[channel, start:end], low, high, state[channel])
            if (frame + end) % _FLUSH_FRAMES == 0:
                _flush(state, channel)
            start = end


@njit(nogil=True, cache=True)
def _split_three_run(
    x: NDArray[np.float32],
    out: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]],
    c: tuple[float, ...],
    d: tuple[float, ...],
    s: NDArray[np.float64],
) -> None:
    p0, q0, p1, q1, p2, q2, p3, q3 = s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]
    p4, q4, p5, q5, p6, q6 = s[8], s[9], s[10], s[11], s[12], s[13]
    out_low, out_mid, out_high = out
    for i in range(x.size):
        v = np.float64(x[i])
        low, p0, q0 = _low_step(v, c, p0, q0)
        low, p1, q1 = _low_step(low, c, p1, q1)
        whole, p2, q2 = _all_step(v, c, p2, q2)
        rest = whole - low  # the upper half of the first crossover
        mid, p3, q3 = _low_step(rest, d, p3, q3)
        mid, p4, q4 = _low_step(mid, d, p4, q4)
        upper, p5, q5 = _all_step(rest, d, p5, q5)
        low, p6, q6 = _all_step(low, d, p6, q6)  # the phase that the other two bands got
        out_low[i] = np.float32(low)
        out_mid[i] = np.float32(mid)
        out_high[i] = np.float32(upper - mid)
    s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7] = p0, q0, p1, q1, p2, q2, p3, q3
    s[8], s[9], s[10], s[11], s[12], s[13] = p4, q4, p5, q5, p6, q6


@njit(nogil=True, cache=True)
def split_three(
    block: Samples,
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    state: NDArray[np.float64],
    frame: int,
    low: Samples,
    mid: Samples,
    high: Samples,
) -> None:
    """Write the low, middle and high band; state is (channels, 14), frame counts what went before."""
    c, d = (lower[0], lower[1], lower[2], lower[3]), (upper[0], upper[1], upper[2], upper[3])
    frames = block.shape[1]
    for channel in range(block.shape[0]):
        start = 0
        while start < frames:
            end = min(frames, start + _FLUSH_FRAMES - (frame + start) % _FLUSH_FRAMES)
            bands = (low[channel, start:end], mid[channel, start:end], high[channel, start:end])
            _split_three_run(block[channel, start:end], bands, c, d, state[channel])
            if (frame + end) % _FLUSH_FRAMES == 0:
                _flush(state, channel)
            start = end
