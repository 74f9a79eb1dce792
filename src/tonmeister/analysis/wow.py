"""Wow: a speed that swings regularly, from the pitch of all partials together."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis import fourier
from tonmeister.analysis.slow import slow_down
from tonmeister.audio import Audio

SLOWEST_HZ, FASTEST_HZ = 0.3, 3.0
"""Turns of records and reels; singers swing faster."""
LEAST_DEPTH = 0.0008
"""Speeds that swing by less than 0.08 % are even."""
STANDS_OUT = 12.0
"""Power of the swing over that of what else moves the pitch, per degree of freedom."""
_FRAME_S, _HOP_S, _KNOT_S = 0.08, 0.02, 0.05
_LOWEST_HZ, _HIGHEST_HZ = 150.0, 3000.0
_PEAKS = 24
_NEAR = 0.006


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
    bends, weights = _bends(slow.mean(axis=0), rate)
    if (weights > 0).sum() < 100:
        return None
    times = (np.arange(bends.size) + 0.5) * _HOP_S + _FRAME_S / 2
    grid = np.arange(SLOWEST_HZ, FASTEST_HZ, 0.25 / (times[-1] - times[0]))
    fits = [_fit(bends, weights, times, f) for f in grid]
    best = int(np.argmax([gain for gain, _ in fits]))
    gain, swing = fits[best]
    frequency = float(grid[best])
    depth = float(np.abs(swing)) / (2 * np.pi * frequency)
    if gain < STANDS_OUT or depth < LEAST_DEPTH:
        return None
    # bends are the slope of the log speed: integrate twice for the time that it runs ahead
    knots = np.arange(0, audio.duration_s + _KNOT_S, _KNOT_S)
    turn = np.exp(2j * np.pi * frequency * knots)
    ahead = (swing * turn / (2j * np.pi * frequency) ** 2).real * 1000
    return WowTrack(frequency, depth, _KNOT_S, tuple(round(float(v), 5) for v in ahead))


def _fit(
    bends: NDArray[np.float64], weights: NDArray[np.float64], times: NDArray[np.float64], frequency: float
) -> tuple[float, complex]:
    """Return how far a swing of this frequency stands out, and its complex amplitude in bends per second (robust)."""
    angle = 2 * np.pi * frequency * times
    columns = np.column_stack([np.cos(angle), np.sin(angle)])
    solution, gain, weight = np.zeros(2), 0.0, weights
    for _ in range(3):
        weighted = columns * weight[:, None]
        normal = columns.T @ weighted + 1e-12 * np.eye(2)
        solution = np.linalg.solve(normal, weighted.T @ bends)
        left = bends - columns @ solution
        spread = np.sqrt(np.average(np.square(left), weights=weight)) + 1e-9
        gain = float(solution @ normal @ solution / (2 * spread**2 * weight.mean()))
        weight = weights / (1 + np.square(left / (1.5 * spread)))
    return gain, complex(solution[0], -solution[1])


def _bends(signal: NDArray[np.float32], rate: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the slope of the log frequency that the partials share, in 1/s, from frame to frame, and how sure it is."""
    size, hop = round(_FRAME_S * rate), round(_HOP_S * rate)
    window = np.hanning(size + 2)[1:-1].astype(np.float32)
    before: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
    bends, weights = [], []
    for start in range(0, signal.size - size + 1, hop):
        peaks = _find_peaks(signal[start : start + size] * window, rate)
        bend, weight = (0.0, 0.0) if before is None else _compare(before, peaks)
        bends.append(bend / _HOP_S)
        weights.append(weight)
        before = peaks
    return np.array(bends[1:]), np.array(weights[1:])


def _find_peaks(frame: NDArray[np.float32], rate: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return log frequencies and levels of the strongest peaks, rising, by a parabola through the logarithms."""
    size = 4 * frame.size
    spectrum = np.log(np.square(np.abs(fourier.rfft(frame, size))).astype(np.float64) + 1e-16)
    first, last = round(_LOWEST_HZ * size / rate), min(round(_HIGHEST_HZ * size / rate), spectrum.size - 2)
    part = spectrum[first:last]
    here = (
        np.flatnonzero((part[1:-1] > part[:-2]) & (part[1:-1] >= part[2:]) & (part[1:-1] > part.max() - 9)) + 1 + first
    )
    here = here[spectrum[here] > -20]
    here = np.sort(here[np.argsort(spectrum[here])[-_PEAKS:]])
    left, middle, right = spectrum[here - 1], spectrum[here], spectrum[here + 1]
    place = here + 0.5 * (left - right) / (left - 2 * middle + right - 1e-12)
    return np.log(place * rate / size), middle


def _compare(
    before: tuple[NDArray[np.float64], NDArray[np.float64]], now: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> tuple[float, float]:
    """Return the median change of log frequency of the partials that go on, and how many do."""
    if before[0].size == 0 or now[0].size == 0:
        return 0.0, 0.0
    nearest = np.clip(np.searchsorted(before[0], now[0]), 1, max(1, before[0].size - 1))
    nearest = np.minimum(nearest, before[0].size - 1)
    left = np.maximum(nearest - 1, 0)
    closer = np.where(np.abs(before[0][left] - now[0]) < np.abs(before[0][nearest] - now[0]), left, nearest)
    change = now[0] - before[0][closer]
    goes_on = (np.abs(change) < _NEAR) & (np.abs(now[1] - before[1][closer]) < 1.5)
    if goes_on.sum() < 2:
        return 0.0, 0.0
    return float(np.median(change[goes_on])), float(goes_on.sum())
