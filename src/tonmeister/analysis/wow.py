"""Wow: a speed that swings regularly, from the pitch of all partials together.

A melody plays few pitches, again and again: where the speed is even, the frequencies of a song's partials crowd at few places,
and a swing of the speed smears them. So the swing is sought that makes them crowd most. It is found coarsely by the notes'
distance to the nearest semitone (Dressler and Streich 2007 estimate tuning so) and refined by letting each partial lean on the
place where its like are found (mean shift, Comaniciu and Meer 2002), which needs no tuning, no scale and no model of a string.
"""

from dataclasses import dataclass
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
LEAST_SHARPER = 1.02
"""Partials crowd so much more when the swing is taken out; those of clean recordings 1.003 times at most."""
MOST_RIVAL = 0.5
"""No other frequency explains the pitch half as well: melodies and beats swing at many, a reel turns at one."""
LEAST_FRAMES = 100
_FRAME_S, _HOP_S, _KNOT_S = 0.12, 0.04, 0.025
_LOWEST_HZ, _HIGHEST_HZ = 150.0, 2500.0
_LOWEST_TUNED_HZ = 200.0
_PEAKS = 24
_APART_HZ = 0.1
_CENT = float(np.log(2) / 1200)
_SEMITONE = 100 * _CENT
_COARSE_CENTS = (16.0,) * 6
_SCANS = ((0.12, (10.0, 10.0, 7.0, 7.0)), (0.06, (7.0, 7.0, 7.0)))
"""Step of the frequency, in turns over the whole recording, and the widths in cents within which partials are alike."""
_FINE_CENTS = (7.0, 7.0, 7.0, 5.0, 5.0)
_JUDGED_CENTS = 4.0

Floats = NDArray[np.float64]


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


@dataclass(frozen=True, slots=True, eq=False)
class _Partials:
    """All partials of a recording: log frequency and time of each, from the middle of the recording."""

    pitch: Floats
    time: Floats
    duration_s: float


def find_wow(audio: Audio) -> WowTrack | None:
    """Return the swing of the speed, or None where the speed is even or too little sounds to tell."""
    slow, rate = slow_down(audio, least_hz=8000)
    frames = _peaks(slow.mean(axis=0), rate)
    if sum(frame.size > 0 for frame in frames) < LEAST_FRAMES:
        return None
    times: Floats = np.asarray(np.arange(len(frames)) * _HOP_S + _FRAME_S / 2, dtype=np.float64)
    duration_s = float(times[-1])
    centred: Floats = np.asarray(times - duration_s / 2)
    start, swing, rival = _coarse(frames, centred, duration_s)
    if rival > MOST_RIVAL:
        return None
    partials = _Partials(np.concatenate(frames), np.repeat(centred, [frame.size for frame in frames]), duration_s)
    frequency, swing = _refine(partials, start, swing)
    even = _crowding(partials.pitch)
    sharper = _crowding(partials.pitch - _swung(swing, frequency, partials.time)) / even
    if abs(swing) < LEAST_DEPTH or sharper < LEAST_SHARPER:
        return None
    knots = np.arange(0, audio.duration_s + _KNOT_S, _KNOT_S)
    ahead = 1000 * _swung(swing / (2j * np.pi * frequency), frequency, knots - duration_s / 2)
    return WowTrack(frequency, abs(swing), _KNOT_S, tuple(round(float(v), 5) for v in ahead))


def _swung(swing: complex, frequency: float, times: Floats) -> Floats:
    return np.asarray((swing * np.exp(2j * np.pi * frequency * times)).real)


def _peaks(signal: NDArray[np.float32], rate: float) -> list[Floats]:
    """Return the log frequencies of the strongest peaks of each frame, by a parabola through the logarithms."""
    size, hop = round(_FRAME_S * rate), round(_HOP_S * rate)
    window = np.hanning(size + 2)[1:-1].astype(np.float32)
    return [_find_peaks(signal[start : start + size] * window, rate) for start in range(0, signal.size - size + 1, hop)]


def _find_peaks(frame: NDArray[np.float32], rate: float) -> Floats:
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
    return np.asarray(np.log(place * rate / size))


def _coarse(frames: list[Floats], times: Floats, duration_s: float) -> tuple[float, complex, float]:
    """Return the frequency and swing that explain how far notes lie from semitones, and how well its best rival does."""
    lean = np.array(
        [np.exp(2j * np.pi * frame[frame > np.log(_LOWEST_TUNED_HZ)] / _SEMITONE).sum() for frame in frames]
    )
    grid = np.arange(SLOWEST_HZ, FASTEST_HZ, 0.25 / duration_s)
    fits = [_fit_lean(lean, times, frequency) for frequency in grid]
    gains = np.array([gain for gain, _ in fits])
    best = int(np.argmax(gains))
    rivals = gains[np.abs(grid - grid[best]) > _APART_HZ] / (gains[best] + 1e-12)
    return float(grid[best]), fits[best][1], float(rivals.max(initial=0.0))


def _fit_lean(lean: NDArray[np.complex128], times: Floats, frequency: float) -> tuple[float, complex]:
    """Return how much a swing explains of the notes' lean against semitones, and the swing (robust, about their mean)."""
    columns = _columns(times, frequency)
    middle = np.angle(lean.sum())
    solution: NDArray[Any] = np.zeros(3)
    gain = 0.0
    for _ in range(6):
        left = np.angle(lean * np.exp(-1j * (middle + columns @ solution)))
        weight = np.abs(lean) / (1 + np.square(2 * left))
        normal = columns.T @ (columns * weight[:, None]) + 1e-9 * np.eye(3)
        solution = solution + np.linalg.solve(normal, (columns * weight[:, None]).T @ left)
        explained = solution[1:] @ normal[1:, 1:] @ solution[1:]
        gain = float(explained / (np.average(np.square(left), weights=weight) + 1e-12))
    return gain, complex(solution[1], -solution[2]) * _SEMITONE / (2 * np.pi)


def _columns(times: Floats, frequency: float) -> Floats:
    turn = 2 * np.pi * frequency * times
    return np.column_stack([np.ones_like(times), np.cos(turn), np.sin(turn)])


def _refine(partials: _Partials, frequency: float, swing: complex) -> tuple[float, complex]:
    """Return the frequency and the swing under which the partials crowd most."""
    swing = _lean_on_alike(partials, frequency, swing, _COARSE_CENTS)
    for step, widths in _SCANS:
        tried = frequency + np.arange(-6, 7) * step / partials.duration_s
        swings = [_lean_on_alike(partials, one, swing, widths) for one in tried]
        crowding = np.array(
            [_crowding(partials.pitch - _swung(one, f, partials.time)) for one, f in zip(swings, tried, strict=True)]
        )
        best = int(np.argmax(crowding))
        frequency, swing = float(tried[best]), swings[best]
        part = slice(max(0, best - 4), best + 5)
        turns = (tried[part] - frequency) * partials.duration_s
        bend, slope, _ = np.polyfit(turns, crowding[part], 2)
        if bend < 0:  # the top of a parabola: between the steps, and quieter than one of them
            frequency += float(np.clip(-slope / (2 * bend), -0.3, 0.3)) / partials.duration_s
    return frequency, _lean_on_alike(partials, frequency, swing, _FINE_CENTS)


def _lean_on_alike(partials: _Partials, frequency: float, swing: complex, widths: tuple[float, ...]) -> complex:
    """Return the swing, fitted anew to how far each partial lies from where its like crowd; again for each width in cents."""
    columns = _columns(partials.time, frequency)
    for width in widths:
        expected = _swung(swing, frequency, partials.time)
        off = partials.pitch - _modes(partials.pitch - expected, width)
        weight = 1 / np.square(1 + np.square((off - expected) / (width * _CENT)))
        weighted = columns * weight[:, None]
        solution = np.linalg.solve(columns.T @ weighted + 1e-9 * np.eye(3), weighted.T @ off)
        fitted = complex(solution[1], -solution[2])
        swing = fitted + 0.5 * (fitted - swing)  # places move along with the swing: go half as far again
    return swing


def _histogram(pitch: Floats, width_cents: float) -> tuple[Floats, Floats, Floats]:
    """Return places in cents from the lowest, what lies at each cent and around it, and the mean place of that."""
    cents = pitch / _CENT
    cents = cents - np.floor(cents.min()) + 100
    count = np.bincount(np.round(cents).astype(np.int64), minlength=int(cents.max()) + 101).astype(np.float64)
    reach = np.arange(-round(5 * width_cents), round(5 * width_cents) + 1)
    window = np.exp(-0.5 * np.square(reach / width_cents))
    around = np.convolve(count, window, "same")
    mean = np.convolve(count * np.arange(count.size), window, "same") / np.maximum(around, 1e-9)
    return cents, around, mean


def _modes(pitch: Floats, width_cents: float) -> Floats:
    """Return where the partials like each one crowd (six steps of mean shift)."""
    cents, _, mean = _histogram(pitch, width_cents)
    place = cents
    for _ in range(6):
        place = np.interp(place, np.arange(mean.size), mean)
    return np.asarray(pitch + (place - cents) * _CENT)


def _crowding(pitch: Floats) -> float:
    """Return how many partials each has within some cents, in the mean."""
    cents, around, _ = _histogram(pitch, _JUDGED_CENTS)
    return float(around[np.round(cents).astype(np.int64)].mean())
