"""What rides, arcs and throws came to."""

from collections.abc import Mapping

import numpy as np

from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import MOVING, fold
from tonmeister.document.mix import Mix
from tonmeister.document.move import Move
from tonmeister.tasks import Heard, Work
from tonmeister.tasks.automation.lines import Line, audibility_of, spread_db
from tonmeister.tasks.automation.vocal_rides import planned_lines


def ride_result(
    move: Move, mix: Mix, facts: SongFacts, heard: Mapping[str, Heard]
) -> tuple[float, float | None] | None:
    """Return how far a lead's lines lie from their plan with all lanes of the mix, and without this ride."""
    name = None if move.expects is None else move.expects.track
    if name is None or name not in heard:
        return None
    still = fold(mix.model_copy(update={"moves": tuple(m for m in mix.moves if m.task not in MOVING)}))
    without = fold(mix.model_copy(update={"moves": tuple(m for m in mix.moves if m.id != move.id)}))
    lines = planned_lines(Work(facts=facts, mix=still, heard=heard), facts[name])
    if not lines:
        return None
    found = [_spread(lines, audibility_of(one, facts, heard, facts[name])) for one in (mix, without)]
    return found[0], round(found[1], 3)


def _spread(lines: list[Line], audibility_db: np.ndarray) -> float:
    """Return the spread of the lines as they stand in this curve."""
    means = []
    for line in lines:
        here = audibility_db[int(10 * line.start_s) : max(int(10 * line.start_s) + 1, round(10 * line.end_s))]
        means.append(float(np.nanmean(here)))
    return spread_db(lines, means)
