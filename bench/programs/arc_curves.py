"""Print how alike the curves of every arc are on several songs: `OUT…`, results of `tonmeister mix` of different songs.

{arc: {alike: [correlation of each pair of songs], spans_db: [how far it goes on each], on_bars: [share of its borders on bars or starts of
sections]}}.  A curve is the lane of the first group, 200 values over the length of the song; drawn anew from what was heard.
"""

import json
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tonmeister.document.lane import Lane
from tonmeister.document.move import FaderChange
from tonmeister.engineer.decide import predict_all
from tonmeister.engineer.documents import load_mix, load_sources
from tonmeister.files.cache import open_cache
from tonmeister.knowledge.rows import arcs
from tonmeister.listen import recall_facts
from tonmeister.tasks import Work, pacing
from tonmeister.tasks.moving import lane_values

NEAR_S = 0.06
"""A border counts as on a bar within this."""
VALUES = 200
Floats = NDArray[np.float64]


def main() -> int:
    """Draw every arc on every song and compare."""
    outs = [Path(word) for word in sys.argv[1:]]
    works = [_open(out) for out in outs]
    found = {}
    for name in arcs():
        lanes = [_lane(work, name) for work in works]
        curves = [_curve(work, lane) for work, lane in zip(works, lanes, strict=True)]
        found[name] = {
            "alike": [_alike(a, b) for a, b in combinations(curves, 2)],
            "spans_db": [round(float(np.ptp(curve)), 2) for curve in curves],
            "on_bars": [_on_bars(work, lane) for work, lane in zip(works, lanes, strict=True)],
        }
    print(json.dumps(found))
    return 0


def _open(out: Path) -> Work:
    mix = load_mix(out)
    facts = recall_facts(mix, load_sources(out, mix), cache=open_cache())
    return Work(facts=facts, mix=mix, heard=predict_all(mix, facts))


def _lane(work: Work, arc: str) -> Lane | None:
    """Return the lane of the first group; None where the song goes as the arc wants it already."""
    brief = work.mix.brief.model_copy(update={"arc": arc})
    asked = Work(facts=work.facts, mix=work.mix.model_copy(update={"brief": brief}), heard=work.heard)
    levels = (move.change for move in pacing.propose(asked) if move.id.endswith(".level"))
    return next((change.change_db for change in levels if isinstance(change, FaderChange)), None)


def _curve(work: Work, lane: Lane | None) -> Floats:
    times = np.linspace(0, work.mix.song.duration_s, VALUES)
    return np.zeros(VALUES) if lane is None else lane_values(lane, times)


def _alike(first: Floats, second: Floats) -> float | None:
    """Return the correlation of two curves; None where one of them never moves."""
    moves = bool(np.ptp(first) > 0 and np.ptp(second) > 0)
    return round(float(np.corrcoef(first, second)[0, 1]), 3) if moves else None


def _on_bars(work: Work, lane: Lane | None) -> float | None:
    line = work.facts.time_line
    if lane is None or line is None or len(lane.points) < 2:
        return None
    marks = np.array([*line.bars_s, *(section.start_s for section in work.mix.song.sections)])
    near = [float(np.abs(marks - point.time_s).min()) <= NEAR_S for point in lane.points[1:]]
    return round(float(np.mean(near)), 3)


if __name__ == "__main__":
    sys.exit(main())
