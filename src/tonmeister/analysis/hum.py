"""Mains hum: lines at multiples of 50 or 60 Hz that keep their phase through half a minute, under the music too."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.steps import SLOW_PER_S

LEAST_LINES = 3
"""So many lines of one series make a hum; a note of equal temperament meets one of the multiples at most."""
HARMONICS = 8
"""Multiples that are looked at: up to 400 or 480 Hz."""
CERTAIN_DB = 30.0
"""One steady line so far above its neighbours is enough: no player holds exactly 60 Hz in phase for half a minute."""
STANDS_OUT = 30.0
"""Power of a line over the noise left at its place after averaging; music without it gives 1."""
OVER_NEIGHBOURS_DB = 8.0
"""A loop's lines, a beat apart, are as strong as each other; a line of hum is stronger than all near it."""
LEAST_AGREEMENT = 0.7
"""First and second half must give the same line, level and phase: 1 - |a - b| / (|a| + |b|)."""
_WINDOW_S, _SEGMENT_S, _SEGMENTS = 2, 30, 3
_NEAR = np.array([*range(-14, -3), *range(4, 15)])
_OFFSETS_HZ = np.arange(-10, 11) / 100


@dataclass(frozen=True, slots=True)
class Hum:
    """A hum that was found."""

    frequency_hz: float
    """Fundamental: 50 or 60, give or take a tenth."""
    level_dbfs: float
    """RMS of its lines together."""
    lines: tuple[float, ...]
    """How far each multiple stands above its neighbours, in dB; 0 if it is not there or not steady."""


def find_hum(slow: NDArray[np.float32]) -> Hum | None:
    """Return the mains series with the most lines in a slow signal (`Steps.slow`), or None.

    A line of constant frequency is estimated as the mean of the windows' complex amplitudes, turned back to one time and
    weighted by what else sounds there (maximum likelihood for a sinusoid in noise of changing level, Kay 1993, ch. 4).
    Mains drifts, so that at most 30 s are taken together.
    """
    size = _SEGMENT_S * SLOW_PER_S
    if slow.size <= size:
        starts = [0]
    else:
        starts = sorted({round(place * (slow.size - size)) for place in np.linspace(0, 1, _SEGMENTS)})
    found = [hum for start in starts if (hum := _find_in(slow[start : start + size])) is not None]
    return max(found, key=lambda hum: (sum(line > 0 for line in hum.lines), hum.level_dbfs), default=None)


def _find_in(slow: NDArray[np.float32]) -> Hum | None:
    size = _WINDOW_S * SLOW_PER_S
    if slow.size < 2 * size:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(slow, size)[:: size // 2]
    power = np.square(windows).mean(axis=1, dtype=np.float64)
    sounding = np.flatnonzero(power > 1e-14)  # -140 dBFS: not digital silence
    if sounding.size < 4:
        return None
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    spectra = np.fft.rfft(windows[sounding] * hann)[:, : (HARMONICS + 1) * 60 * _WINDOW_S] * (2 / hann.sum())
    times = sounding.astype(np.float64) * (_WINDOW_S / 2)
    found = [hum for base in (50.0, 60.0) if (hum := _match(spectra, times, base)) is not None]
    return max(found, key=lambda hum: (sum(line > 0 for line in hum.lines), hum.level_dbfs), default=None)


def _match(spectra: NDArray[np.complex128], times: NDArray[np.float64], base_hz: float) -> Hum | None:
    """Return the series of this fundamental if enough of its lines stand out."""
    centres = [round(multiple * base_hz * _WINDOW_S) for multiple in range(1, HARMONICS + 1)]
    weights = [1 / (np.square(np.abs(spectra[:, centre + _NEAR])).mean(axis=1) + 1e-16) for centre in centres]
    multiples = np.arange(1, HARMONICS + 1)
    turns = np.exp(-2j * np.pi * base_hz * np.outer(multiples, times))
    weighted = np.array([spectra[:, c] * w for c, w in zip(centres, weights, strict=True)]) * turns
    drift = np.exp(-2j * np.pi * np.multiply.outer(_OFFSETS_HZ, np.outer(multiples, times)))
    total = np.array([weight.sum() for weight in weights])
    power = np.square(np.abs((drift * weighted).sum(axis=2))) / total
    best = int(np.argmax(np.log(np.maximum(power, 1)).sum(axis=1)))
    lines, level = [], 0.0
    for place, centre in enumerate(centres):
        turned = (drift[best] * weighted)[place]
        stands_out = power[best, place] >= STANDS_OUT and _agreement(turned, weights[place]) >= LEAST_AGREEMENT
        over_db = -math.inf
        if stands_out:
            over_db = _over_neighbours_db(spectra, times, centre, weights[place], float(power[best, place]))
        counts = over_db >= OVER_NEIGHBOURS_DB
        lines.append(min(over_db, 99.0) if counts else 0.0)
        level += float(np.square(np.abs(turned.sum() / total[place])) / 2) if counts else 0.0
    if sum(line > 0 for line in lines) < LEAST_LINES and max(lines[:2]) < CERTAIN_DB:
        return None
    return Hum(base_hz + float(_OFFSETS_HZ[best]), float(10 * np.log10(level)), tuple(lines))


def _agreement(turned: NDArray[np.complex128], weight: NDArray[np.float64]) -> float:
    half = len(weight) // 2
    first, second = turned[:half].sum() / weight[:half].sum(), turned[half:].sum() / weight[half:].sum()
    return float(1 - abs(first - second) / max(abs(first) + abs(second), 1e-30))


def _over_neighbours_db(
    spectra: NDArray[np.complex128], times: NDArray[np.float64], centre: int, weight: NDArray[np.float64], power: float
) -> float:
    """Return how far a line stands above the strongest of those 2 to 7 Hz beside it, averaged in the same way."""
    beside = centre + _NEAR
    halves = np.round(times * (2 / _WINDOW_S)).astype(np.int64)  # windows begin at whole halves: turns are half turns
    turns = 1.0 - 2.0 * (np.outer(halves, beside) & 1)
    others = np.square(np.abs((spectra[:, beside] * turns * weight[:, None]).sum(axis=0))) / weight.sum()
    return float(10 * np.log10(max(power, 1e-20) / max(float(others.max()), 1e-20)))
