"""The two ways to hold late reverberation down: predict it from the past, and turn down what decays as a room does.

The first (weighted prediction error, Nakatani et al. 2010) subtracts in each bin what the last third of a second says about
now, skipping the newest frames so that the sound itself stays. The second takes the power that an exponential decay of the
room would leave over as noise (Lebart, Boucher and Denbigh 2001; with a share for the direct sound, Habets et al. 2009).
"""

import math

import numpy as np
from numpy.typing import NDArray

from tonmeister.kernels import njit

ROUNDS = 2
"""How often filters and powers are found in turn."""
_LOADING = 1e-4
_TINY = 1e-20

Spectra = NDArray[np.complex64]


@njit(nogil=True, cache=True)
def _solve(matrix: NDArray[np.complex128], right: NDArray[np.complex128]) -> None:
    """Solve a Hermitian positive system in place by Cholesky's method; right holds the solution."""
    size, columns = right.shape
    for j in range(size):
        pivot = matrix[j, j].real
        for m in range(j):
            pivot -= matrix[j, m].real ** 2 + matrix[j, m].imag ** 2
        root = math.sqrt(max(pivot, 1e-30))
        matrix[j, j] = root
        for i in range(j + 1, size):
            value = matrix[i, j]
            for m in range(j):
                value -= matrix[i, m] * matrix[j, m].conjugate()
            matrix[i, j] = value / root
    for c in range(columns):
        for i in range(size):
            value = right[i, c]
            for m in range(i):
                value -= matrix[i, m] * right[m, c]
            right[i, c] = value / matrix[i, i].real
        for i in range(size - 1, -1, -1):
            value = right[i, c]
            for m in range(i + 1, size):
                value -= matrix[m, i].conjugate() * right[m, c]
            right[i, c] = value / matrix[i, i].real


@njit(nogil=True, cache=True)
def _past(x: NDArray[np.complex64], first: int, taps: int) -> NDArray[np.complex64]:
    """Return (frames, taps * channels): what lies first to first + taps − 1 frames back, of (channels, frames)."""
    channels, frames = x.shape
    out = np.zeros((frames, taps * channels), np.complex64)
    for t in range(frames):
        for tap in range(taps):
            u = t - first - tap
            if u < 0:
                break
            for c in range(channels):
                out[t, tap * channels + c] = x[c, u]
    return out


@njit(nogil=True, cache=True)
def _predict_bin(x: NDArray[np.complex64], first: int, taps: int, floor: float) -> NDArray[np.complex64]:
    """Return (channels, frames) of what the past predicts in one bin."""
    channels, frames = x.shape
    size = taps * channels
    past = _past(x, first, taps)
    late = np.zeros_like(x)
    matrix = np.empty((size, size), np.complex128)
    right = np.empty((size, channels), np.complex128)
    scaled = np.empty(size, np.complex64)
    row = np.empty(size, np.complex64)
    for _ in range(ROUNDS):
        matrix[:] = 0
        right[:] = 0
        for t in range(frames):
            power = 0.0
            for u in range(max(0, t - 1), min(frames, t + 2)):
                for c in range(channels):
                    rest = x[c, u] - late[c, u]
                    power += rest.real * rest.real + rest.imag * rest.imag
            weight = np.float32(1.0 / max(power, floor))
            for i in range(size):
                row[i] = past[t, i]
                scaled[i] = row[i].conjugate() * weight
            for i in range(size):
                for j in range(i + 1):
                    matrix[i, j] += scaled[i] * row[j]
                for c in range(channels):
                    right[i, c] += scaled[i] * x[c, t]
        loading = 0.0
        for i in range(size):
            loading += matrix[i, i].real
        for i in range(size):
            matrix[i, i] += _LOADING * loading / size + _TINY
        _solve(matrix, right)
        for t in range(frames):
            for c in range(channels):
                value = 0j
                for i in range(size):
                    value += past[t, i] * right[i, c]
                late[c, t] = np.complex64(value)
    return late


@njit(nogil=True, cache=True)
def predict_late(spectra: Spectra, first: int, taps: int) -> Spectra:
    """Return the late reverberation in (bins, channels, frames), predicted from all channels together.

    Args:
        spectra: Contiguous, bins first.
        first: How many frames back the past begins.
        taps: How many frames of each channel it holds.
    """
    bins, channels, frames = spectra.shape
    out = np.zeros_like(spectra)
    for k in range(bins):
        total = 0.0
        for c in range(channels):
            for t in range(frames):
                total += spectra[k, c, t].real ** 2 + spectra[k, c, t].imag ** 2
        if total > 0:
            out[k] = _predict_bin(spectra[k], first, taps, 1e-4 * 3 * total / frames + _TINY)
    return out


@njit(nogil=True, cache=True)
def estimate_late_power(power: NDArray[np.float32], delay: int, step: float, fed: float) -> NDArray[np.float32]:
    """Return the power that a room leaves over of what was at least delay frames before.

    The room holds what it had, less its decay of one step, and takes in a share (fed) of each frame's power: where the
    direct sound outweighs the room, a held note is not taken for its own tail (Habets, Gannot and Cohen 2009).
    """
    frames, bins = power.shape
    out = np.zeros_like(power)
    held = np.zeros(bins, np.float32)
    late = np.float32(step ** (delay - 1))
    for t in range(delay, frames):
        for k in range(bins):
            held[k] = step * ((1.0 - fed) * held[k] + fed * power[t - delay, k])
            out[t, k] = late * held[k]
    return out
