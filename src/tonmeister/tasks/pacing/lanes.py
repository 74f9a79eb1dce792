"""Scenes as lanes: a value a section, moved over the bar before it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tonmeister.document.lane import Lane, Law, Point
from tonmeister.tasks.pacing.arc import Scene

Floats = NDArray[np.float64]
_LONGEST_S = 2.5
_SHORTEST_S = 0.25


def scene_lane(scenes: Sequence[Scene], values: Sequence[float], *, bars_s: Floats, law: Law = "linear_db") -> Lane:
    """Return a lane that holds a value over each section and reaches the next one on its first beat, over the bar before."""
    points = [Point(time_s=0.0, value=values[0])]
    for place in range(1, len(scenes)):
        start_s = scenes[place].part.start_s
        if values[place] == values[place - 1]:
            continue
        begin_s = max(_bar_before(start_s, bars_s), scenes[place - 1].part.start_s, points[-1].time_s)
        if begin_s > points[-1].time_s:
            points.append(Point(time_s=round(begin_s, 3), value=values[place - 1]))
        points.append(Point(time_s=round(start_s, 3), value=values[place]))
    return Lane(law=law, points=tuple(points))


def _bar_before(time_s: float, bars_s: Floats) -> float:
    """Return where the bar before a section begins; a second before it where there is none near."""
    near = bars_s[(bars_s < time_s - _SHORTEST_S) & (bars_s >= time_s - _LONGEST_S)]
    return float(near[-1]) if near.size else max(0.0, time_s - 1.0)
