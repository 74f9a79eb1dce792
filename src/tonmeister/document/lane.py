"""A value that moves over the song: breakpoints and the law between them."""

from bisect import bisect_right
from itertools import pairwise
from math import log10
from typing import Literal

from pydantic import Field, model_validator

from tonmeister.model import Model

Law = Literal["hold", "linear_gain", "linear_db"]
"""Between points: keep the earlier value; ramp the linear gain (or the plain value); ramp the decibels."""

SILENT_DB = -120.0
"""A fader value at or below this is off."""


class Point(Model):
    """One breakpoint."""

    time_s: float = Field(ge=0)
    """Song time, in seconds."""
    value: float
    """Value at that time, in the unit of the lane."""


class Lane(Model):
    """Breakpoints in song time; before the first and after the last the value holds. No hidden smoothing."""

    law: Law = "linear_db"
    """What happens between two points."""
    points: tuple[Point, ...] = Field(min_length=1)
    """The breakpoints, in rising time."""

    @model_validator(mode="after")
    def _times_rise(self) -> "Lane":
        times = [point.time_s for point in self.points]
        if any(later <= earlier for earlier, later in pairwise(times)):
            raise ValueError("lane times must rise from point to point")
        return self

    @property
    def is_constant(self) -> bool:
        """Whether the value is the same over the whole song."""
        return all(point.value == self.points[0].value for point in self.points)

    def at(self, time_s: float) -> float:
        """Return the value at a time: held with `hold`, else on the straight line between its plain values."""
        times = [point.time_s for point in self.points]
        after = bisect_right(times, time_s)
        if after == 0:
            return self.points[0].value
        before = self.points[after - 1]
        if after == len(self.points) or self.law == "hold":
            return before.value
        following = self.points[after]
        share = (time_s - before.time_s) / (following.time_s - before.time_s)
        return before.value + share * (following.value - before.value)


def constant(value: float, *, law: Law = "linear_db") -> Lane:
    """Return a lane that keeps one value."""
    return Lane(law=law, points=(Point(time_s=0.0, value=value),))


def add_lanes(first: Lane, second: Lane) -> Lane:
    """Add two decibel lanes: both rides apply on top of each other.

    Two moving lanes of different laws give a `linear_db` lane: a step of a `hold` lane becomes a ramp of 5 ms that ends at
    the step, a ramp of gain becomes short straight pieces.
    """
    if second.is_constant:
        shift = second.points[0].value
        return Lane(law=first.law, points=tuple(Point(time_s=p.time_s, value=p.value + shift) for p in first.points))
    if first.is_constant:
        return add_lanes(second, first)
    law: Law = "hold" if first.law == second.law == "hold" else "linear_db"
    times = sorted({round(time, _TIME_DECIMALS) for lane in (first, second) for time in _join_times(lane, law)})
    return Lane(law=law, points=tuple(Point(time_s=t, value=_decibels(first, t) + _decibels(second, t)) for t in times))


def louder_of(first: Lane, second: Lane) -> Lane:
    """Return the louder of two decibel lanes at each time: ramps of gain where both ramp gains or stand still.

    Where both ramp and cross between two points, the crossing becomes a point; of other laws, ramps become short straight pieces.
    """
    moving = {lane.law for lane in (first, second) if not lane.is_constant}
    law: Law = "linear_gain" if moving == {"linear_gain"} else "linear_db"
    times = {round(time, _TIME_DECIMALS) for lane in (first, second) for time in _join_times(lane, law)}
    for a, b in pairwise(sorted(times)):
        before, after = (_gain(first, t) - _gain(second, t) for t in (a, b))
        if before * after < 0:
            times.add(round(a + (b - a) * before / (before - after), _TIME_DECIMALS))
    points = (Point(time_s=t, value=max(_decibels(first, t), _decibels(second, t))) for t in sorted(times))
    return Lane(law=law, points=tuple(points))


def _gain(lane: Lane, time_s: float) -> float:
    level_db = _decibels(lane, time_s)
    return 0.0 if level_db <= SILENT_DB else float(10 ** (level_db / 20))


_STEP_S = 0.005
_PIECES = 32
_TIME_DECIMALS = 5
"""Times of the document have as many; two that would be written alike must be one."""


def _join_times(lane: Lane, law: Law) -> list[float]:
    """Return the times that reproduce the lane when they are joined by the law."""
    times = [point.time_s for point in lane.points]
    if lane.law == "hold" and law != "hold":
        times += [max(0.0, time - _STEP_S) for time in times]
    if lane.law == "linear_gain" and law != "linear_gain":
        times += [a + (b - a) * piece / _PIECES for a, b in pairwise(times) for piece in range(1, _PIECES)]
    return times


def _decibels(lane: Lane, time_s: float) -> float:
    """Return the value of a decibel lane; with `linear_gain` it is the gain that ramps."""
    if lane.law != "linear_gain":
        return lane.at(time_s)
    gains = tuple(
        p.model_copy(update={"value": 0.0 if p.value <= SILENT_DB else 10 ** (p.value / 20)}) for p in lane.points
    )
    gain = lane.model_copy(update={"points": gains}).at(time_s)
    return max(SILENT_DB, 20 * log10(gain)) if gain > 0 else SILENT_DB
