"""Layers behind a lead, and a voice over a finished beat."""

import numpy as np
import pytest

from tests.analysis.test_vocal_parts import RATE_HZ, sung
from tests.facts import ask, audio, changed, shaped_noise, song_facts, track_facts
from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.document.move import BandChange, InsertChange, Nothing, PanChange
from tonmeister.processing import DynamicEqualiser
from tonmeister.tasks import balance, panning, voices
from tonmeister.tasks.voices.parts import part_of

LEAD = track_facts("lead", audio(sung()), "lead vocal")
DOUBLE = track_facts("double", audio(0.4 * sung(late_s=0.03, transposed=1.006, seed=1)), "backing vocal")
HARMONY = track_facts("harmony", audio(sung(transposed=2 ** (4 / 12), seed=1)), "backing vocal")
ANSWER = track_facts("answer", audio(sung(pauses=True)), "backing vocal")


@pytest.mark.parametrize(("track", "kind"), [(DOUBLE, "double"), (HARMONY, "harmony"), (ANSWER, "own")])
def test_parts_are_told_by_how_they_go_with_the_lead(track: TrackFacts, kind: str) -> None:
    part = part_of(song_facts([LEAD, track]), track)
    assert part is not None
    assert part.kind == kind
    assert part.because


def test_a_name_tells_an_ad_lib_from_an_answer_unless_a_person_set_the_role() -> None:
    guessed = changed(ANSWER, name="Vox adlib 2.wav")
    told = changed(ANSWER, name="Vox adlib 2.wav", role_confidence=1.0)
    kinds = [part.kind for t in (guessed, told) if (part := part_of(song_facts([LEAD, t]), t)) is not None]
    assert kinds == ["ad-lib", "own"]


@pytest.mark.parametrize("facts", [song_facts([DOUBLE]), song_facts([LEAD])])
def test_without_a_lead_or_a_second_voice_there_is_no_part(facts: SongFacts) -> None:
    assert [part_of(facts, track) for track in facts.tracks] == [None]


@pytest.mark.parametrize(("octave", "names"), [(0.5, ["body", "presence"]), (1.0, ["presence"])])
def test_a_double_is_thinned_out_where_it_has_something_and_an_answer_is_not(octave: float, names: list[str]) -> None:
    """An octave lower there is body below 150 Hz; the tones of the higher voice begin at 196 Hz."""
    lead = track_facts("lead", audio(sung(transposed=octave)), "lead vocal")
    double = track_facts("double", audio(0.4 * sung(transposed=1.006 * octave, seed=1)), "backing vocal")
    moves = [m for m in ask(voices.propose, song_facts([lead, double, ANSWER])) if not m.id.endswith("timing")]
    assert [move.id for move in moves] == [f"voices.double.{name}" for name in names]
    assert all(isinstance(move.change, BandChange) and move.change.slot == "tone" for move in moves)


def test_finished_stems_keep_their_layers() -> None:
    moves = ask(voices.propose, song_facts([LEAD, DOUBLE], premixed=True))
    assert all(isinstance(move.change, Nothing) for move in moves)


def test_a_double_stands_softer_and_wider_than_the_same_voice_alone() -> None:
    """5 LU softer than what only its own sound would say; half way to a side at least."""
    faders, pans = {}, {}
    for name, tracks in {"layer": [LEAD, DOUBLE, ANSWER], "alone": [ANSWER, DOUBLE]}.items():
        facts = song_facts(tracks)
        for move in (*ask(balance.propose, facts), *ask(panning.propose, facts)):
            if move.where.track == "double" and isinstance(move.change, PanChange):
                pans[name] = move.change.pan.points[0].value
            if move.where.track == "double" and move.id.endswith("fader"):
                faders[name] = [e.source for e in move.because]
    assert abs(pans["layer"]) >= 0.5
    assert any("layer_overlap_least" in source for source in faders["layer"])
    assert not any("layer_overlap_least" in source for source in faders["alone"])


def beat(presence_db: float) -> TrackFacts:
    sound = shaped_noise([(60, 0), (1500, 0), (2500, presence_db), (4500, presence_db), (9000, 0)], duration_s=12)
    return track_facts("beat", sound, "mixture")


def test_a_finished_beat_gives_way_while_the_voice_sings() -> None:
    (move,) = ask(voices.propose, song_facts([LEAD, beat(6)]))
    assert isinstance(move.change, InsertChange)
    insert = move.change.insert
    assert insert.key == "lead"
    assert isinstance(insert.processor, DynamicEqualiser)
    (band,) = insert.processor.bands
    assert 1500 <= band.frequency_hz <= 5000
    assert -3 <= band.range_db < 0


def test_a_beat_among_other_instruments_is_no_finished_beat() -> None:
    time_s = np.arange(12 * RATE_HZ) / RATE_HZ
    bass = track_facts("bass", audio(0.2 * np.sin(2 * np.pi * 55 * time_s)), "bass")
    assert ask(voices.propose, song_facts([LEAD, beat(6), bass])) == []
