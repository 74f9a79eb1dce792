"""Lanes as breakpoints that a DAW joins: in its own clock, as many as its law between two points needs.

Our lanes step and ramp in song time by three laws; a DAW has its own law. Where its way between two points would stray, a ramp
gets points in between.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Literal

from tonmeister.document.lane import SILENT_DB, Lane

MICROSECONDS = 1_000_000
ERROR_DB = 0.02
"""How far a DAW may stray from a ramp between two points; a finer one would bury a ride under its points."""
_SHARE = 10 ** (ERROR_DB / 20) - 1
_UNHEARD = 1e-5
"""A gain of -100 dB: what is off by less is not heard."""
_MOST_DIVISIONS = 6
_A_STEP = 0.5
"""A jump of less, in shares of what a value may be off, needs no second point."""
_PROBES = (0.25, 0.5, 0.75)

Side = Literal["at", "before"]
"""At a step: its new value, or the one just before."""
Value = Callable[[float, Side], float]
"""Time in seconds, side of a step there → value."""
Line = list[tuple[float, float]]
"""Time in seconds, value; joined by straight lines."""


def gain_line(lanes: Sequence[Lane], values: Sequence[Value]) -> tuple[float, Line]:
    """Return the first value of a product of gains, and its points where any lane moves."""
    product = product_of(values)
    moving = [lane for lane in lanes if not lane.is_constant]
    if not moving:
        return product(0.0, "at"), []
    way = Way(product, straight, gain_stray(_SHARE))
    return product(0.0, "at"), _in_seconds(walk(way, moving, clock=_microseconds))


def product_of(values: Sequence[Value], *, gain: float = 1.0) -> Value:
    """Return the product of values and a still gain over time."""

    def product(time_s: float, side: Side) -> float:
        total = gain
        for value in values:
            total *= value(time_s, side)
        return total

    return product


def plain_line(value: Value, lane: Lane, *, error: float = 0.002) -> Line:
    """Return the points of a plain value, such as a pan; none if it stands still."""
    if lane.is_constant:
        return []
    way = Way(value, straight, plain_stray(error))
    return _in_seconds(walk(way, [lane], clock=_microseconds))


def heard(mute: Lane) -> Value:
    """Return the gain of a mute over time."""
    value = plain_value(mute)
    return lambda time_s, side: 1 - min(max(value(time_s, side), 0.0), 1.0)


def straight(low: float, high: float, share: float) -> float:
    """Return the value on the straight line between two."""
    return low + share * (high - low)


def _microseconds(time_s: float) -> int:
    return round(time_s * MICROSECONDS)


def _in_seconds(points: Sequence[tuple[int, float]]) -> Line:
    return [(at / MICROSECONDS, value) for at, value in points]


def gain_of(decibels: float) -> float:
    """Return a linear gain; at or below -120 dB it is 0."""
    return 0.0 if decibels <= SILENT_DB else float(10 ** (decibels / 20))


def gain_value(lane: Lane) -> Value:
    """Return the linear gain of a decibel lane over time, by its law."""
    if lane.law == "linear_db":
        decibels = plain_value(lane)
        return lambda time_s, side: gain_of(decibels(time_s, side))
    return _over_time(lane, [gain_of(point.value) for point in lane.points])


def plain_value(lane: Lane) -> Value:
    """Return the plain value of a lane (a pan, a mute) over time."""
    return _over_time(lane, [point.value for point in lane.points])


def _over_time(lane: Lane, values: Sequence[float]) -> Value:
    times, holds = [point.time_s for point in lane.points], lane.law == "hold"

    def value(time_s: float, side: Side) -> float:
        after = bisect_right(times, time_s)
        if side == "before" and after and times[after - 1] == time_s:
            after -= 1
            if not holds or after == 0:
                return values[after]
        if after == 0:
            return values[0]
        if after == len(times) or holds:
            return values[after - 1]
        share = (time_s - times[after - 1]) / (times[after] - times[after - 1])
        return values[after - 1] + share * (values[after] - values[after - 1])

    return value


@dataclass(frozen=True, slots=True)
class Way:
    """What a control should do, and what a DAW does between two points."""

    value: Value
    between: Callable[[float, float, float], float]
    """Values of two points and a share of the way → the DAW's value there."""
    stray: Callable[[float, float], float]
    """What a DAW's value is off what is wanted, in shares of what it may be."""

    def stray_between(self, start_s: float, end_s: float) -> float:
        """Return the most by which the DAW is off between two points, in shares of what it may be."""
        low, high = self.value(start_s, "at"), self.value(end_s, "before")
        return max(
            self.stray(self.between(low, high, share), self.value(start_s + share * (end_s - start_s), "at"))
            for share in _PROBES
        )


def gain_stray(share: float) -> Callable[[float, float], float]:
    """Return how far a gain is off, where it may be off by a share of what is wanted, or by what nobody hears."""
    return lambda got, wanted: abs(got - wanted) / max(wanted * share, _UNHEARD)


def plain_stray(error: float) -> Callable[[float, float], float]:
    """Return how far a plain value is off, where it may be off by so much."""
    return lambda got, wanted: abs(got - wanted) / error


def walk(way: Way, lanes: Sequence[Lane], *, clock: Callable[[float], int]) -> list[tuple[int, float]]:
    """Return the points that the value needs, in ticks of a clock; a step becomes two points one tick apart."""
    knots = sorted({point.time_s for lane in lanes for point in lane.points})
    found: list[tuple[int, float]] = []
    for number, time_s in enumerate(knots):
        value, before = way.value(time_s, "at"), way.value(time_s, "before")
        if number:
            _add_between(found, way, (knots[number - 1], time_s), _MOST_DIVISIONS, clock)
        is_step = way.stray(before, value) > _A_STEP
        at = max(clock(time_s), 1 if is_step else 0)
        if is_step:
            _add(found, at - 1, before)
        while found and found[-1][0] >= at:  # a coarse clock has put one of the way onto the knot
            found.pop()
        found.append((at, value))
    return found


def _add_between(
    found: list[tuple[int, float]], way: Way, ends_s: tuple[float, float], left: int, clock: Callable[[float], int]
) -> None:
    """Divide a ramp until the way of the target between its ends is ours; half the length strays a quarter."""
    start_s, end_s = ends_s
    stray = way.stray_between(start_s, end_s)
    if left == 0 or stray <= 1:
        return
    pieces = ceil(sqrt(stray))
    length_s = (end_s - start_s) / pieces
    for piece in range(pieces):
        from_s = start_s + piece * length_s
        if piece:
            _add(found, clock(from_s), way.value(from_s, "at"))
        _add_between(found, way, (from_s, start_s + (piece + 1) * length_s), left - 1, clock)


def _add(found: list[tuple[int, float]], at: int, value: float) -> None:
    if not found or at > found[-1][0]:
        found.append((at, value))
