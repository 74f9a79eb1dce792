"""Autoregressive models of sound, and samples told from their neighbours by them (Janssen, Veldhuis and Vries 1986).

Missing samples are those that make the prediction errors of the whole window least: one banded, positive definite system.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

_RIDGE = 1e-9
_LOUDER = 1e-6  # white noise added to the autocorrelation, so that a pure tone has a model too


def interpolate(window: NDArray[np.float64], missing: NDArray[np.bool_], *, order: int, rounds: int) -> None:
    """Replace the missing samples in place: model and samples in turn, so many rounds.

    Args:
        window: (frames,) with at least `order` known samples on each side of the missing ones.
        missing: (frames,) which samples to replace; what they hold is not used.
        order: Coefficients of the model.
        rounds: How often the model is learnt anew from what was filled in.
    """
    places = np.flatnonzero(missing)
    if places.size == 0 or not window[~missing].any():
        window[places] = 0
        return
    taper = np.hanning(window.size + 2)[1:-1]
    window[places] = 0
    filled = False
    for _ in range(rounds):
        known = window if filled else _bridged(window, missing)
        model = fit_model(known * taper, order)
        solve_missing(window, places, model)
        filled = True


def fit_model(samples: NDArray[np.float64], order: int) -> NDArray[np.float64]:
    """Return the (order + 1,) prediction error filter of the samples, 1 first (autocorrelation method)."""
    return levinson(autocorrelate(samples, order))


def _bridged(window: NDArray[np.float64], missing: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the window with straight lines over what is missing, when little is; zeros in long gaps teach no slope."""
    if int(missing.sum()) > 64:
        return window
    places = np.arange(window.size)
    return np.where(missing, np.interp(places, places[~missing], window[~missing]), window)


@njit(nogil=True, cache=True)
def autocorrelate(samples: NDArray[np.float64], order: int) -> NDArray[np.float64]:
    """Return lags 0 to order."""
    out = np.zeros(order + 1)
    for lag in range(order + 1):
        total = 0.0
        for i in range(samples.size - lag):
            total += samples[i] * samples[i + lag]
        out[lag] = total
    return out


@njit(nogil=True, cache=True)
def levinson(correlation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the prediction error filter that belongs to an autocorrelation (Durbin 1960)."""
    order = correlation.size - 1
    model = np.zeros(order + 1)
    model[0] = 1.0
    error = correlation[0] * (1.0 + _LOUDER) + 1e-30
    before = np.empty(order + 1)
    for k in range(1, order + 1):
        total = correlation[k]
        for i in range(1, k):
            total += model[i] * correlation[k - i]
        reflection = -total / error
        for i in range(k):
            before[i] = model[i]
        for i in range(1, k):
            model[i] = before[i] + reflection * before[k - i]
        model[k] = reflection
        error *= 1.0 - reflection * reflection
        if error <= 0:
            break
    return model


@njit(nogil=True, cache=True)
def solve_missing(window: NDArray[np.float64], places: NDArray[np.int64], model: NDArray[np.float64]) -> None:
    """Fill the samples at the (ascending) places so that the model's prediction errors are least (skyline Cholesky)."""
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
    lower = np.zeros((count, order + 1))  # lower[i, i - j]: so that rows are dense
    first = np.zeros(count, np.int64)
    start = 0
    for i in range(count):
        while places[i] - places[start] > order:
            start += 1
        first[i] = start
        for j in range(start, i + 1):
            total = overlap[places[i] - places[j]]
            if i == j:
                total += _RIDGE * overlap[0]
            for k in range(max(start, first[j]), j):
                total -= lower[i, i - k] * lower[j, j - k]
            if i == j:
                lower[i, 0] = np.sqrt(max(total, 1e-12 * overlap[0]))
            else:
                lower[i, i - j] = total / lower[j, 0]
        total = right[i]
        for k in range(start, i):
            total -= lower[i, i - k] * right[k]
        right[i] = total / lower[i, 0]
    for i in range(count - 1, -1, -1):
        right[i] /= lower[i, 0]
        for k in range(first[i], i):
            right[k] -= lower[i, i - k] * right[i]
    for i in range(count):
        window[places[i]] = right[i]
