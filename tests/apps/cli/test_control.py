"""The person stays in control: locks, rejections, scope, takes, what-ifs and budgets, with the real command line on real files."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.tiny_song import DURATION_S, stem, write_song, write_sound
from tonmeister.apps.cli import main

SONG = ("Kick.wav", "Keys.wav", "Gtr L.wav", "Lead Vox.wav")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a song and its mix, which nobody may change."""
    folder = tmp_path_factory.mktemp("control")
    write_song(folder / "song", order=SONG)
    sys.argv = ["tonmeister", "mix", str(folder / "song"), "-o", str(folder / "out"), "--sessions", "none"]
    with pytest.raises(SystemExit):
        main()
    return folder


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    """Return a copy of the mix that a test may change."""
    return Path(shutil.copytree(made / "out", tmp_path / "out"))


def document(place: Path) -> dict[str, Any]:
    return dict(json.loads((place / "mix.json").read_text("utf-8")))


def moves(place: Path) -> dict[str, dict[str, Any]]:
    return {move["id"]: {**move, "measured": None} for move in document(place)["moves"]}


def strips(place: Path) -> dict[str, Any]:
    return {track["id"]: track["strip"] for track in document(place)["tracks"]}


def test_all_budgets_are_measured_and_all_promises_too(made: Path) -> None:
    done = document(made / "out")
    assert {use["budget"] for use in done["budget_use"]} == {
        name for name, limit in done["budget"].items() if limit is not None
    } - {"name"}
    assert all(use["held"] for use in done["budget_use"])
    promised = [move for move in done["moves"] if move["expects"] is not None]
    assert all(move["measured"] is not None for move in promised)
    assert sum(move["measured"]["kept"] for move in promised) >= 0.85 * len(promised)


def test_a_locked_move_stays_to_the_byte_while_all_around_it_changes(out: Path, run: Any) -> None:
    before = moves(out)
    assert run("moves", out, "lock", "balance.keys.fader").code == 0
    assert run("moves", out, "reject", "dynamics.*", "space.*", "eq.*", "panning.*").code == 0
    assert run("solve", out).code == 0
    locked = {**before["balance.keys.fader"], "state": "locked", "set_by": "person"}
    assert moves(out)["balance.keys.fader"] == locked
    assert not {name for name, move in moves(out).items() if name.startswith("space.") and move["state"] == "accepted"}


def test_rejecting_one_move_changes_only_its_own_strip_and_what_gives_way_to_it(out: Path, run: Any) -> None:
    """Issue: rejecting one changes only what depends on it. A cut for a voice's sake hangs on how that voice sounds."""
    before = strips(out)
    name = next(name for name in moves(out) if name.startswith("dynamics.") and ".compressor" in name)
    track = moves(out)[name]["where"]["track"]
    assert run("moves", out, "reject", name).code == 0
    assert run("solve", out).code == 0
    changed = {one for one, strip in strips(out).items() if strip != before[one]}
    gone = {m["where"]["track"] for m in moves(out).values() if (m["expects"] or {}).get("track") == track}
    giving_way = gone - {None}  # a space that steps back is no strip
    assert track in changed
    assert changed <= {track} | giving_way
    assert giving_way < set(before)


def test_solving_only_the_vocals_leaves_every_other_move_as_it_was(out: Path, run: Any) -> None:
    run("moves", out, "reject", "balance.lead-vox.fader")
    before = document(out)["moves"]
    assert run("solve", out, "--touch", "vocals").code == 0
    after = {move["id"]: move for move in document(out)["moves"]}
    others = [move for move in before if move["where"]["track"] not in ("lead-vox", None)]
    assert others
    assert [after[move["id"]] for move in others] == others


def test_mixing_only_the_vocals_lets_the_rest_pass_as_it_came(made: Path, tmp_path: Path, run: Any) -> None:
    assert run("mix", made / "song", "-o", tmp_path / "o", "--touch", "vocals", "--sessions", "none").code == 0
    assert not (tmp_path / "o" / "master.wav").exists()
    done = document(tmp_path / "o")
    assert {move["where"]["track"] for move in done["moves"]} <= {"lead-vox", None}
    assert any(move["where"]["track"] == "lead-vox" for move in done["moves"])
    for track in done["tracks"]:
        assert (track["strip"] == track["base"]) == (track["id"] != "lead-vox")


def test_an_arc_for_a_part_of_the_song_is_refused(out: Path, made: Path, tmp_path: Path, run: Any) -> None:
    for command in (("solve", out), ("mix", made / "song", "-o", tmp_path / "o")):
        ran = run(*command, "--touch", "vocals", "--arc", "slow burn")
        assert ran.code == 2
        assert "--arc slow-burn: an arc moves the whole song, and --touch allows only vocals" in ran.last


def test_a_scope_that_means_nothing_is_refused_with_what_there_is(out: Path, run: Any) -> None:
    ran = run("solve", out, "--touch", "kazoo")
    assert ran.code == 2
    assert "there is no such track, role, family or bus; it has" in ran.last
    assert "lead-vox" in ran.last


def test_another_take_keeps_every_move_and_undo_brings_the_old_one_back(out: Path, tmp_path: Path, run: Any) -> None:
    before, sound = moves(out), (out / "mix.wav").read_bytes()
    write_sound(tmp_path / "take 2.wav", 0.25 * stem("Lead Vox.wav")[:, ::-1])
    assert run("replace", out, "lead vocal", tmp_path / "take 2.wav").code == 0
    after = moves(out)
    assert set(before) <= set(after)
    others = {name for name, move in before.items() if move["where"]["track"] not in ("lead-vox", None)}
    assert {name for name in others if after[name] != before[name]} == set()
    ride, anew = (found["automation.lead-vox.ride"]["change"] for found in (before, after))
    assert ride != anew, "its lines are elsewhere"
    assert "replace lead-vox take 2.wav" in (out / "journal.jsonl").read_text("utf-8")
    assert all(move["measured"]["kept"] for move in document(out)["moves"] if move["id"] == "balance.lead-vox.fader")
    assert run("undo", out).code == 0
    assert run("render", out).code == 0
    assert (out / "mix.wav").read_bytes() == sound


def test_a_take_that_cannot_stand_there_is_refused_in_one_sentence(
    out: Path, made: Path, tmp_path: Path, run: Any
) -> None:
    write_sound(tmp_path / "short.wav", stem("Lead Vox.wav")[:, : int(DURATION_S * 12000)])
    write_sound(tmp_path / "silent.wav", np.zeros_like(stem("Lead Vox.wav")))
    before = (out / "mix.json").read_bytes()
    for file, said in (
        (tmp_path / "short.wav", "starts where that one starts"), (tmp_path / "silent.wav", "it is silent"),
        (made / "song" / "Lead Vox.wav", "has already"), (tmp_path / "none.wav", "there is no such file"),
    ):  # fmt: skip
        ran = run("replace", out, "lead-vox", file)
        assert (ran.code, said in ran.last) == (2, True), ran.last
    assert "name one of them" in run("replace", out, "all", tmp_path / "short.wav").last
    assert (out / "mix.json").read_bytes() == before


def test_a_what_if_shows_its_price_and_writes_nothing_until_it_is_applied(out: Path, run: Any) -> None:
    before = (out / "mix.json").read_bytes()
    asked = ("solve", out, "--what-if", "vocal +1 dB presence, master no louder")
    found = json.loads(run(*asked, "--json").out)
    assert found["plan"]["changes"]
    assert found["plan"]["price"]["total_db"] <= min(plan["price"]["total_db"] for plan in found["others"])
    assert "Nothing was changed" in run(*asked).out
    assert (out / "mix.json").read_bytes() == before
    assert run(*asked, "--apply").code == 0
    added = moves(out)["what-if.1.1"]
    assert (added["set_by"], added["state"]) == ("person", "accepted")
    assert run("undo", out).code == 0
    assert "what-if.1.1" not in moves(out)


def test_a_what_if_that_is_not_understood_or_not_possible_is_refused(out: Path, run: Any) -> None:
    assert "say a track, role, family or master" in run("solve", out, "--what-if", "make it pop").last
    assert "a single channel has no width" in run("solve", out, "--what-if", "vocal wider").last
    assert "nothing to apply" in run("solve", out, "--apply").last


def test_a_mix_like_another_carries_over_what_the_person_did_there(
    made: Path, out: Path, tmp_path: Path, run: Any
) -> None:
    assert run("solve", out, "--what-if", "vocal +2 dB", "--apply").code == 0
    assert run("moves", out, "reject", "mastering.glue.compressor").code == 0
    assert run("mix", made / "song", "-o", tmp_path / "o", "--like", out, "--sessions", "none", "--no-report").code == 0
    like = moves(tmp_path / "o")
    assert like["like.lead-vox.level"]["change"]["change_db"]["points"][0]["value"] == 2.0
    assert "the song before" in like["like.lead-vox.level"]["because"][0]["source"]
    assert like["mastering.glue.compressor"]["state"] == "rejected"


def test_a_budget_of_crest_that_the_target_would_break_aims_the_master_lower_and_says_so(
    made: Path, tmp_path: Path, run: Any
) -> None:
    (tmp_path / "own.toml").write_text("master_crest_loss_db = 0.5\n")
    ran = run("mix", made / "song", "-o", tmp_path / "o", "--budget", tmp_path / "own.toml", "--target", "-9", "--sessions", "none",
              "--no-report", "--json")  # fmt: skip
    result = json.loads(ran.out)
    use = {use["budget"]: use for use in result["budget_use"]}["master_crest_loss_db"]
    assert ran.code == 3
    assert use["held"]
    assert result["master"]["integrated_lufs"] < -9.1
    assert any("of crest that the budget 'own' allows" in miss for miss in result["misses"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("crest_los_db = 2.0\n", "crest_los_db"), ("eq_gain_db = -1\n", "eq_gain_db"), ("eq_gain_db = 'much'\n", "eq_gain_db"),
        ("eq_gain_db = \n", "not TOML"),
    ],
)  # fmt: skip
def test_a_budget_file_with_a_wrong_field_is_refused_in_one_sentence(
    made: Path, tmp_path: Path, run: Any, text: str, said: str
) -> None:
    (tmp_path / "own.toml").write_text(text)
    ran = run("mix", made / "song", "-o", tmp_path / "o", "--budget", tmp_path / "own.toml")
    assert ran.code == 2
    assert said in ran.last
    assert not (tmp_path / "o").exists()
