"""Sound told anew under a ringing that hides only some of its frequencies.

What an autoregressive model of the neighbours foretells and what is heard are weighed by their powers (Godsill and Rayner 1998,
chapter 4: the most likely sound under both). Loudness and colour of the ringing are learnt from what is left after each round
(expectation and maximisation): below it the sound is heard as it is, and stays.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.processing.autoregression import fit_model, known_runs

Floats = NDArray[np.float64]
_ROUNDS = 3
_BEGINS_HZ, _ENDS_HZ = 1400.0, 9000.0
_LEAST_HZ, _SMEARED_HZ = 1200.0, 500.0
"""Nothing below the first is taken for the ringing; its spectrum is smoothed so wide."""
_LEAKS = 1e-3
"""Least of its spectrum, and of its power as white noise."""
_RIDGE, _QUIET = 1e-9, 1e-14


@dataclass(frozen=True, slots=True, eq=False)
class Ringing:
    """What is known of a ringing."""

    power: Floats
    """Its power, sample by sample."""
    smooth: Floats
    """The bell by which powers are smoothed."""
    rate_hz: int
    """Of the samples."""


@dataclass(frozen=True, slots=True, eq=False)
class _Foretold:
    """The lost samples as the model sees them: precision, and what comes in from those that are known."""

    precision: Floats
    pull: Floats
    own: NDArray[np.bool_]
    """Which of the lost samples are those under the ringing; of the others nothing is heard."""


def uncover(window: Floats, lost: NDArray[np.bool_], first: int, ringing: Ringing, *, order: int) -> Floats:
    """Return what sounded under a ringing.

    Without 2 * order samples that are not lost in one piece, what is heard comes back as it is.

    Args:
        window: (frames,) with the ringing.
        lost: (frames,) which samples are hidden: by it, and by others.
        first: Where the ringing begins; it is as long as its power.
        ringing: What is known of it.
        order: Coefficients of the model.
    """
    heard = window[first : first + ringing.power.size]
    runs = [window[a:b] for a, b in known_runs(lost) if b - a > 2 * order]
    if not runs:
        return heard
    if not any(run.any() for run in runs):
        return np.zeros(heard.size)
    model = fit_model(runs, order)
    expected = float(np.mean(np.square(np.concatenate([np.convolve(run, model, "valid") for run in runs]))))
    told = _foretell(window, lost, model)
    own = np.zeros(window.size, np.bool_)
    own[first : first + heard.size] = True
    told = _Foretold(told.precision, told.pull, own[lost])
    power, spectrum = ringing.power, _band(heard.size, ringing.rate_hz)
    sound = heard
    for _ in range(_ROUNDS):
        covariance = _covariance(power, spectrum, expected)
        sound = _most_likely(told, heard, expected * np.linalg.inv(covariance))
        rest = heard - sound
        spectrum = _spectrum(rest / np.sqrt(power + 1e-4 * expected + _QUIET), ringing.rate_hz)
        power = (power + _smoothed(np.square(rest), ringing.smooth)) / 2
    return sound


def _foretell(window: Floats, lost: NDArray[np.bool_], model: Floats) -> _Foretold:
    order, places = model.size - 1, np.flatnonzero(lost)
    products = np.correlate(model, model, "full")
    overlap = np.zeros(window.size)
    overlap[: order + 1] = products[order:]
    precision = overlap[np.abs(places[:, None] - places[None, :])]
    precision[np.diag_indices(places.size)] += _RIDGE * overlap[0]
    pull = -np.convolve(np.pad(np.where(lost, 0.0, window), order), products, "valid")[places]
    return _Foretold(precision, pull, np.ones(places.size, np.bool_))


def _most_likely(told: _Foretold, heard: Floats, trust: Floats) -> Floats:
    matrix, right = told.precision.copy(), told.pull.copy()
    matrix[np.ix_(told.own, told.own)] += trust
    right[told.own] += trust @ heard
    return np.asarray(np.linalg.solve(matrix, right)[told.own])


def _covariance(power: Floats, spectrum: Floats, expected: float) -> Floats:
    alike = np.fft.irfft(spectrum)[: power.size]
    size = np.sqrt(power + 1e-4 * expected + _QUIET)
    lags = np.abs(np.subtract.outer(np.arange(power.size), np.arange(power.size)))
    out = alike[lags] / alike[0] * np.outer(size, size)
    out[np.diag_indices(power.size)] += _LEAKS * (power + expected) + _QUIET
    return np.asarray(out)


def _band(frames: int, rate_hz: int) -> Floats:
    """Return the spectrum from which it starts."""
    frequency = np.fft.rfftfreq(4 * frames, 1 / rate_hz)
    return ((frequency > _BEGINS_HZ) & (frequency < _ENDS_HZ)) + 3 * _LEAKS


def _spectrum(rest: Floats, rate_hz: int) -> Floats:
    """Return the smoothed power spectrum of what is left."""
    size = 4 * rest.size
    power = np.square(np.abs(np.fft.rfft(rest * np.hanning(rest.size + 2)[1:-1], size)))
    bell = np.hanning(max(3, int(_SMEARED_HZ * size / rate_hz)) + 2)[1:-1]
    power = _smoothed(power, bell / bell.sum())
    return np.asarray(power / (power.max() + 1e-30) * (np.fft.rfftfreq(size, 1 / rate_hz) > _LEAST_HZ) + _LEAKS)


def _smoothed(values: Floats, bell: Floats) -> Floats:
    """Return the values smoothed, as many as they were."""
    return np.asarray(np.convolve(values, bell)[bell.size // 2 :][: values.size])
