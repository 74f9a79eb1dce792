"""State-variable filter whose frequency, gain and q may move from sample to sample without clicks.

Topology-preserving transform after Zavalishin, "The Art of VA Filter Design", in the form of Simper, "Linear trapezoidal
integrated state variable filter" (2013). Standing still it has the curve of the RBJ cookbook; moving, its two
integrators keep their charge, where a direct form would turn every change of a coefficient into a click.
"""

from math import pi, tan

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Samples
from tonmeister.kernels import njit
from tonmeister.processing.band import BUTTERWORTH_Q, Shape
from tonmeister.processing.filter_design import HIGHEST_SHARE_OF_RATE

Floats = NDArray[np.float64]
SHAPE_CODES: dict[Shape, int] = {
    "peak": 0,
    "low_shelf": 1,
    "high_shelf": 2,
    "high_pass": 3,
    "low_pass": 4,
    "notch": 5,
}
"""How the kernels know a shape."""
_SILENT = 1e-20


class StateVariableStream:
    """A moving filter at work on one signal; cuts never change a byte."""

    latency_frames = 0

    def __init__(self, shape: Shape, *, sample_rate_hz: int, channels: int) -> None:
        self._code = SHAPE_CODES[shape]
        self._sample_rate_hz = sample_rate_hz
        self._state = np.zeros((channels, 2))

    def process(
        self,
        block: Samples,
        *,
        frequency_hz: Floats | float,
        gain_db: Floats | float = 0.0,
        q: Floats | float = BUTTERWORTH_Q,
    ) -> Samples:
        """Return the block (channels, frames), filtered.

        Args:
            block: (channels, frames) float32, C-contiguous.
            frequency_hz: One value, or one a frame; held below 0.49 x rate. So are gain and q.
            gain_db: Gain of a bell or shelf.
            q: Sharpness, as in `Band`.
        """
        curves = [
            np.ascontiguousarray(np.broadcast_to(v, block.shape[1]), np.float64) for v in (frequency_hz, gain_db, q)
        ]
        shares = np.clip(curves[0] / self._sample_rate_hz, 1e-6, HIGHEST_SHARE_OF_RATE)
        out = np.empty_like(block)
        run_moving(block, out, self._code, shares, curves[1], curves[2], self._state)
        return out


@njit(nogil=True, cache=True)
def solve_coefficients(
    code: int, warp: float, gain_db: float, q: float
) -> tuple[float, float, float, float, float, float]:
    """Return a1, a2, a3 and the mix m0 (input), m1 (band), m2 (low) of Simper's filter; warp is tan(pi f / rate)."""
    a = 10.0 ** (gain_db / 40.0)
    g, k = warp, 1.0 / q
    m0, m1, m2 = 1.0, 0.0, 0.0
    if code == 0:
        k = 1.0 / (q * a)
        m1 = k * (a * a - 1.0)
    elif code == 1:
        g = warp / np.sqrt(a)
        m1, m2 = k * (a - 1.0), a * a - 1.0
    elif code == 2:
        g = warp * np.sqrt(a)
        m0, m1, m2 = a * a, k * (1.0 - a) * a, 1.0 - a * a
    elif code == 3:
        m1, m2 = -k, -1.0
    elif code == 4:
        m0, m2 = 0.0, 1.0
    else:
        m1 = -k
    a1 = 1.0 / (1.0 + g * (g + k))
    return a1, g * a1, g * g * a1, m0, m1, m2


@njit(nogil=True, cache=True)
def run_moving(
    block: Samples, out: Samples, code: int, shares: Floats, gains_db: Floats, qs: Floats, state: Floats
) -> None:
    """Filter block (channels, frames) into out; settings are one a frame, state (channels, 2) is carried."""
    share, gain_db, q = -1.0, 0.0, 0.0
    a1, a2, a3, m0, m1, m2 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(block.shape[1]):
        if shares[i] != share or gains_db[i] != gain_db or qs[i] != q:
            share, gain_db, q = shares[i], gains_db[i], qs[i]
            a1, a2, a3, m0, m1, m2 = solve_coefficients(code, tan(pi * share), gain_db, q)
        for channel in range(block.shape[0]):
            first, second = state[channel, 0], state[channel, 1]
            x = float(block[channel, i])
            rest = x - second
            band = a1 * first + a2 * rest
            low = second + a2 * first + a3 * rest
            first, second = 2.0 * band - first, 2.0 * low - second
            state[channel, 0] = first if abs(first) > _SILENT else 0.0
            state[channel, 1] = second if abs(second) > _SILENT else 0.0
            out[channel, i] = m0 * x + m1 * band + m2 * low
