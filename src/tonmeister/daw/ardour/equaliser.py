"""Our equaliser bands on Ardour's own equaliser: low shelf, four bells, high shelf, fitted so that the sum is the same curve.

Ardour's bells are the cookbook's, its shelves have a Q of 0.707 and name another frequency than ours, and all are cramped near
Nyquist where ours are not. So: first the setting that would be right far below Nyquist, then a few steps of least squares.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import asinh, log

import numpy as np
from numpy.typing import NDArray

from tonmeister.processing.band import BUTTERWORTH_Q, Band
from tonmeister.processing.filter_design import magnitude_db

Floats = NDArray[np.float64]
BELLS = 4
_GAIN_LIMIT_DB = 20.0
_LOWEST_HZ, _HIGHEST_HZ = 20.0, 20_000.0
_BANDWIDTHS = 0.1, 4.0
_LOG_QS = np.log2(0.267), np.log2(14.4)
"""Of the Q of these bandwidths."""
_FIT_HZ = np.geomspace(20, 16_000, 120)
"""Where the curves are compared; above 16 kHz nobody could hear the rest."""
_STEPS = 30
_SCALES = np.array([1.0, 0.05, 0.1])
"""Size of a step in decibels, octaves, octaves of Q that counts as equally large."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A setting of one equaliser of Ardour's."""

    ports: dict[str, float]
    """Value of each port by its symbol."""
    error_db: float
    """Largest difference from our curve, 20 Hz to 16 kHz."""


def bandwidth_of(q: float) -> float:
    """Return the bandwidth in octaves at which Ardour's bell has this Q (measured on 7.3), held to its range."""
    low, high = _BANDWIDTHS
    return min(max(2 / log(2) * asinh(1 / (2 * q)), low), high)


def split_bands(bands: Sequence[Band]) -> list[tuple[Band, ...]]:
    """Return the shelves and bells in groups that one equaliser of Ardour's can hold."""
    groups: list[list[Band]] = []
    for band in bands:
        room = BELLS if band.shape == "peak" else 1
        for group in groups:
            if sum(one.shape == band.shape for one in group) < room:
                group.append(band)
                break
        else:
            groups.append([band])
    return [tuple(group) for group in groups]


def fit_bands(bands: tuple[Band, ...], sample_rate_hz: int) -> Fit:
    """Return the setting whose curve is nearest to ours; the bands are one group of split_bands."""
    wanted = magnitude_db(bands, _FIT_HZ, sample_rate_hz)
    shapes = [band.shape for band in bands]
    values = np.array([_start(band) for band in bands])
    best, best_error = values, _error(_curve(shapes, values, sample_rate_hz) - wanted)
    damping = 1e-2
    for _ in range(_STEPS):
        residual = _curve(shapes, best, sample_rate_hz) - wanted
        step = _step(shapes, best, residual, sample_rate_hz, damping)
        tried = _held(best + step)
        error = _error(_curve(shapes, tried, sample_rate_hz) - wanted)
        damping *= 0.3 if error < best_error else 8.0
        if error < best_error:
            best, best_error = tried, error
    rounded = np.round(best, 4)
    strays = np.abs(_curve(shapes, rounded, sample_rate_hz) - wanted)
    return Fit(_ports(shapes, rounded), float(np.max(strays)))


def _start(band: Band) -> tuple[float, float, float]:
    """Return gain, log2 frequency and log2 Q; a shelf's frequency is moved to where Ardour's prototype has its half."""
    shift = {"low_shelf": -1, "high_shelf": 1}.get(band.shape, 0) * band.gain_db / 80 * np.log2(10)
    frequency = np.clip(np.log2(band.frequency_hz) + shift, np.log2(_LOWEST_HZ), np.log2(_HIGHEST_HZ))
    q = band.q if band.shape == "peak" else BUTTERWORTH_Q
    gain = float(np.clip(band.gain_db, -_GAIN_LIMIT_DB, _GAIN_LIMIT_DB))
    return gain, float(frequency), float(np.clip(np.log2(q), *_LOG_QS))


def _curve(shapes: Sequence[str], values: Floats, sample_rate_hz: int) -> Floats:
    """Return the magnitude of Ardour's equaliser, in dB: bilinear, pre-warped at each band's frequency."""
    warped = np.tan(np.pi * np.minimum(_FIT_HZ / sample_rate_hz, 0.4999))
    total = np.zeros_like(_FIT_HZ)
    for shape, (gain_db, log_hz, log_q) in zip(shapes, values, strict=True):
        s = 1j * warped / np.tan(np.pi * min(2**log_hz / sample_rate_hz, 0.4999))
        a, k = 10 ** (gain_db / 40), 2**-log_q
        if shape == "peak":
            response = (s * s + a * k * s + 1) / (s * s + k / a * s + 1)
        elif shape == "low_shelf":
            response = (s * s + a * k * s + a * a) / (s * s + k * s + 1)
        else:
            response = (a * a * s * s + a * k * s + 1) / (s * s + k * s + 1)
        total += 20 * np.log10(np.abs(response))
    return total


def _step(shapes: Sequence[str], values: Floats, residual: Floats, sample_rate_hz: int, damping: float) -> Floats:
    """Return one step of Levenberg and Marquardt; shelves keep their Q."""
    free = [(row, column) for row, shape in enumerate(shapes) for column in range(3 if shape == "peak" else 2)]
    slopes = np.empty((_FIT_HZ.size, len(free)))
    base = _curve(shapes, values, sample_rate_hz)
    for number, (row, column) in enumerate(free):
        nudged = values.copy()
        nudged[row, column] += 1e-4 * _SCALES[column]
        slopes[:, number] = (_curve(shapes, nudged, sample_rate_hz) - base) / 1e-4
    normal = slopes.T @ slopes
    solved = np.linalg.solve(normal + damping * (np.diag(np.diag(normal)) + np.eye(len(free))), -slopes.T @ residual)
    step = np.zeros_like(values)
    for number, (row, column) in enumerate(free):
        step[row, column] = solved[number] * _SCALES[column]
    return step


def _held(values: Floats) -> Floats:
    """Keep a setting within what Ardour's ports hold."""
    held = values.copy()
    held[:, 0] = np.clip(held[:, 0], -_GAIN_LIMIT_DB, _GAIN_LIMIT_DB)
    held[:, 1] = np.clip(held[:, 1], np.log2(_LOWEST_HZ), np.log2(_HIGHEST_HZ))
    held[:, 2] = np.clip(held[:, 2], *_LOG_QS)
    return held


def _error(residual: Floats) -> float:
    return float(np.mean(residual * residual))


def _ports(shapes: Sequence[str], values: Floats) -> dict[str, float]:
    """Return the ports: bands that are not used are switched off."""
    ports: dict[str, float] = dict.fromkeys(("filtogl", "filtog1", "filtog2", "filtog3", "filtog4", "filtogh"), 0.0)
    bell = 0
    for shape, (gain_db, log_hz, log_q) in zip(shapes, values.tolist(), strict=True):
        if shape == "peak":
            bell += 1
            ports[f"bw{bell}"] = round(bandwidth_of(2**log_q), 4)
        slot = {"low_shelf": "l", "high_shelf": "h"}.get(shape, str(bell))
        ports[f"filtog{slot}"] = 1.0
        ports[f"freq{slot}"] = round(2**log_hz, 2)
        ports[f"g{slot}"] = round(gain_db, 3)
    return {**ports, "master": 0.0, "enable": 1.0}
