"""A move can be heard before it is accepted: its bars alone, with it and without, equally loud, and the mix stays as it is."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.documents import make_mix
from tonmeister.analysis.loudness import measure_loudness
from tonmeister.audio import Audio
from tonmeister.document.move import Evidence, Move, MuteChange, Where
from tonmeister.document.text import to_text
from tonmeister.engineer import load_mix, preview_move, set_moves
from tonmeister.engineer.previewing import span_of
from tonmeister.errors import InputError
from tonmeister.tasks.pacing.arrangement import rest_lane

REST = (3.0, 4.0)


def idea(track: str) -> Move:
    found = Evidence(what="rest", value=1.0, unit="s", source="a test")
    return Move(
        id="pacing.test.breath", task="pacing", title="A rest of a beat", where=Where(track=track, start_s=REST[0], end_s=REST[1]),
        change=MuteChange(mute=rest_lane([REST])), because=(found,), state="proposed", order=900,
    )  # fmt: skip


def proposed(out: Path) -> str:
    mix = load_mix(out)
    track = next(track.id for track in mix.tracks if track.role == "lead vocal")
    (out / "mix.json").write_text(to_text(mix.model_copy(update={"moves": (*mix.moves, idea(track))})), "utf-8")
    return track


def test_the_two_files_hold_the_same_bars_equally_loud_and_differ_in_the_rest_alone(copied: Path) -> None:
    proposed(copied)
    before = (copied / "mix.json").read_bytes()
    preview = preview_move(copied, "pacing.test.breath")
    (first, rate), (second, _) = soundfile.read(preview.with_move), soundfile.read(preview.without_move)
    assert preview.start_s == pytest.approx(1.0, abs=0.1)
    assert preview.end_s == pytest.approx(8.0, abs=0.1)
    assert first.shape == second.shape
    assert len(first) / rate == pytest.approx(preview.end_s - preview.start_s, abs=0.001)  # told to a millisecond
    loudness = [
        measure_loudness(Audio(np.ascontiguousarray(s.T, np.float32), rate)).integrated_lufs for s in (first, second)
    ]
    assert loudness[0] == pytest.approx(loudness[1], abs=0.1)
    back = [s * 10 ** (-gain / 20) for s, gain in ((first, preview.with_gain_db), (second, preview.without_gain_db))]
    differs = np.abs(back[0] - back[1]).max(axis=1) > 1e-3
    inside = slice(round((REST[0] - preview.start_s) * rate), round((REST[1] - preview.start_s) * rate))
    assert differs[inside].any()
    assert not differs[: round((REST[0] - 0.1 - preview.start_s) * rate)].any()
    assert (copied / "mix.json").read_bytes() == before


def test_what_was_heard_can_be_accepted_and_refused(copied: Path) -> None:
    """Bar 5: refusing gives the former document back, apart from who said what."""
    track = proposed(copied)
    former = load_mix(copied).track(track).strip
    set_moves(copied, "accepted", ("pacing.test.breath",))
    assert load_mix(copied).track(track).strip.mute == rest_lane([REST])
    set_moves(copied, "rejected", ("pacing.test.breath",))
    assert load_mix(copied).track(track).strip == former


@pytest.mark.parametrize("said", ["pacing.no.such", "*"])
def test_one_move_must_be_named(copied: Path, said: str) -> None:
    with pytest.raises(InputError, match="lists them"):
        preview_move(copied, said)


def test_a_note_cannot_be_heard(copied: Path) -> None:
    note = next((move for move in load_mix(copied).moves if move.change.kind == "nothing"), None)
    if note is None:
        pytest.skip("this mix holds no note")
    with pytest.raises(InputError, match="a note"):
        preview_move(copied, note.id)


def test_the_moment_of_a_lane_is_its_first_with_bars_around_it() -> None:
    mix = make_mix(())
    bar_s = 2.0 if not mix.song.tempo_bpm else 240 / mix.song.tempo_bpm
    start_s, end_s = span_of(idea("x"), mix)
    assert start_s == pytest.approx(max(0.0, 3.0 - 0.03 - bar_s), abs=0.01)
    assert end_s <= max(mix.song.duration_s, 0.5)
