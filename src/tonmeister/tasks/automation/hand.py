"""A hand on a fader: few points, moved in gaps and breaths or slowly, never faster than it would be heard."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tonmeister.document.lane import Lane, Point
from tonmeister.knowledge import number

_NEAR_S = 0.01


@dataclass(frozen=True, slots=True)
class Hold:
    """A value that holds from a time to a time."""

    start_s: float
    end_s: float
    value: float


def ride_lane(holds: Sequence[Hold]) -> Lane:
    """Return a lane that holds each value over its time and moves in the gaps between, shortly before the next one begins."""
    longest_s = number("automation.move_longest_s").value
    points = [Point(time_s=0.0, value=holds[0].value)]
    for before, after in pairwise(holds):
        if after.value == before.value:
            continue
        end_s = max(after.start_s - _NEAR_S, before.end_s + 2 * _NEAR_S)
        start_s = max(before.end_s + _NEAR_S, end_s - longest_s)
        points += [
            Point(time_s=round(start_s, 3), value=before.value),
            Point(time_s=round(end_s, 3), value=after.value),
        ]
    return Lane(law="linear_db", points=tuple(points))


def fastest_db_per_s(lane: Lane, start_s: float, end_s: float) -> float:
    """Return how fast a lane moves at most within a time."""
    fastest = 0.0
    for a, b in pairwise(lane.points):
        if b.time_s > start_s and a.time_s < end_s:
            fastest = max(fastest, abs(b.value - a.value) / (b.time_s - a.time_s))
    return fastest
