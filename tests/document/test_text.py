import json
import os
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ROOT
from tests.documents import lane, make_mix, move, usual_moves
from tonmeister.document.lane import constant
from tonmeister.document.mix import Mix
from tonmeister.document.move import BusEdit, InsertChange, MasterEdit, Metric, StripEdit, TrimChange
from tonmeister.document.strip import DRIVE, Insert
from tonmeister.document.text import DECIMALS, canonical, from_text, schema, to_text
from tonmeister.errors import DocumentError
from tonmeister.processing import Processor
from tonmeister.processing.registry import STREAMS

SCHEMA = ROOT / "docs" / "mix.schema.json"


def edited(mix: Mix, *path: str | int, value: Any) -> Mix:
    """Return the mix as it is read back after a person changed one value of the text."""
    data = json.loads(to_text(mix))
    here = data
    for part in path[:-1]:
        here = here[part]
    assert here[path[-1]] != value
    here[path[-1]] = value
    return from_text(json.dumps(data))


def test_a_mix_comes_back_from_its_text_and_the_text_is_stable() -> None:
    mix = make_mix(usual_moves())
    assert from_text(to_text(mix)) == mix
    assert to_text(from_text(to_text(mix))) == to_text(mix)


@given(st.floats(-60, 60))
def test_rounding_happens_once(gain_db: float) -> None:
    moves = (move("trim", TrimChange(trim_db=gain_db), track="bass"),)
    mix = canonical(make_mix(moves).model_copy(update={"moves": moves}))
    assert canonical(mix) == mix
    assert isinstance(mix.moves[0].change, TrimChange)
    assert abs(mix.moves[0].change.trim_db - gain_db) <= 0.5 * 10**-DECIMALS + 1e-9
    assert "-0.0," not in to_text(canonical(make_mix((move("t", TrimChange(trim_db=-1e-9), track="bass"),))))


@pytest.mark.parametrize("settings", STREAMS, ids=lambda settings: settings.__name__)
def test_every_processor_goes_through_the_text(settings: type[Processor]) -> None:
    insert = Insert(id="it", slot="tone", processor=settings())
    mix = make_mix((move("insert", InsertChange(insert=insert), track="bass"),))
    read = from_text(to_text(mix))
    assert read.track("bass").strip.inserts == (insert,)
    assert read == mix


def test_a_fader_edited_by_hand_becomes_a_locked_move_of_the_person() -> None:
    mix = edited(make_mix(usual_moves()), "tracks", 0, "strip", "fader_db", "points", 0, "value", value=-9.0)
    edit = mix.moves[-1]
    assert (edit.id, edit.state, edit.set_by, edit.where.track) == ("edit.bass.1", "locked", "person", "bass")
    assert isinstance(edit.change, StripEdit)
    assert mix.track("bass").strip.fader_db == constant(-9.0)
    assert mix.track("bass").strip.output == "low"
    assert from_text(to_text(mix)) == mix


def test_a_second_edit_is_a_second_move_and_applies_last() -> None:
    once = edited(make_mix(usual_moves()), "tracks", 0, "strip", "trim_db", value=1.0)
    twice = edited(once, "tracks", 0, "strip", "trim_db", value=2.0)
    assert [one.id for one in twice.moves[-2:]] == ["edit.bass.1", "edit.bass.2"]
    assert twice.track("bass").strip.trim_db == 2.0


def test_a_bus_edited_by_hand_becomes_a_locked_move() -> None:
    mix = edited(make_mix(usual_moves()), "buses", 0, "fader_db", "points", 0, "value", value=-2.0)
    assert isinstance(mix.moves[-1].change, BusEdit)
    assert mix.buses[0].fader_db == constant(-2.0)


def test_a_track_and_a_bus_of_one_name_can_be_edited_together() -> None:
    data = json.loads(to_text(make_mix(usual_moves(), tracks=("bass", "vox", "low"))))
    data["tracks"][2]["strip"]["trim_db"] = data["buses"][0]["width"] = 1.5
    mix = from_text(json.dumps(data))
    assert [one.id for one in mix.moves[-2:]] == ["edit.low.1", "edit.low.2"]


def test_an_edited_target_leaves_the_drive_to_be_solved_again() -> None:
    mix = edited(make_mix(usual_moves()), "master", "target_lufs", value=-11.0)
    assert isinstance(mix.moves[-1].change, MasterEdit)
    assert (mix.master.target_lufs, mix.master.derived) == (-11.0, (DRIVE,))


def test_an_edited_drive_is_the_persons() -> None:
    mix = edited(make_mix(usual_moves()), "master", "inserts", 0, "processor", "drive_db", value=6.0)
    assert (mix.master.drive_db, mix.master.derived) == (6.0, ())


def test_digits_beyond_the_documents_are_no_edit() -> None:
    mix = make_mix(usual_moves())
    text = to_text(mix).replace("-3.0", "-3.000001")
    assert from_text(text) == mix


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ('{"version": 1,', "not JSON .line 1"),
        ("[]", "has no version"),
        ('{"engine": {}}', "has no version"),
        ('{"version": 2}', "newer than this engine's 1"),
        ('{"version": 0}', "never released"),
        ('{"version": 1}', "does not hold together at engine"),
    ],
)
def test_what_is_no_document_is_refused_in_one_sentence(text: str, says: str) -> None:
    with pytest.raises(DocumentError, match=says) as caught:
        from_text(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("tracks", 0, "strip", "output"), "nowhere", "bass goes to bus 'nowhere'"),
        (("tracks", 1, "strip", "sends", 0, "bus"), "low", "is no effect bus"),
        (("tracks", 1, "id"), "bass", "track id used twice: bass"),
        (("moves", 0, "id"), "target", "move id used twice: target"),
        (("moves", 2, "where", "track"), "nobody", "touches track 'nobody'"),
        (("tracks", 0, "strip", "width"), 3.0, "tracks.0.strip.width"),
        (("tracks", 0, "strip", "volume"), 3.0, "Extra inputs"),
        (("tracks", 0, "strip", "trim_db"), float("nan"), "finite number"),
        (("buses", 0, "output"), "low", "bus low feeds itself"),
    ],
)
def test_an_edit_that_breaks_the_document_is_refused_with_its_place(
    path: tuple[str | int, ...], value: Any, says: str
) -> None:
    data = json.loads(to_text(make_mix(usual_moves())))
    here = data
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = value
    with pytest.raises(DocumentError, match=says):
        from_text(json.dumps(data))


def test_a_side_chain_key_is_a_track_and_not_before_cleanup() -> None:
    for slot, key, says in (("dynamics", "nobody", "is no track"), ("cleanup", "vox", "cleanup insert has no key")):
        mix = make_mix(usual_moves())
        data = json.loads(to_text(mix))
        data["tracks"][0]["strip"]["inserts"] = [
            {"id": "c", "slot": slot, "key": key, "processor": {"kind": "compressor"}}
        ]
        with pytest.raises(DocumentError, match=says):
            from_text(json.dumps(data))


def test_lanes_survive_the_text() -> None:
    mix = make_mix(usual_moves())
    ride = lane((0, -1), (1.5, 2), law="hold")
    tracks = tuple(
        track.model_copy(update={"strip": track.strip.model_copy(update={"fader_db": ride})}) for track in mix.tracks
    )
    read = from_text(to_text(mix.model_copy(update={"tracks": tracks})))
    assert [track.strip.fader_db for track in read.tracks] == [ride, ride]


@pytest.mark.golden
def test_the_schema_in_the_documentation_is_that_of_the_code() -> None:
    text = json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("BLESS"):
        SCHEMA.write_text(text, encoding="utf-8")
    assert Path(SCHEMA).read_text("utf-8") == text


def test_fields_say_what_they_are_but_for_those_whose_name_says_it() -> None:
    named_well = {
        "Brief.text", "Brief.start", "BudgetUse.used", "BudgetUse.limit", "BudgetUse.held", "Engine.name",
        "Engine.version", "Section.start_s", "Section.end_s", "Song.tempo_confidence",
    }  # fmt: skip
    bare = {
        f"{name}.{field}"
        for name, model in schema()["$defs"].items()
        for field, row in model.get("properties", {}).items()
        if "description" not in row and "$ref" not in row and row.get("const") is None
    }
    assert bare == named_well


def test_every_metric_is_explained_in_the_documentation() -> None:
    explained = re.findall(r"^[|] `(\w+)` [|]", (ROOT / "docs" / "metrics.md").read_text("utf-8"), re.MULTILINE)
    assert explained == list(get_args(Metric))
