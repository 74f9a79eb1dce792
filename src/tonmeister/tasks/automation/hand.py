"""A hand on a fader: few points, moved in gaps and breaths or slowly, never faster than it would be heard."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tonmeister.document.lane import Lane, Point
from tonmeister.knowledge import number

_AFTER_S, _BEFORE_S = 0.15, 0.06
"""A hand waits until the last sound has gone and is there before the next one begins: dynamics make both longer than they were."""
_TAIL_S = 0.35
_AFTER_SHARE, _BEFORE_SHARE = 0.35, 0.25
"""In a short gap it takes so much of it for both."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A value that holds from a time to a time."""

    start_s: float
    end_s: float
    value: float
    tail_db: float = 0.0
    """How much further up it goes for the last sound before the gap."""

    @property
    def tail_s(self) -> float:
        """How long the way up takes, and how long it then stays."""
        return max(_TAIL_S, abs(self.tail_db) / number("automation.fastest_db_per_s").value)

    @property
    def last(self) -> float:
        """The value at its end."""
        return self.value + self.tail_db


def ride_lane(holds: Sequence[Hold]) -> Lane:
    """Return a lane that holds each value over its time and moves in the gaps between, shortly before the next one begins."""
    longest_s = number("automation.move_longest_s").value
    points = [Point(time_s=0.0, value=holds[0].value)]
    for before, after in pairwise(holds):
        if before.tail_db:
            points += _tail(before)
        if after.value == before.last:
            continue
        gap_s = after.start_s - before.end_s
        end_s = after.start_s - min(_BEFORE_S, _BEFORE_SHARE * gap_s)
        start_s = max(before.end_s + min(_AFTER_S, _AFTER_SHARE * gap_s), end_s - longest_s)
        points += [
            Point(time_s=round(start_s, 3), value=before.last),
            Point(time_s=round(end_s, 3), value=after.value),
        ]
    return Lane(law="linear_db", points=tuple(points))


def _tail(hold: Hold) -> list[Point]:
    """Return the way up under the last sound of a line."""
    times = hold.end_s - 2 * hold.tail_s, hold.end_s - hold.tail_s
    return [
        Point(time_s=round(time, 3), value=value) for time, value in zip(times, (hold.value, hold.last), strict=True)
    ]


def fastest_db_per_s(lane: Lane, start_s: float, end_s: float) -> float:
    """Return how fast a lane moves at most within a time."""
    fastest = 0.0
    for a, b in pairwise(lane.points):
        if b.time_s > start_s and a.time_s < end_s:
            fastest = max(fastest, abs(b.value - a.value) / (b.time_s - a.time_s))
    return fastest
