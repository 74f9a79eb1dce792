"""What was promised of places and effects is measured on the sound, so a mix that does something else is found out."""

from pathlib import Path

import pytest

from tests.engineer.conftest import Mixed
from tonmeister.document.fold import fold
from tonmeister.document.lane import constant
from tonmeister.document.mix import Mix
from tonmeister.document.move import Move, PanChange, SendChange
from tonmeister.engineer.documents import load_mix, load_sources
from tonmeister.engineer.passes import open_renderer
from tonmeister.engineer.place_promises import Found, measure_places
from tonmeister.files.cache import open_cache
from tonmeister.listen import recall_facts


def measured(out: Path, mix: Mix, move_id: str) -> Found:
    sources, cache = load_sources(out, mix), open_cache()
    facts = recall_facts(mix, sources, cache=cache)
    moves = [move for move in mix.moves if move.id == move_id]
    with open_renderer(sources, cache=cache) as renderer:
        return measure_places(mix, facts, moves, renderer, cancel=None)[move_id]


def of_kind(mix: Mix, kind: type[PanChange] | type[SendChange]) -> Move:
    return next(move for move in mix.moves if isinstance(move.change, kind) and move.expects is not None)


def with_change(mix: Mix, move: Move, change: PanChange | SendChange) -> Mix:
    other = move.model_copy(update={"change": change})
    return fold(mix.model_copy(update={"moves": tuple(other if m.id == move.id else m for m in mix.moves)}))


def test_a_pan_that_is_not_done_is_found_out(mixed: Mixed) -> None:
    mix = load_mix(mixed.out)
    move = of_kind(mix, PanChange)
    assert move.expects is not None
    assert measured(mixed.out, mix, move.id)[0] == pytest.approx(move.expects.value, abs=move.expects.tolerance)
    centred = with_change(mix, move, PanChange(pan=constant(0.0, law="linear_gain")))
    assert abs(measured(mixed.out, centred, move.id)[0] - move.expects.value) > move.expects.tolerance


def test_a_send_of_another_level_is_found_out(mixed: Mixed) -> None:
    mix = load_mix(mixed.out)
    move = of_kind(mix, SendChange)
    assert isinstance(move.change, SendChange)
    assert move.expects is not None
    first = measured(mixed.out, mix, move.id)[0]
    assert first == pytest.approx(move.expects.value, abs=move.expects.tolerance)
    level = constant(move.change.send.level_db.points[0].value + 6)
    louder = with_change(mix, move, SendChange(send=move.change.send.model_copy(update={"level_db": level})))
    assert measured(mixed.out, louder, move.id)[0] == pytest.approx(
        first + 6, abs=0.2
    )  # the delay ducks; a reverb is linear
