"""Logarithms and powers of two as polynomials that vectorise, the same to the bit wherever a block is cut.

No fast-math anywhere: every sample goes through the same IEEE operations in the same order, in the vector body of a loop
and in its scalar rest. Coefficients are a minimax fit (Lawson); errors stand at each function and are tested.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tonmeister.kernels import njit

CHUNK_FRAMES = 1024
"""Frames that kernels treat at a time, so that scratch arrays stay in the first-level cache."""
DB_PER_LOG2 = 20.0 * math.log10(2.0)
"""Decibels of a doubling, 6.0206."""


def to_gain(level_db: float) -> float:
    """Return the linear gain of a level in decibels."""
    return float(10.0 ** (level_db / 20.0))


def to_db(gain: float) -> float:
    """Return the level of a positive linear gain in decibels."""
    return 20.0 * math.log10(gain)


def smoothing_coefficient(time_ms: float, sample_rate_hz: int) -> float:
    """Return the factor of a one-pole that covers 63 % of a step in the given time; 0 ms is 0.0 (at once)."""
    return math.exp(-1000.0 / (time_ms * sample_rate_hz)) if time_ms > 0 else 0.0


@njit(nogil=True, cache=True)
def log2_in_place(values: NDArray[np.float32], count: int) -> None:
    """Replace positive normal values by their base-2 logarithm; absolute error below 1.2e-7 plus rounding of the result."""
    bits = values.view(np.int32)
    exponents = np.empty(count, np.float32)
    for i in range(count):
        whole = (bits[i] - np.int32(0x3F3504F3)) >> np.int32(23)  # centres the mantissa on 1: sqrt(1/2)..sqrt(2)
        exponents[i] = np.float32(whole)
        bits[i] = bits[i] - (whole << np.int32(23))
    for i in range(count):
        m = values[i] - np.float32(1.0)
        p = np.float32(0.236889785) + m * np.float32(-0.145742958)
        p = np.float32(0.286707546) + m * (np.float32(-0.250069305) + m * p)
        p = np.float32(0.480939441) + m * (np.float32(-0.3600872) + m * p)
        values[i] = exponents[i] + m * (np.float32(1.44269477) + m * (np.float32(-0.721357149) + m * p))


@njit(nogil=True, cache=True)
def exp2_in_place(values: NDArray[np.float32], count: int) -> None:
    """Replace values of −126..127 by two to their power; relative error below 1e-7, 2**0 is exactly 1."""
    bits = values.view(np.int32)
    powers = np.empty(count, np.int32)
    rounding = np.float32(12582912.0)  # 1.5 * 2**23: adding it leaves the rounded whole number in the low bits
    for i in range(count):
        whole = (values[i] + rounding) - rounding
        powers[i] = np.int32(whole) << np.int32(23)
        values[i] = values[i] - whole
    for i in range(count):
        f = values[i]
        p = np.float32(0.00961843737) + f * (np.float32(0.00133988749) + f * np.float32(0.000153533606))
        p = np.float32(0.693147203) + f * (np.float32(0.240226479) + f * (np.float32(0.0555033247) + f * p))
        values[i] = np.float32(1.0) + f * p
    for i in range(count):
        bits[i] = bits[i] + powers[i]
