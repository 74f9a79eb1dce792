"""Wow: a speed that swings regularly, from the pitch of all partials together."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis import fourier
from tonmeister.analysis.slow import slow_down
from tonmeister.audio import Audio

SLOWEST_HZ, FASTEST_HZ = 0.3, 3.0
"""Turns of records and reels; singers swing faster."""
LEAST_DEPTH = 0.0008
"""Speeds that swing by less than 0.08 % are even."""
STANDS_OUT = 20.0
"""Power of the swing over that of what else moves the pitch, per degree of freedom."""
_FRAME_S, _HOP_S, _KNOT_S = 0.12, 0.04, 0.025
LEAST_CERTAINTY = 9.0
"""Six parts of the recording swing alike: their mean over its standard error. Clean recordings reach 11, but not both this..."""
MOST_RIVAL = 0.5
"""...and this: no other frequency explains the pitch half as well. Melodies and beats swing at many; a reel turns at one."""
_LOWEST_HZ, _HIGHEST_HZ = 150.0, 3000.0
_PEAKS = 24
_PARTS, _APART_HZ = 6, 0.1
_NEAR, _FARTHEST, _ROUNDS = 0.03, 0.2, 14


@dataclass(frozen=True, slots=True)
class WowTrack:
    """A swing of the speed that was found."""

    rate_hz: float
    """Swings per second."""
    depth: float
    """Largest deviation of the speed from even."""
    knot_s: float
    """Seconds from knot to knot of ahead_ms, the first at the start."""
    ahead_ms: tuple[float, ...]
    """How far what plays at each knot lies ahead of where it would at even speed."""


def find_wow(audio: Audio) -> WowTrack | None:
    """Return the swing of the speed, or None where the speed is even or too little sounds to tell."""
    slow, rate = slow_down(audio, least_hz=8000)
    changes = _changes(slow.mean(axis=0), rate)
    bends, weights = _shared(changes, np.zeros(len(changes)))
    if (weights > 0).sum() < 100:
        return None
    times = (np.arange(bends.size) + 0.5) * _HOP_S + _FRAME_S / 2
    grid = np.arange(SLOWEST_HZ, FASTEST_HZ, 0.25 / (times[-1] - times[0]))
    fits = [_fit(bends, weights, times, f) for f in grid]
    gains = np.array([gain for gain, _ in fits])
    frequency = float(grid[int(np.argmax(gains))])
    rivals = gains[np.abs(grid - frequency) > _APART_HZ] / (gains.max() + 1e-12)
    swing = max(fits, key=lambda fit: fit[0])[1]
    for _ in range(_ROUNDS):  # partials near to what is expected, not to an even speed
        expected = (swing * np.exp(2j * np.pi * frequency * times)).real
        bends, weights = _shared(changes, expected)
        near = frequency + np.arange(-10, 11) * 0.03 / (times[-1] - times[0])
        fits = [_fit(bends, weights, times, f) for f in near]
        best = int(np.argmax([gain for gain, _ in fits]))
        frequency, (gain, swing) = float(near[best]), fits[best]
    depth = float(np.abs(swing)) / (2 * np.pi * frequency)
    certain = _certainty(bends, weights, times, frequency)
    if gain < STANDS_OUT or depth < LEAST_DEPTH or certain < LEAST_CERTAINTY or rivals.max(initial=0) > MOST_RIVAL:
        return None
    # bends are the slope of the log speed: integrate twice for the time that it runs ahead
    knots = np.arange(0, audio.duration_s + _KNOT_S, _KNOT_S)
    turn = np.exp(2j * np.pi * frequency * knots)
    ahead = (swing * turn / (2j * np.pi * frequency) ** 2).real * 1000
    return WowTrack(frequency, depth, _KNOT_S, tuple(round(float(v), 5) for v in ahead))


def _fit(
    bends: NDArray[np.float64], weights: NDArray[np.float64], times: NDArray[Any], frequency: float
) -> tuple[float, complex]:
    """Return how far a swing of this frequency stands out, and its complex amplitude in bends per second (robust)."""
    angle = 2 * np.pi * frequency * times
    columns = np.column_stack([np.cos(angle), np.sin(angle)])
    solution: NDArray[Any] = np.zeros(2)
    gain, weight = 0.0, weights
    for _ in range(3):
        weighted = columns * weight[:, None]
        normal = columns.T @ weighted + 1e-12 * np.eye(2)
        solution = np.linalg.solve(normal, weighted.T @ bends)
        left = bends - columns @ solution
        spread = np.sqrt(np.average(np.square(left), weights=weight)) + 1e-9
        gain = float(solution @ normal @ solution / (2 * spread**2 * weight.mean()))
        weight = weights / (1 + np.square(left / (1.5 * spread)))
    return gain, complex(solution[0], -solution[1])


def _certainty(
    bends: NDArray[np.float64], weights: NDArray[np.float64], times: NDArray[Any], frequency: float
) -> float:
    """Return how alike parts of the recording swing, in which as many partials tell: mean over standard error."""
    share = np.cumsum(weights) / weights.sum()
    part = np.minimum((share * _PARTS).astype(np.int64), _PARTS - 1)
    swings = np.array(
        [
            _fit(bends[part == k], weights[part == k], times[part == k], frequency)[1]
            for k in range(_PARTS)
            if weights[part == k].any()
        ]
    )
    return float(np.abs(swings.mean()) / (np.std(swings) / np.sqrt(swings.size) + 1e-12))


def _changes(signal: NDArray[np.float32], rate: float) -> list[NDArray[np.float64]]:
    """Return, from frame to frame, the slopes of the log frequencies of the partials that go on, in 1/s."""
    size, hop = round(_FRAME_S * rate), round(_HOP_S * rate)
    window = np.hanning(size + 2)[1:-1].astype(np.float32)
    frames = [
        _find_peaks(signal[start : start + size] * window, rate) for start in range(0, signal.size - size + 1, hop)
    ]
    return [_compare(before, now) for before, now in pairwise(frames)]


def _shared(
    changes: list[NDArray[np.float64]], expected: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the median slope of the partials near the expected one, in 1/s, and how many they are; none below two."""
    bends, weights = expected.copy(), np.zeros(len(changes))
    for k, slopes in enumerate(changes):
        near = slopes[np.abs(slopes - expected[k]) < _NEAR]
        if near.size >= 2:
            bends[k], weights[k] = np.median(near), near.size
    return bends, weights


def _find_peaks(frame: NDArray[np.float32], rate: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return log frequencies and levels of the strongest peaks, rising, by a parabola through the logarithms."""
    size = 4 * frame.size
    spectrum = np.log(np.square(np.abs(fourier.rfft(frame, size))).astype(np.float64) + 1e-16)
    first, last = round(_LOWEST_HZ * size / rate), min(round(_HIGHEST_HZ * size / rate), spectrum.size - 2)
    part = spectrum[first:last]
    here = (
        np.flatnonzero((part[1:-1] > part[:-2]) & (part[1:-1] >= part[2:]) & (part[1:-1] > part.max() - 6)) + 1 + first
    )
    here = here[spectrum[here] > -20]
    here = np.sort(here[np.argsort(spectrum[here])[-_PEAKS:]])
    left, middle, right = spectrum[here - 1], spectrum[here], spectrum[here + 1]
    place = here + 0.5 * (left - right) / (left - 2 * middle + right - 1e-12)
    return np.log(place * rate / size), middle


def _compare(
    before: tuple[NDArray[np.float64], NDArray[np.float64]], now: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return the slopes of log frequency, in 1/s, of the partials of one frame that are there in the next."""
    if before[0].size == 0 or now[0].size == 0:
        return np.zeros(0)
    right = np.minimum(np.searchsorted(before[0], now[0]), before[0].size - 1)
    left = np.maximum(right - 1, 0)
    closer = np.where(np.abs(before[0][left] - now[0]) < np.abs(before[0][right] - now[0]), left, right)
    change = (now[0] - before[0][closer]) / _HOP_S
    return np.asarray(change[(np.abs(change) < _FARTHEST) & (np.abs(now[1] - before[1][closer]) < 1.5)])
