"""Bridges a gap in one voice or string: its pitch is carried from side to side, and each harmonic rides on that.

Partials are joined across the gap as by McAulay and Quatieri (1986), but all on one phase: a fundamental that meets level and
slope of both sides (Hermite), moved by less than a cycle so that the waves of both sides fall together.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_LOWEST_HZ, _HIGHEST_HZ = 45.0, 1000.0
_PITCH_S, _LEAST_PERIODS, _WINDOW_S = 0.05, 3.0, (0.03, 0.07)
"""A pitch is sought in so much sound, then fitted in the last three periods, within limits."""
_LEAST_PERIODICITY, _FIRST_PEAK = 0.3, 0.88
_MOST_HARMONICS, _BRIGHTEST_HZ, _ROUGH_HARMONICS = 50, 5000.0, 8
_ROUNDS = 14
_MOST_LEFT = 0.025
"""The harmonics leave no more of the power of a side: two notes at once leave more."""
_MOST_INTERVAL_OCTAVES = 0.3
_LEAST_COHERENCE, _MOST_MOVED_CYCLES = 0.5, 0.15
"""The waves of both sides are so much alike where the pitch foretells it, give or take so much of a cycle."""
_MOST_GLIDE = 0.24
"""Most that the slope of one side alone may change the pitch within the gap."""


@dataclass(frozen=True, slots=True, eq=False)
class _Edge:
    """A harmonic sound where it breaks off."""

    frequency_hz: float
    slope_hz_s: float
    harmonics: NDArray[np.complex128]
    left_over: float
    """Share of the power that is not harmonic."""


def bridge_gap(known: Floats, first: int, last: int, rate: int) -> Floats | None:
    """Return what a voice with harmonics sang in a gap; None where the sides are not of one such sound."""
    near = round(_WINDOW_S[1] * rate)
    before, after = known[max(0, first - near) : first], known[last : last + near][::-1]
    pitches = _pitch_hz(before, rate), _pitch_hz(after, rate)
    if min(pitches) == 0:
        return None
    if (
        abs(np.log2(pitches[0] / pitches[1])) > _MOST_INTERVAL_OCTAVES
    ):  # an octave is easily mistaken: the lower has both
        pitches = min(pitches), min(pitches)
    edges = [_follow(part, pitch, rate) for part, pitch in zip((before, after), pitches, strict=True)]
    if max(edge.left_over for edge in edges) > _MOST_LEFT:
        return None
    if abs(np.log2(edges[0].frequency_hz / edges[1].frequency_hz)) > _MOST_INTERVAL_OCTAVES:
        return None
    return _join(edges[0], edges[1], last - first, rate)


def _pitch_hz(sound: Floats, rate: int) -> float:
    """Return the pitch at the end of a sound by its autocorrelation; 0 for none."""
    part = sound[-round(_PITCH_S * rate) :]
    window = np.hanning(part.size)
    size = 4 * part.size
    if part.size < round(_PITCH_S * rate) or not part.any():
        return 0.0
    alike, own = (np.fft.irfft(np.square(np.abs(np.fft.rfft(x, size)))) for x in (part * window, window))
    first, last = round(rate / _HIGHEST_HZ), min(round(rate / _LOWEST_HZ), round(0.6 * part.size))
    alike = alike[first - 1 : last + 1] / alike[0] / (own[first - 1 : last + 1] / own[0] + 1e-3)
    tops = np.flatnonzero((alike[1:-1] >= alike[:-2]) & (alike[1:-1] > alike[2:])) + 1
    if tops.size == 0 or alike[tops].max() < _LEAST_PERIODICITY:
        return 0.0
    lag = tops[alike[tops] >= _FIRST_PEAK * alike[tops].max()][0] + first - 1
    return float(rate / lag)


def _follow(sound: Floats, pitch_hz: float, rate: int) -> _Edge:
    """Return pitch, slope and harmonics at the end of a sound (least squares, the end counts most)."""
    frames = round(min(max(_WINDOW_S[0], _LEAST_PERIODS / pitch_hz), _WINDOW_S[1]) * rate)
    part = sound[-frames:]
    time = (np.arange(part.size) - part.size + 1) / rate  # ends at 0
    weight = np.sqrt(np.interp(time, [time[0], 0.7 * time[0], 0], [0.2, 1, 1]))
    most = int(max(1, min(_BRIGHTEST_HZ / pitch_hz, part.size / 6, _MOST_HARMONICS)))
    tune = np.array([pitch_hz, 0.0])
    step = np.array([0.02 * pitch_hz, 2.0 * pitch_hz])
    for harmonics in (min(most, _ROUGH_HARMONICS), most):
        tune = _tuned(part, (time, weight), tune, step, harmonics)
        step = np.array([0.001, 0.1]) * pitch_hz
    values, left = _fit(part, (time, weight), tune, most)
    return _Edge(float(tune[0]), float(tune[1]), values, left)


def _tuned(part: Floats, at: tuple[Floats, Floats], tune: Floats, step: Floats, harmonics: int) -> Floats:
    """Return the pitch at the end and its slope that leave least of the sound, from a start on (pattern search)."""
    middle_s = at[0][0] / 2
    moves = np.array([[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1]])
    least = _fit(part, at, tune, harmonics)[1]
    for _ in range(_ROUNDS):
        moved = False
        for pitch, slope in moves * step:
            other = tune + np.array([pitch - slope * middle_s, slope])  # the slope turns about the middle of the window
            left = _fit(part, at, other, harmonics)[1]
            if left < least:
                tune, least, moved = other, left, True
        if not moved:
            step = step / 2
    return tune


def _fit(part: Floats, at: tuple[Floats, Floats], tune: Floats, harmonics: int) -> tuple[NDArray[np.complex128], float]:
    """Return each harmonic at the end, changing evenly towards it, and the share of power that is left."""
    time, weight = at
    turns = tune[0] * time + tune[1] * np.square(time) / 2
    waves = np.exp(2j * np.pi * np.outer(np.arange(1, harmonics + 1), turns)) * weight
    real = np.concatenate([waves.real, -waves.imag])
    rows = np.concatenate([real, real * (time / time[0])])
    products = rows @ rows.T
    size = float(np.trace(products)) / len(rows)
    products[np.diag_indices(len(rows))] += size * np.repeat([1e-6, 1e-2], 2 * harmonics)
    heard = part * weight
    values = np.linalg.solve(products, rows @ heard)
    left = float(np.square(heard - values @ rows).sum() / (heard @ heard + 1e-12))
    return values[:harmonics] + 1j * values[harmonics : 2 * harmonics], left


def _join(before: _Edge, after: _Edge, frames: int, rate: int) -> Floats | None:
    """Return the wave from edge to edge; what is after is turned in time."""
    gap_s, u = (frames + 1) / rate, np.arange(1, frames + 1) / (frames + 1)
    count = min(before.harmonics.size, after.harmonics.size)
    numbers = np.arange(1, count + 1)
    left, right = before.harmonics[:count], np.conj(after.harmonics[:count])
    turns = _turns(before, after, gap_s, np.append(u, 1.0))
    moved = np.arange(-400, 401) / 800
    products = np.conj(left) * right
    loud = np.sqrt(np.square(np.abs(left)).sum() * np.square(np.abs(right)).sum()) + 1e-12
    alike = (products @ np.exp(-2j * np.pi * np.outer(numbers, turns[-1] + moved))).real / loud
    best = int(np.argmax(alike - 4 * np.square(moved)))
    if alike[best] < _LEAST_COHERENCE or abs(moved[best]) > _MOST_MOVED_CYCLES:
        return None
    phase = turns[:-1] + moved[best] * (3 - 2 * u) * np.square(u)
    right = right * np.exp(-2j * np.pi * numbers * (turns[-1] + moved[best]))
    values = np.outer(left, 1 - u) + np.outer(right, u)
    return np.asarray((values * np.exp(2j * np.pi * np.outer(numbers, phase))).real.sum(axis=0))


def _turns(before: _Edge, after: _Edge, gap_s: float, u: Floats) -> Floats:
    """Return the phase of a pitch with level and slope of both edges, in turns; u runs from 0 to 1."""
    most = _MOST_GLIDE * min(before.frequency_hz, after.frequency_hz)
    slopes = np.clip(np.array([before.slope_hz_s, -after.slope_hz_s]) * gap_s, -most, most)
    parts = (
        before.frequency_hz * (u - u**3 + u**4 / 2),
        slopes[0] * (u**2 / 2 - 2 * u**3 / 3 + u**4 / 4),
        after.frequency_hz * (u**3 - u**4 / 2),
        slopes[1] * (u**4 / 4 - u**3 / 3),
    )
    return np.asarray(gap_s * np.sum(parts, axis=0))
