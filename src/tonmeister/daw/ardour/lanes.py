"""Lanes as Ardour plays them: breakpoints in superclocks, its own laws between them, its own pan laws.

Between two points of a fader Ardour moves along its fader's scale, not along decibels; a ramp gets points in between where
that would show. Our lanes step and ramp in song time, so a step becomes two points one superclock apart.

Ardour smooths faders and sends with a one-pole of 6.4 ms, gain += share * (asked - gain) from frame to frame. What is asked for is
therefore the gain and 6.4 ms of its slope ahead: smoothed, that is our ramp. On a ramp of decibels it is the same ramp some
hundredths of a decibel further on, with a small step at either end. A step of our own cannot be led, no fader reaches so
far: it slides for 6.4 ms.
"""

from collections.abc import Sequence
from math import log2

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
MOVES_TOLD = (
    "Faders and sends that move are asked for 6 ms of their slope ahead, as Ardour smooths them by that; a step slides for 6 ms. "
    "Before 8.10 Ardour moves faders late by the latency of the sound card."
)
"""What is said of every session with moving faders or sends."""
_MOMENT_S = 1e-5
"""Over so long the slope of a gain is taken."""
_MONO_SCALE = 2 - 4 * 10 ** (-3 / 20)
"""Ardour's mono pan law: gain = x (scale x + 1 - scale), which gives -3 dB at the centre; measured on 7.3."""
_SHORT_RUN = 4
"""Frames from a bend of a plugin's parameter to the point behind it."""

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


def plugin_points(value: Value, lane: Lane, *, error: float, sample_rate_hz: int) -> Points:
    """Return the points of a plugin's parameter, on whole frames: Ardour parts a run of a plugin there.

    Our box of tools hears a value at the start of a run and moves on as in the run before; so that the run before is a short one
    where a ramp bends, each point has a second one some frames behind it.
    """
    frame = SUPERCLOCK_HZ // sample_rate_hz
    way = Way(value, straight, plain_stray(error))
    found: Points = []
    for at, here in walk(way, [lane], clock=lambda time_s: round(time_s * sample_rate_hz) * frame):
        if found and found[-1][0] >= at:
            found.pop()
        behind = at + _SHORT_RUN * frame
        found += [(at, here), (behind, value(behind / SUPERCLOCK_HZ, "at"))]
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
