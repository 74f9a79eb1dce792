"""The grid of damped sines from which ringings are told: which of them, begun where, explains most of a sound."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tonmeister.kernels import njit

Floats = NDArray[np.float64]
Turns = NDArray[np.complex128]
LONGEST_S = 0.005
HIGHEST_OF_RATE = 0.42
_LOWEST_HZ, _HIGHEST_HZ = 1200.0, 9000.0
_DECAYS_S = (0.00018, 0.00035, 0.0007, 0.0012)
_STEP = 0.7
"""From frequency to frequency, in half widths of the resonance."""


def best_rings(pull: Floats, starts: int, overlap: Floats, rate_hz: int) -> list[tuple[complex, int]]:
    """Return turn and start of the damped sine that explains most of what is left, of a grid."""
    turns, decays, powers = _candidates(rate_hz)
    lags = min(overlap.size, powers.shape[2])
    cosine, sine, both = powers[:, :, :lags] @ overlap[:lags]
    gains, where = _try_all(pull, turns, round(LONGEST_S * rate_hz), starts, np.stack([cosine, sine, both]))
    out = []
    for decay in (None, *range(len(_DECAYS_S))):
        rows = np.arange(turns.size) if decay is None else np.flatnonzero(decays == decay)
        row = rows[int(np.argmax(gains[rows]))]
        one = complex(turns[row]), int(where[row])
        if one not in out:
            out.append(one)
    return out


@njit(nogil=True, cache=True)
def _try_all(
    pull: Floats, turns: Turns, length: int, starts: int, products: Floats
) -> tuple[Floats, NDArray[np.int64]]:
    """Return how much less the squared error is with each damped sine, begun where it serves best, and where that is."""
    count, frames = turns.size, pull.size
    step, end = np.exp(turns), np.exp(turns * length)
    on, across, end_on, end_across = step.real.copy(), step.imag.copy(), end.real.copy(), end.imag.copy()
    a, b, gains, where = np.zeros(count), np.zeros(count), np.zeros(count), np.zeros(count, np.int64)
    cosine, sine, both = products
    scale = 1 / (cosine * sine - both * both + 1e-9 * cosine * sine)
    for n in range(frames - 1, -1, -1):
        comes, goes = pull[n], pull[n + length] if n + length < frames else 0.0
        for j in range(count):
            moved = comes + on[j] * a[j] - across[j] * b[j] - end_on[j] * goes
            b[j] = across[j] * a[j] + on[j] * b[j] - end_across[j] * goes
            a[j] = moved
        if n < starts:
            for j in range(count):
                gain = (sine[j] * a[j] * a[j] - 2 * both[j] * a[j] * b[j] + cosine[j] * b[j] * b[j]) * scale[j]
                where[j] = n if gain >= gains[j] else where[j]
                gains[j] = max(gain, gains[j])
    return gains, where


@lru_cache(maxsize=16)
def _candidates(rate_hz: int) -> tuple[Turns, NDArray[np.int64], Floats]:
    """Return turn and number of the decay of each ring that is tried, and (3, rings, lags) its powers.

    Powers are the products of cosine and cosine, sine and sine, cosine and sine at all distances, both directions summed.
    """
    length, rings = round(LONGEST_S * rate_hz), list[tuple[complex, int]]()
    highest = min(_HIGHEST_HZ, HIGHEST_OF_RATE * rate_hz)
    for number, decay_s in enumerate(_DECAYS_S):
        frequencies_hz = np.arange(_LOWEST_HZ, highest, _STEP / (2 * np.pi * decay_s))
        rings += [(complex(-1 / decay_s, 2 * np.pi * f) / rate_hz, number) for f in frequencies_hz]
    turns = np.array([turn for turn, _ in rings])
    waves = np.exp(turns[:, None] * np.arange(length))
    cosine, sine = (np.fft.fft(part, 2 * length) for part in (waves.real, waves.imag))
    products = (cosine * cosine.conj(), sine * sine.conj(), cosine * sine.conj())
    powers = np.array([np.fft.ifft(product).real for product in products])
    folded = powers[:, :, :length].copy()
    folded[:, :, 1:] += powers[:, :, :length:-1]
    return turns, np.array([number for _, number in rings]), folded
