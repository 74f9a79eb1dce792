"""Autoregressive models of sound, and samples told from their neighbours by them (Janssen, Veldhuis and Vries 1986).

Missing samples are those that make the prediction errors of the whole window least: one banded, positive definite system.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.kernels import njit

_RIDGE = 1e-9
_QUIETER = 1e-10
"""White noise over the signal, below all that is stored, so that a pure tone has a model too."""
_RUNS_OF_ORDER = 3


def interpolate(window: NDArray[np.float64], missing: NDArray[np.bool_], *, order: int, rounds: int) -> None:
    """Replace the missing samples in place.

    The model is learnt from what is known (least squares of forward and backward errors, which a window of any length
    leaves unbiased); where too little is known in one piece, from straight lines first and then from what was filled in.

    Args:
        window: (frames,) with at least `order` known samples on each side of the missing ones.
        missing: (frames,) which samples to replace; what they hold is not used.
        order: Coefficients of the model.
        rounds: How often the model is learnt anew from what was filled in, where too little is known.
    """
    places = np.flatnonzero(missing)
    if places.size == 0:
        return
    window[places] = 0
    if not window.any():
        return
    runs = [(a, b) for a, b in _known_runs(missing) if b - a > 2 * order]
    if sum(b - a - order for a, b in runs) >= _RUNS_OF_ORDER * order:
        solve_missing(window, places, fit_model([window[a:b] for a, b in runs], order))
        return
    everywhere = np.arange(window.size)
    window[places] = np.interp(places, everywhere[~missing], window[~missing])
    for _ in range(rounds):
        solve_missing(window, places, fit_model([window], order))


def fit_model(parts: list[NDArray[np.float64]], order: int, *, floor_power: float = 0.0) -> NDArray[np.float64]:
    """Return the (order + 1,) prediction error filter, 1 first, of pieces of one sound, as if in white noise (modified covariance)."""
    products = np.zeros((order + 1, order + 1))
    for part in parts:
        add_products(np.ascontiguousarray(part), products)
        add_products(np.ascontiguousarray(part[::-1]), products)
    inner = products[1:, 1:]
    inner[np.diag_indices(order)] *= 1 + 1e-9
    floor = 2 * floor_power * sum(max(0, part.size - order) for part in parts)
    inner[np.diag_indices(order)] += _QUIETER * products[0, 0] + floor + 1e-30
    told = -products[1:, 0].copy()
    solve_positive(inner.copy(), told, np.full(order, order))
    return np.concatenate([[1.0], told])


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """A model of a sound, and how well it foretells it."""

    model: NDArray[np.float64]
    """(order + 1,) prediction error filter, 1 first."""
    error_power: float
    """Mean square of its errors, in that piece in which it is largest: a click may stand beside a consonant."""


def learn_model(
    window: NDArray[np.float64], lost: NDArray[np.bool_], *, order: int, floor_power: float = 0.0
) -> Learnt | None:
    """Return the model of what is not lost; None without more than 2 * order samples of sound in one piece.

    White noise of floor_power is taken to be in it too, so that next to silence nothing is foretold without error.
    """
    runs = [window[a:b] for a, b in _known_runs(lost) if b - a > 2 * order]
    if not any(run.any() for run in runs):
        return None
    model = fit_model(runs, order, floor_power=floor_power)
    most = max(float(np.mean(np.square(np.convolve(run, model, "valid")))) for run in runs)
    return Learnt(model, most + floor_power)


def uncover(
    window: NDArray[np.float64], lost: NDArray[np.bool_], noise: NDArray[np.float64], learnt: Learnt
) -> NDArray[np.float64]:
    """Return the window with its lost samples told anew, which are still heard under a noise of known power.

    What the model foretells and what is heard are weighed by their powers (Godsill and Rayner 1998, chapter 4: the most
    likely sound under both).

    Args:
        window: (frames,) with the noise.
        lost: (frames,) which samples it hides.
        noise: (frames,) its power there; infinite where nothing of the sound is heard.
        learnt: Model of the sound.
    """
    places = np.flatnonzero(lost)
    model, expected, order = learnt.model, learnt.error_power, learnt.model.size - 1
    trust = expected / (noise[places] + 1e-3 * expected + 1e-14)
    overlap = np.zeros(window.size)
    overlap[: order + 1] = np.correlate(model, model, "full")[order:]
    matrix = overlap[np.abs(places[:, None] - places[None, :])]
    matrix[np.diag_indices(places.size)] += trust + _RIDGE * overlap[0]
    known = np.where(lost, 0.0, window)
    around = np.convolve(np.pad(known, order), np.correlate(model, model, "full"), "valid")[places]
    out, told = window.copy(), trust * window[places] - around
    solve_positive(matrix, told, np.searchsorted(places, places + order, "right"))
    out[places] = told
    return out


def _known_runs(missing: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], ~missing, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


@njit(nogil=True, cache=True)
def add_products(samples: NDArray[np.float64], products: NDArray[np.float64]) -> None:
    """Add the sums over n of x[n - i] x[n - j], n from the order to the end, to products[i, j]."""
    order, count = products.shape[0] - 1, samples.size
    first = np.zeros(order + 1)
    for j in range(order + 1):
        total = 0.0
        for n in range(order, count):
            total += samples[n] * samples[n - j]
        first[j] = total
    for lag in range(order + 1):  # down each diagonal, one sample comes in and one goes out
        value = first[lag]
        products[0, lag] += value
        if lag:
            products[lag, 0] += value
        for i in range(1, order + 1 - lag):
            j = i + lag
            value += samples[order - i] * samples[order - j] - samples[count - i] * samples[count - j]
            products[i, j] += value
            if lag:
                products[j, i] += value


@njit(nogil=True, cache=True)
def solve_missing(window: NDArray[np.float64], places: NDArray[np.int64], model: NDArray[np.float64]) -> None:
    """Fill the samples at the (ascending) places so that the model's prediction errors are least."""
    order, count = model.size - 1, places.size
    overlap = np.zeros(order + 1)
    for lag in range(order + 1):
        for i in range(order + 1 - lag):
            overlap[lag] += model[i] * model[i + lag]
    for i in range(count):
        window[places[i]] = 0.0
    right = np.zeros(count)
    for i in range(count):
        place = places[i]
        total = 0.0
        for lag in range(1, order + 1):
            around = 0.0
            if place >= lag:
                around += window[place - lag]
            if place + lag < window.size:
                around += window[place + lag]
            total += overlap[lag] * around
        right[i] = -total
    matrix, reach, end = np.zeros((count, count)), np.empty(count, np.int64), 0
    for i in range(count):
        while end < count and places[end] - places[i] <= order:
            end += 1
        reach[i] = end
        for j in range(i, end):
            matrix[i, j] = overlap[places[j] - places[i]]
        matrix[i, i] += _RIDGE * overlap[0]
    solve_positive(matrix, right, reach)
    for i in range(count):
        window[places[i]] = right[i]


@njit(nogil=True, cache=True)
def solve_positive(matrix: NDArray[np.float64], right: NDArray[np.float64], reach: NDArray[np.int64]) -> None:
    """Put the solution of a symmetric, positive definite system in the place of its right side (Cholesky).

    Written out, because LAPACK's threads wait for each other longer than systems of this size take.

    Args:
        matrix: (size, size), of which only the upper half is read; overwritten.
        right: (size,), overwritten.
        reach: (size,) the column after the last of each row that is not 0; never less than that of the row before.
    """
    count, least = right.size, 1e-12 * matrix[0, 0]
    for k in range(count):
        root, end = np.sqrt(max(matrix[k, k], least)), reach[k]
        for j in range(k + 1, end):
            matrix[k, j] /= root
        right[k] /= root
        matrix[k, k] = root
        for i in range(k + 1, end):
            weight = matrix[k, i]
            for j in range(i, end):
                matrix[i, j] -= weight * matrix[k, j]
            right[i] -= weight * right[k]
    for k in range(count - 1, -1, -1):
        total = right[k]
        for j in range(k + 1, reach[k]):
            total -= matrix[k, j] * right[j]
        right[k] = total / matrix[k, k]
