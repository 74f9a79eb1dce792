"""After an edit: only what depends on it changes, and what was taken back is as before."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.engineer.conftest import Mixed
from tonmeister.document.fold import applied_moves
from tonmeister.document.lane import constant
from tonmeister.document.move import StripEdit
from tonmeister.engineer import STATES, diff, export, list_moves, load_mix, render, set_moves, solve, undo
from tonmeister.errors import DocumentError, InputError

WAVES = ("mix.wav", "master.wav")


def waves(out: Path) -> list[bytes]:
    return [(out / name).read_bytes() for name in WAVES]


def edit(out: Path, *path: str | int, value: Any) -> None:
    """Change one value of mix.json, as a person would in an editor."""
    data = json.loads((out / "mix.json").read_text("utf-8"))
    here = data
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = value
    (out / "mix.json").write_text(json.dumps(data, indent=1, sort_keys=True), encoding="utf-8")


def place_of(out: Path, track: str) -> int:
    return [row.id for row in load_mix(out).tracks].index(track)


def test_rendering_what_nobody_edited_changes_nothing(copied: Path) -> None:
    before = waves(copied), (copied / "mix.json").read_bytes()
    result = render(copied)
    assert (waves(copied), (copied / "mix.json").read_bytes()) == before
    assert result.misses == ()
    assert not (copied / "history").exists()


def test_a_rejected_move_is_out_of_the_mix_and_accepting_it_again_brings_the_mix_back(copied: Path) -> None:
    before, former = waves(copied), load_mix(copied)
    changed = set_moves(copied, STATES["reject"], ("space.lead-vox.plate",))
    assert [(move.id, move.state, move.set_by) for move in changed] == [("space.lead-vox.plate", "rejected", "person")]
    render(copied)
    now = load_mix(copied)
    assert [send.bus for send in now.track("lead-vox").strip.sends] == ["delay"]
    others = [
        (old.strip, new.strip) for old, new in zip(former.tracks, now.tracks, strict=True) if old.id != "lead-vox"
    ]
    assert all(old == new for old, new in others)
    assert now.buses == former.buses
    assert now.master.model_copy(update={"inserts": ()}) == former.master.model_copy(update={"inserts": ()})
    assert [w != b for w, b in zip(waves(copied), before, strict=True)] == [True, True]
    set_moves(copied, STATES["accept"], ("space.lead-vox.plate",))
    result = render(copied)
    assert (copied / "mix.wav").read_bytes() == before[0]
    assert result.master is not None  # its drive is kept while it reaches the target, so the master may differ a little
    assert result.master.integrated_lufs == pytest.approx(-14.0, abs=0.1)


def test_rejecting_a_bus_takes_its_sends_and_routes_out(copied: Path) -> None:
    set_moves(copied, STATES["reject"], ("routing.drums.bus", "space.plate.bus"))
    document = load_mix(copied)
    assert {bus.id for bus in document.buses} == {"music", "room", "delay"}
    assert document.track("kick").strip.output == "master"
    render(copied)


def test_patterns_choose_several_moves(copied: Path) -> None:
    changed = set_moves(copied, STATES["reject"], ("space.*", "mastering.glue.compressor"))
    assert {move.task for move in changed} == {"space", "mastering"}
    assert len(changed) > 4
    assert all(move.measured is None for move in changed)
    with pytest.raises(InputError, match=r"nothing\.like\.it: no such move"):
        set_moves(copied, STATES["lock"], ("space.*", "nothing.like.it"))
    with pytest.raises(InputError, match="no id given"):
        set_moves(copied, STATES["lock"], ())


def test_a_fader_edited_by_hand_is_heard_alone_and_kept_by_a_re_solve(copied: Path) -> None:
    former = load_mix(copied)
    before = _samples(copied / "mix.wav")
    fader = former.track("keys").strip.fader_db.points[0].value
    edit(copied, "tracks", place_of(copied, "keys"), "strip", "fader_db", "points", 0, "value", value=fader - 60.0)
    render(copied)
    document = load_mix(copied)
    edited = document.moves[-1]
    assert isinstance(edited.change, StripEdit)
    assert (edited.state, edited.set_by) == ("locked", "person")
    assert [t.strip for t in document.tracks if t.id != "keys"] == [t.strip for t in former.tracks if t.id != "keys"]
    assert np.abs(_samples(copied / "mix.wav") - before).max() > 0.01
    solved = solve(copied)
    document = load_mix(copied)
    assert document.track("keys").strip.fader_db == constant(fader - 60.0)
    assert edited in document.moves
    assert solved.moves.missed == ()


def test_an_edited_target_is_reached_and_an_edited_drive_is_kept(copied: Path) -> None:
    edit(copied, "master", "target_lufs", value=-16.0)
    result = render(copied)
    assert result.master is not None
    assert result.master.integrated_lufs == pytest.approx(-16.0, abs=0.1)
    former = load_mix(copied)
    places = [insert.id for insert in former.master.inserts]
    edit(copied, "master", "inserts", places.index("limiter"), "processor", "drive_db", value=2.0)
    result = render(copied)
    assert result.master is not None
    assert result.master.drive_db == load_mix(copied).master.drive_db == 2.0
    assert render(copied).master == result.master


def test_locked_and_rejected_moves_stay_when_the_rest_is_solved_again(copied: Path) -> None:
    former = load_mix(copied)
    lock, reject = "balance.bass-di.fader", "eq.keys.mud"
    set_moves(copied, STATES["lock"], (lock,))
    set_moves(copied, STATES["reject"], (reject,))
    result = solve(copied)
    document = load_mix(copied)
    states = {move.id: move.state for move in document.moves}
    assert (states[lock], states[reject]) == ("locked", "rejected")
    assert document.track("bass-di").strip.fader_db == former.track("bass-di").strip.fader_db
    assert reject not in {move.id for move in applied_moves(document.moves)}
    gone = [move for move in former.moves if move.id not in states]
    assert {move.task for move in gone} <= {"masking"}, (
        "who is the offender hangs on the rejected cut, nothing else does"
    )
    assert len(gone) <= 2, [move.id for move in gone]
    assert result.master is not None
    assert result.master.integrated_lufs == pytest.approx(-14.0, abs=0.1)


def test_solving_what_nobody_changed_gives_the_same_sound(copied: Path) -> None:
    before = waves(copied)
    solve(copied)
    assert waves(copied) == before


def test_undo_takes_changes_back_one_by_one(copied: Path) -> None:
    texts = [(copied / "mix.json").read_bytes()]
    for name in ("space.lead-vox.plate", "space.snare.room", "space.lead-vox.delay"):
        set_moves(copied, STATES["reject"], (name,))
        texts.append((copied / "mix.json").read_bytes())
    for former in reversed(texts[:-1]):
        assert undo(copied)
        assert (copied / "mix.json").read_bytes() == former
    with pytest.raises(InputError, match="nothing to undo"):
        undo(copied)


def test_a_change_after_an_undo_can_be_undone_too(copied: Path) -> None:
    first = (copied / "mix.json").read_bytes()
    set_moves(copied, STATES["reject"], ("space.lead-vox.plate",))
    undo(copied)
    set_moves(copied, STATES["reject"], ("space.snare.room",))
    found = undo(copied)
    assert {difference.where for difference in found} >= {"moves.space.snare.room.state"}
    assert (copied / "mix.json").read_bytes() == first


def test_undo_after_a_render_gives_the_former_sound(copied: Path) -> None:
    before = waves(copied)
    set_moves(copied, STATES["reject"], ("routing.drums.bus",))
    render(copied)
    while (copied / "mix.json").read_bytes() != (copied / "history" / "mix-0001.json").read_bytes():
        undo(copied)
    render(copied)
    assert waves(copied) == before


def test_the_journal_says_what_was_done(copied: Path) -> None:
    set_moves(copied, STATES["reject"], ("space.lead-vox.plate",))
    undo(copied)
    lines = [json.loads(line) for line in (copied / "journal.jsonl").read_text("utf-8").splitlines()]
    assert [line["why"] for line in lines] == ["mix", "rejected space.lead-vox.plate", "undo"]
    assert "moves.space.lead-vox.plate.state" in lines[1]["changed"]


def test_diff_compares_results(mixed: Mixed, copied: Path) -> None:
    assert diff(mixed.out, copied) == ()
    set_moves(copied, STATES["lock"], ("eq.keys.mud",))
    assert {one.where for one in diff(mixed.out / "mix.json", copied)} >= {"moves.eq.keys.mud.state"}


def test_moves_are_listed_in_the_order_of_the_work(copied: Path) -> None:
    orders = [move.order for move in list_moves(copied)]
    assert orders == sorted(orders)


def test_a_missing_or_other_source_is_told(copied: Path) -> None:
    sources = json.loads((copied / "sources.json").read_text("utf-8"))
    gone = sources | {"kick": sources["kick"] | {"path": str(copied / "gone.wav")}}
    (copied / "sources.json").write_text(json.dumps(gone))
    with pytest.raises(DocumentError, match="The sound of track 'kick' is not at"):
        render(copied)
    wrong = sources | {"kick": sources["kick"] | {"path": sources["keys"]["path"]}}
    (copied / "sources.json").write_text(json.dumps(wrong))
    with pytest.raises(DocumentError, match="is not the sound that was mixed as 'kick'"):
        solve(copied)
    for broken in ("{", "[3]", '{"kick": 3}', "3"):
        (copied / "sources.json").write_text(broken)
        with pytest.raises(DocumentError, match=r"sources\.json: cannot be read"):
            render(copied)


def test_a_folder_without_a_mix_is_told(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(DocumentError, match="no mix document can be read there"):
            render(place)


def test_an_unknown_session_format_is_told(copied: Path) -> None:
    with pytest.raises(InputError, match="--to logic: no such format"):
        export(copied, to="logic")


def test_rendering_without_a_master_leaves_the_master_that_is_there(copied: Path) -> None:
    before = waves(copied)
    result = render(copied, with_master=False)
    assert result.master is None
    assert waves(copied) == before


def _samples(path: Path) -> np.ndarray:
    return np.asarray(soundfile.read(path, dtype="float64")[0][: 8 * 48_000])


def test_a_render_with_report_shows_the_edited_mix_and_measures_its_moves_anew(copied: Path) -> None:
    track = place_of(copied, "lead-vox")
    edit(copied, "tracks", track, "strip", "trim_db", value=-3.25)
    render(copied)
    plain = waves(copied)
    former = (copied / "report.html").read_text("utf-8")
    assert "edit.lead-vox.1" not in former
    result = render(copied, with_report=True)
    assert waves(copied) == plain  # the report changes no sound
    assert {"report.html", "sessions/ardour/about.txt"} <= set(result.files)
    assert "Edited by hand: lead-vox" in (copied / "report.html").read_text("utf-8")
    assert result.moves.promised == sum(move.measured is not None for move in load_mix(copied).moves)
    assert not (copied / "history").exists()
