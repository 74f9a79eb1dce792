"""Lanes as Ardour plays them: breakpoints in superclocks, its own laws between them, its own pan laws.

Between two points of a fader Ardour moves along its fader's scale, not along decibels; a ramp gets points in between where
that would show. Our lanes step and ramp in song time, so a step becomes two points one superclock apart.
Ardour 7.3 smooths a moving fader or send with a one-pole of 6.4 ms and, headless, plays it 256 frames late; that is its own and
stays, so that points stand where the song has its events.
"""

from collections.abc import Sequence
from math import log2

from tonmeister.daw.lanes import Value, Way, straight, walk
from tonmeister.daw.pans import sides_of
from tonmeister.document.lane import Lane

SUPERCLOCK_HZ = 282_240_000
"""Ardour's unit of time: a whole number of it fits into a frame of every usual sample rate."""
LOUDEST_GAIN = 2.0
"""Top of Ardour's faders and sends; it holds what is above."""
_MONO_SCALE = 2 - 4 * 10 ** (-3 / 20)
"""Ardour's mono pan law: gain = x (scale x + 1 - scale), which gives -3 dB at the centre; measured on 7.3."""
_UNHEARD = 1e-5
"""A gain of -100 dB; below it a ramp may run as it likes."""

Points = list[tuple[int, float]]
"""Time in superclocks, value as Ardour holds it."""


def superclocks(time_s: float) -> int:
    """Return a time as Ardour counts it."""
    return round(time_s * SUPERCLOCK_HZ)


def gain_points(value: Value, lanes: Sequence[Lane], *, error_db: float) -> Points:
    """Return the points of a fader whose value is a product of gains with knots in these lanes.

    Between the points Ardour stays within error_db of the value.
    """
    share = 10 ** (error_db / 20) - 1

    def is_near(got: float, wanted: float) -> bool:
        return abs(got - wanted) <= max(wanted * share, _UNHEARD)

    way = Way(lambda time_s, side: min(value(time_s, side), LOUDEST_GAIN), _along_fader, is_near)
    return walk(way, lanes, clock=superclocks)


def linear_points(value: Value, lanes: Sequence[Lane], *, error: float) -> Points:
    """Return the points of a value that Ardour moves in straight lines, such as a pan."""
    way = Way(value, straight, lambda got, wanted: abs(got - wanted) <= error)
    return walk(way, lanes, clock=superclocks)


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
