"""Lanes as Ardour plays them: breakpoints in superclocks, its own laws between them, its own pan laws.

Between two points of a fader Ardour moves along its fader's scale, not along decibels; a ramp gets points in between where
that would show. Our lanes step and ramp in song time, so a step becomes two points one superclock apart.

Ardour smooths faders and sends with a one-pole of 6.4 ms, gain += share * (asked - gain) from frame to frame. What is asked for is
therefore the gain and 6.4 ms of its slope ahead: smoothed, that is our ramp. On a ramp of decibels it is the same ramp some
hundredths of a decibel further on, with a small step at either end. A step of our own cannot be led, no fader reaches so
far: it slides for 6.4 ms.

A plugin's parameter Ardour tells at the start of a run, and it parts runs at automation points; our box of tools hears the value there
and moves on as in the run before.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, inf, log2

from tonmeister.daw.lanes import Side, Value, Way, gain_stray, plain_stray, straight, walk
from tonmeister.daw.pans import sides_of
from tonmeister.document.lane import Lane

SUPERCLOCK_HZ = 282_240_000
"""Ardour's unit of time: a whole number of it fits into a frame of every usual sample rate."""
LOUDEST_GAIN = 2.0
"""Top of Ardour's faders and sends; it holds what is above."""
LANE_ERROR_DB = 0.0003
"""How far Ardour may stray from a ramp between two points, so that a session nulls to -90 dB; a ride of 3 dB gets ten points."""
_SMOOTHING_S = 1 / 156.825
"""Time constant of the one-pole behind faders and sends; measured on 7.3, the same at every sample rate."""
SENDS_TOLD = (
    "Sends that move are asked for 6 ms of their slope ahead, as Ardour smooths them by that; a step slides for 6 ms."
)
"""What is said of every session with moving sends."""
LATE_TOLD = (
    "Faders that your session moves are asked for 6 ms of their slope ahead, as Ardour smooths them by that; a step slides for 6 ms, and "
    "before 8.10 Ardour moves them late by the latency of the sound card."
)
"""What is said of a person's session whose own fader automation is set."""
_MOMENT_S = 1e-5
"""Over so long the slope of a gain is taken."""
_MONO_SCALE = 2 - 4 * 10 ** (-3 / 20)
"""Ardour's mono pan law: gain = x (scale x + 1 - scale), which gives -3 dB at the centre; measured on 7.3."""
_SHORT_RUNS = (1, 17)
"""Frames from a bend of a plugin's parameter to the points behind it: a run in which nothing can go wrong, and one that tells the slope
closely enough for the runs of a whole block."""
_SLOW = 5.0
"""A ramp that rises by less a second needs no points in between: it moves by less than `furthest` over the longest run."""

Points = list[tuple[int, float]]
"""Time in superclocks, value as Ardour holds it."""


def superclocks(time_s: float) -> int:
    """Return a time as Ardour counts it."""
    return round(time_s * SUPERCLOCK_HZ)


def gain_points(value: Value, lanes: Sequence[Lane], *, error_db: float = LANE_ERROR_DB) -> Points:
    """Return the points of a fader whose gain, once Ardour has smoothed it, is a product of gains with knots in these lanes.

    Between the points Ardour stays within error_db of what the fader is asked for.
    """
    asked = _ahead(value)
    stray = gain_stray(10 ** (error_db / 20) - 1)
    way = Way(lambda time_s, side: min(max(asked(time_s, side), 0.0), LOUDEST_GAIN), _along_fader, stray)
    return walk(way, lanes, clock=superclocks)


def _ahead(value: Value) -> Value:
    """Return what a smoothed fader must be asked for to play a gain: the gain and its slope times the time constant."""

    def asked(time_s: float, side: Side) -> float:
        here = value(time_s, side)
        if side == "at":
            rise = value(time_s + _MOMENT_S, "before") - here
        else:
            rise = here - value(time_s - _MOMENT_S, "at") if time_s >= _MOMENT_S else 0.0
        return here + rise * _SMOOTHING_S / _MOMENT_S

    return asked


def linear_points(value: Value, lanes: Sequence[Lane], *, error: float) -> Points:
    """Return the points of a value that Ardour moves in straight lines, such as a pan."""
    way = Way(value, straight, plain_stray(error))
    return walk(way, lanes, clock=superclocks)


def plugin_points(way: Way, lanes: Sequence[Lane], *, sample_rate_hz: int, furthest: float = inf) -> Points:
    """Return the points of a plugin's parameter, on whole frames: Ardour parts a run of a plugin there.

    Our box of tools hears a value at the start of a run and moves on as in the run before; so that the run before is a short one
    where a ramp bends, each point has two more some frames behind it. Steep ramps get a point wherever the value has moved by `furthest`.
    """
    frame = SUPERCLOCK_HZ // sample_rate_hz
    bends = walk(way, lanes, clock=lambda time_s: round(time_s * sample_rate_hz) * frame)
    bends = _no_further(_on_frames(way, bends, frame), furthest, frame)
    found: Points = []
    still = (bends[-1][0] + (_SHORT_RUNS[-1] + 1) * frame, bends[-1][1])
    for (at, here), (then, there) in pairwise([*bends, still]):
        found.append((at, here))
        behind = (at + frames * frame for frames in _SHORT_RUNS)
        found += [(late, straight(here, there, (late - at) / (then - at))) for late in behind if late < then]
    return found


def _on_frames(way: Way, points: Points, frame: int) -> Points:
    """Return points that hold what the value is on their frame; the two of a step keep what they have."""
    ends = {at for (before, _), (then, _) in pairwise(points) if then - before < frame for at in (before, then)}
    return [(at, value if at in ends else way.value(at / SUPERCLOCK_HZ, "at")) for at, value in points]


def _no_further(points: Points, furthest: float, frame: int) -> Points:
    """Return points between which a steep ramp moves no further, or a frame apart; a step stays one."""
    found = points[:1]
    for (at, here), (then, there) in pairwise(points):
        moved, length = abs(there - here), then - at
        if length > frame and moved > furthest and moved * SUPERCLOCK_HZ > _SLOW * length:
            pieces = min(ceil(moved / furthest), length // frame)
            places = (at + length * piece // (pieces * frame) * frame for piece in range(1, pieces))
            found += [(place, straight(here, there, (place - at) / length)) for place in places]
        found.append((then, there))
    return found


def azimuth_of(pan: float, *, channels: int) -> float:
    """Return Ardour's azimuth (0 left … 1 right) that gives the sides the ratio that our pan gives them."""
    left, right = sides_of(pan, channels)
    if channels == 2:
        return 1 - left / 2 if pan > 0 else right / 2
    low, high = 0.0, 1.0
    for _ in range(48):
        middle = (low + high) / 2
        if _ardour_mono(middle) * left < _ardour_mono(1 - middle) * right:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def mono_pan_correction(pan: float) -> float:
    """Return the gain by which our pan of one channel is louder than Ardour's in the same direction; within 0.1 dB."""
    left, right = sides_of(pan, 1)
    azimuth = azimuth_of(pan, channels=1)
    return right / _ardour_mono(azimuth) if pan > 0 else left / _ardour_mono(1 - azimuth)


def _ardour_mono(x: float) -> float:
    return x * (_MONO_SCALE * x + 1 - _MONO_SCALE)


def _along_fader(low: float, high: float, share: float) -> float:
    """Return the gain on the way between two gains on Ardour's fader scale."""
    position = _position(low) + share * (_position(high) - _position(low))
    return float(2 ** ((position ** (1 / 8) * 198 - 192) / 6))


def _position(gain: float) -> float:
    return ((6 * log2(max(gain, 1e-7)) + 192) / 198) ** 8
