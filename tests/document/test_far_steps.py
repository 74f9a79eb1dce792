"""Every point of a lane that moves by more than 3 dB says why, in the document."""

import pytest

from tests.documents import lane, move
from tests.engineer.test_in_time import decided
from tests.tasks.pacing.test_arrangement import proposals
from tests.tasks.pacing.test_pacing import formed, paced
from tonmeister.document.far_steps import far_steps
from tonmeister.document.move import Evidence, FaderChange, Move
from tonmeister.knowledge.rows import arcs


@pytest.mark.parametrize("arc", list(arcs()))
def test_every_far_point_of_an_arc_cites_its_section(arc: str) -> None:
    assert _unexplained(paced(formed(), arc)) == []


def test_rides_throws_and_ideas_cite_their_places_too() -> None:
    _, mix = decided()
    moves = [one for one in mix.moves if one.task in ("automation", "pacing")]
    found = [step for one in (*moves, *proposals()) for step in far_steps(one)]
    assert len(found) >= 4
    assert _unexplained([*moves, *proposals()]) == []


def test_a_point_without_a_reason_is_found() -> None:
    """The check can fail."""
    ride = move("ride", FaderChange(change_db=lane((0.0, 0.0), (10.0, 0.0), (11.0, -4.0))), track="vox")
    elsewhere = Evidence(what="a line", value=1.0, unit="dB", source="a test", start_s=30.0, end_s=32.0)
    assert [(step.time_s, step.why) for step in far_steps(ride)] == [(11.0, None)]
    assert far_steps(ride.model_copy(update={"because": (elsewhere,)}))[0].why is None
    near = elsewhere.model_copy(update={"start_s": 11.05, "end_s": 12.0})
    assert far_steps(ride.model_copy(update={"because": (elsewhere, near)}))[0].why == "a line: 1 dB"


def _unexplained(moves: list[Move]) -> list[tuple[str, float]]:
    return [(step.move, step.time_s) for one in moves for step in far_steps(one) if step.why is None]
