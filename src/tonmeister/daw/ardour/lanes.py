"""Lanes as Ardour plays them: breakpoints in superclocks, its own laws between them, its own pan laws.

Between two points of a fader Ardour moves along its fader's scale, not along decibels; a ramp gets points in between where
that would show. Our lanes step and ramp in song time, so a step becomes two points one superclock apart.
Ardour 7.3 smooths a moving fader or send with a one-pole of 6.4 ms and, headless, plays it 256 frames late; that is its own and
stays, so that points stand where the song has its events.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log2, pi, sin
from typing import Literal

from tonmeister.document.lane import SILENT_DB, Lane

SUPERCLOCK_HZ = 282_240_000
"""Ardour's unit of time: a whole number of it fits into a frame of every usual sample rate."""
LOUDEST_GAIN = 2.0
"""Top of Ardour's faders and sends; it holds what is above."""
_MONO_SCALE = 2 - 4 * 10 ** (-3 / 20)
"""Ardour's mono pan law: gain = x (scale x + 1 - scale), which gives -3 dB at the centre; measured on 7.3."""
_UNHEARD = 1e-5
"""A gain of -100 dB; below it a ramp may run as it likes."""
_MOST_HALVINGS = 12
_PROBES = (0.25, 0.5, 0.75)

Points = list[tuple[int, float]]
"""Time in superclocks, value as Ardour holds it."""
Side = Literal["at", "before"]
"""At a step: its new value, or the one just before."""
Value = Callable[[float, Side], float]
"""Time in seconds, side of a step there → value."""


def superclocks(time_s: float) -> int:
    """Return a time as Ardour counts it."""
    return round(time_s * SUPERCLOCK_HZ)


def gain_of(decibels: float) -> float:
    """Return a linear gain; at or below -120 dB it is 0."""
    return 0.0 if decibels <= SILENT_DB else float(10 ** (decibels / 20))


def gain_value(lane: Lane) -> Value:
    """Return the linear gain of a decibel lane over time, by its law."""
    if lane.law == "linear_db":
        return lambda time_s, side: gain_of(_between(lane, [p.value for p in lane.points], time_s, side))
    gains = [gain_of(point.value) for point in lane.points]
    return lambda time_s, side: _between(lane, gains, time_s, side)


def plain_value(lane: Lane) -> Value:
    """Return the plain value of a lane (a pan, a mute) over time."""
    values = [point.value for point in lane.points]
    return lambda time_s, side: _between(lane, values, time_s, side)


def gain_points(value: Value, lanes: Sequence[Lane], *, error_db: float) -> Points:
    """Return the points of a fader whose value is a product of gains with knots in these lanes.

    Between the points Ardour stays within error_db of the value.
    """
    share = 10 ** (error_db / 20) - 1

    def is_near(got: float, wanted: float) -> bool:
        return abs(got - wanted) <= max(wanted * share, _UNHEARD)

    way = _Way(lambda time_s, side: min(value(time_s, side), LOUDEST_GAIN), _along_fader, is_near)
    return _points(way, lanes)


def linear_points(value: Value, lanes: Sequence[Lane], *, error: float) -> Points:
    """Return the points of a value that Ardour moves in straight lines, such as a pan."""
    way = _Way(
        value, lambda low, high, share: low + share * (high - low), lambda got, wanted: abs(got - wanted) <= error
    )
    return _points(way, lanes)


def azimuth_of(pan: float, *, channels: int) -> float:
    """Return Ardour's azimuth (0 left … 1 right) that gives the sides the ratio that our pan gives them."""
    left, right = _sides(pan, channels)
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
    left, right = _sides(pan, 1)
    azimuth = azimuth_of(pan, channels=1)
    return right / _ardour_mono(azimuth) if pan > 0 else left / _ardour_mono(1 - azimuth)


def _sides(pan: float, channels: int) -> tuple[float, float]:
    """Return the gains of left and right of our own pan (processing/fader.py)."""
    right = min(max(0.5 + 0.5 * pan, 0.0), 1.0)
    sides = sin((1 - right) * pi / 2), sin(right * pi / 2)
    if channels == 1:
        return sides
    return (min(1.0, 2**0.5 * sides[0]) if pan > 0 else 1.0), (min(1.0, 2**0.5 * sides[1]) if pan < 0 else 1.0)


def _ardour_mono(x: float) -> float:
    return x * (_MONO_SCALE * x + 1 - _MONO_SCALE)


def _between(lane: Lane, values: Sequence[float], time_s: float, side: Side) -> float:
    times = [point.time_s for point in lane.points]
    after = bisect_right(times, time_s)
    if side == "before" and after and times[after - 1] == time_s:
        after -= 1
        if lane.law != "hold" or after == 0:
            return values[after]
    if after == 0:
        return values[0]
    if after == len(times) or lane.law == "hold":
        return values[after - 1]
    share = (time_s - times[after - 1]) / (times[after] - times[after - 1])
    return values[after - 1] + share * (values[after] - values[after - 1])


@dataclass(frozen=True, slots=True)
class _Way:
    """What a control should do, and what Ardour does between two points."""

    value: Value
    between: Callable[[float, float, float], float]
    """Values of two points and a share of the way → Ardour's value there."""
    is_near: Callable[[float, float], bool]

    def is_straight(self, start_s: float, end_s: float) -> bool:
        """Say whether no points are needed in between."""
        low, high = self.value(start_s, "at"), self.value(end_s, "before")
        return all(
            self.is_near(self.between(low, high, share), self.value(start_s + share * (end_s - start_s), "at"))
            for share in _PROBES
        )


def _points(way: _Way, lanes: Sequence[Lane]) -> Points:
    knots = sorted({point.time_s for lane in lanes for point in lane.points})
    found: Points = []
    for number, time_s in enumerate(knots):
        value, before = way.value(time_s, "at"), way.value(time_s, "before")
        if number:
            _add_between(found, way, knots[number - 1], time_s, _MOST_HALVINGS)
            if before != value:
                _add(found, superclocks(time_s) - 1, before)
        _add(found, superclocks(time_s), value)
    return found


def _add_between(found: Points, way: _Way, start_s: float, end_s: float, left: int) -> None:
    """Halve a ramp until Ardour's way between its ends is ours."""
    if left == 0 or way.is_straight(start_s, end_s):
        return
    middle_s = (start_s + end_s) / 2
    _add_between(found, way, start_s, middle_s, left - 1)
    _add(found, superclocks(middle_s), way.value(middle_s, "at"))
    _add_between(found, way, middle_s, end_s, left - 1)


def _add(found: Points, at: int, value: float) -> None:
    if not found or at > found[-1][0]:
        found.append((at, value))


def _along_fader(low: float, high: float, share: float) -> float:
    """Return the gain on the way between two gains on Ardour's fader scale."""
    position = _position(low) + share * (_position(high) - _position(low))
    return float(2 ** ((position ** (1 / 8) * 198 - 192) / 6))


def _position(gain: float) -> float:
    return ((6 * log2(max(gain, 1e-7)) + 192) / 198) ** 8
