import pytest

from tests.documents import make_mix, move, usual_moves
from tonmeister.document.diff import Difference, diff_mixes
from tonmeister.document.lane import constant
from tonmeister.document.mix import Mix
from tonmeister.document.move import FaderChange, Move, TrimChange


def test_equal_mixes_do_not_differ() -> None:
    assert diff_mixes(make_mix(usual_moves()), make_mix(usual_moves())) == ()


def test_a_changed_value_is_found_by_the_ids_on_its_way() -> None:
    extra = move("trim", TrimChange(trim_db=2.0), track="vox")
    before, after = make_mix((*usual_moves(), extra)), make_mix((*usual_moves(), _with_trim(extra, 3.0)))
    assert diff_mixes(before, after) == (
        Difference(what="changed", where="tracks.vox.strip.trim_db", before=2.0, after=3.0),
        Difference(what="changed", where="moves.trim.change.trim_db", before=2.0, after=3.0),
    )


def test_moves_that_came_and_went_are_named() -> None:
    before = make_mix(usual_moves())
    after = make_mix((*usual_moves()[1:], move("new", FaderChange(change_db=constant(0.0)), track="vox")))
    found = {difference.where: difference.what for difference in diff_mixes(before, after)}
    assert found["moves.new"] == "added"
    assert found["moves.bus.low"] == found["buses.low"] == "removed"


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_a_list_with_ids_is_no_difference(order: int) -> None:
    before = make_mix(usual_moves())
    assert diff_mixes(before, _with_tracks(before, order)) == ()


def _with_tracks(mix: Mix, order: int) -> Mix:
    return mix.model_copy(update={"tracks": mix.tracks[::order]})


def _with_trim(one: Move, trim_db: float) -> Move:
    return one.model_copy(update={"change": TrimChange(trim_db=trim_db)})
