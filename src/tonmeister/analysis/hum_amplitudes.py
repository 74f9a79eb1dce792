"""Amplitudes of a hum's lines that wander a little, told from beats in which music sounds as well; and smooth series.

Kernels run over the cells, with all lines side by side in the inner loop, so that the compiler takes several at once.
"""

import numpy as np
from numpy.typing import NDArray

from tonmeister.kernels import njit

CELL_S = 0.05
"""Lines are followed in cells of this length."""
_ROUNDS, _SMOOTH_CELLS = 4, 2
_UNHEARD = 1e-12
_QUIET, _OVER_QUIET = 30, 4.0
_MOST_STIFF = 1e8
"""Of the mean weight: beyond, sums lose their digits."""


def first_weights(
    beats: NDArray[np.complex128], noise: NDArray[np.float64], sounding: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return (channels, multiples, cells) one over the power of what else sounds, before anything is known of the lines.

    Turning the beats does not change it.
    """
    power = np.square(np.abs(beats))
    quiet = np.percentile(power[:, :, sounding], _QUIET, axis=2)[:, :, None]
    return np.where(sounding, 1 / (noise + np.maximum(power - _OVER_QUIET * quiet, 0)), _UNHEARD)


def fit_amplitudes(
    beats: NDArray[np.complex128],
    weights: NDArray[np.float64],
    noise: NDArray[np.float64],
    sounding: NDArray[np.bool_],
    wandering: float,
) -> tuple[NDArray[np.complex128], NDArray[np.float64]]:
    """Return amplitudes that wander by a random walk, and the weights at which they came to rest (IRLS).

    Args:
        beats: (channels, multiples, cells) means of the signal turned back by the phase.
        weights: The same shape, to begin with (`first_weights`).
        noise: The same shape, least variance of what else sounds.
        sounding: (cells,) where there is sound at all.
        wandering: Relative change of a line in a second.
    """
    shape, cells = beats.shape, beats.shape[2]
    flat = beats.reshape(-1, cells).T
    weight = _by_cell(weights).copy()
    first_real, first_imag = np.ascontiguousarray(flat.real), np.ascontiguousarray(flat.imag)
    real, imag = _fit(first_real, first_imag, _by_cell(noise), weight, sounding, wandering)
    amplitude = np.ascontiguousarray((real + 1j * imag).T).reshape(shape)
    return amplitude, np.ascontiguousarray(weight.T).reshape(shape)


def _by_cell(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.ascontiguousarray(values.reshape(-1, values.shape[2]).T)


@njit(nogil=True, cache=True)
def _fit(
    real: NDArray[np.float64],
    imag: NDArray[np.float64],
    noise: NDArray[np.float64],
    weight: NDArray[np.float64],
    sounding: NDArray[np.bool_],
    wandering: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (cells, lines) real and imaginary amplitudes; the weights are changed in place."""
    out_real, out_imag = np.empty_like(real), np.empty_like(imag)
    ratio, other = np.empty_like(real), np.empty_like(real)
    for _ in range(_ROUNDS):
        stiff = _stiffness(real, imag, weight, wandering)
        _smooth_lines(real, imag, weight, stiff, ratio, out_real, out_imag)
        _reweigh(real, imag, out_real, out_imag, noise, sounding, other, weight)
    return out_real, out_imag


@njit(nogil=True, cache=True)
def _stiffness(
    real: NDArray[np.float64], imag: NDArray[np.float64], weight: NDArray[np.float64], wandering: float
) -> NDArray[np.float64]:
    cells, lines = real.shape
    a, b, total = np.zeros(lines), np.zeros(lines), np.zeros(lines)
    for i in range(cells):
        for k in range(lines):
            a[k] += weight[i, k] * real[i, k]
            b[k] += weight[i, k] * imag[i, k]
            total[k] += weight[i, k]
    stiff = np.empty(lines)
    for k in range(lines):
        size = np.sqrt(a[k] ** 2 + b[k] ** 2) / total[k] + 1e-9
        stiff[k] = min(1 / ((wandering * size) ** 2 * CELL_S), _MOST_STIFF * total[k] / cells)
    return stiff


@njit(nogil=True, cache=True)
def _smooth_lines(
    real: NDArray[np.float64],
    imag: NDArray[np.float64],
    weight: NDArray[np.float64],
    stiff: NDArray[np.float64],
    ratio: NDArray[np.float64],
    out_real: NDArray[np.float64],
    out_imag: NDArray[np.float64],
) -> None:
    """Solve (W + stiff D'D) x = W y for every line (Whittaker 1923, first differences; Thomas's algorithm)."""
    cells, lines = real.shape
    for i in range(cells):
        sides = float((i > 0) + (i < cells - 1))
        before = max(i - 1, 0)
        for k in range(lines):
            held = stiff[k] if i > 0 else 0.0
            over = 1 / (weight[i, k] + stiff[k] * sides - held * (ratio[before, k] if i > 0 else 0.0))
            ratio[i, k] = stiff[k] * over
            out_real[i, k] = (weight[i, k] * real[i, k] + (held * out_real[before, k] if i > 0 else 0.0)) * over
            out_imag[i, k] = (weight[i, k] * imag[i, k] + (held * out_imag[before, k] if i > 0 else 0.0)) * over
    for i in range(cells - 2, -1, -1):
        for k in range(lines):
            out_real[i, k] += ratio[i, k] * out_real[i + 1, k]
            out_imag[i, k] += ratio[i, k] * out_imag[i + 1, k]


@njit(nogil=True, cache=True)
def _reweigh(
    real: NDArray[np.float64],
    imag: NDArray[np.float64],
    line_real: NDArray[np.float64],
    line_imag: NDArray[np.float64],
    noise: NDArray[np.float64],
    sounding: NDArray[np.bool_],
    other: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> None:
    """Write one over the power of all that is not the line, smoothed over five cells."""
    cells, lines = real.shape
    for i in range(cells):
        for k in range(lines):
            other[i, k] = (real[i, k] - line_real[i, k]) ** 2 + (imag[i, k] - line_imag[i, k]) ** 2
    for i in range(cells):
        for k in range(lines):
            weight[i, k] = 0.0
        for near in range(i - _SMOOTH_CELLS, i + _SMOOTH_CELLS + 1):
            row = min(max(near, 0), cells - 1)
            for k in range(lines):
                weight[i, k] += other[row, k]
        for k in range(lines):
            left = noise[i, k] + weight[i, k] / (2 * _SMOOTH_CELLS + 1)
            weight[i, k] = 1 / left if sounding[i] else _UNHEARD


@njit(nogil=True, cache=True)
def smooth_bends(
    values: NDArray[np.float64], weight: NDArray[np.float64], stiff: float, order: int
) -> NDArray[np.float64]:
    """Return the series that minimises weighted squared errors plus stiff times its squared differences of that order.

    Whittaker 1923: (W + stiff D'D) x = W y, solved by a banded LDL'.
    """
    count = values.size
    difference = np.zeros(order + 1)  # 1, -2, 1 for the second
    difference[0] = 1.0
    for row in range(1, order + 1):
        for j in range(row, 0, -1):
            difference[j] -= difference[j - 1]
    band = np.zeros((count, order + 1))  # band[i, i - j]
    for i in range(count):
        band[i, 0] = weight[i]
    for i in range(count - order):
        for a in range(order + 1):
            for b in range(a + 1):
                band[i + a, a - b] += stiff * difference[a] * difference[b]
    out = np.zeros(count)
    for i in range(count):
        out[i] = weight[i] * values[i]
        for j in range(max(0, i - order), i + 1):
            for k in range(max(0, i - order), j):
                band[i, i - j] -= band[i, i - k] * band[j, j - k] * band[k, 0]
            if j < i:
                band[i, i - j] /= band[j, 0]
                out[i] -= band[i, i - j] * out[j]
    for i in range(count - 1, -1, -1):
        out[i] /= band[i, 0]
        for j in range(i + 1, min(count, i + order + 1)):
            out[i] -= band[j, j - i] * out[j]
    return out
