"""Offsets of a layer: told unasked, mended when asked, never by less than 15 ms."""

import numpy as np
import pytest

from tests.analysis.test_voice_timing import RATE_HZ, words
from tests.facts import ask, audio, changed, open_song, song_facts, track_facts
from tonmeister.analysis.track_meter import measure_track
from tonmeister.analysis.voice_timing import PhraseOffset, measure_offsets
from tonmeister.audio import Audio
from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.document.mix import Brief
from tonmeister.document.move import InsertChange, Move, Nothing
from tonmeister.processing.aligner import Aligner, align_phrases
from tonmeister.tasks.voices import timing

TONE = np.sin(2 * np.pi * 220 * np.arange(words().size) / RATE_HZ)


def layer(late_ms: float) -> TrackFacts:
    """Return a double of the same words on the same note."""
    wave = np.roll(np.abs(words(seed=1)) ** 0.5 * TONE * 0.3, round(late_ms * RATE_HZ / 1000))
    return track_facts("dbl", audio(wave), "backing vocal")


LEAD = track_facts("lead", audio(np.abs(words()) ** 0.5 * TONE * 0.3), "lead vocal")


def asked(facts: SongFacts, *, align: bool) -> Move:
    mix = open_song(facts, brief=Brief(align_doubles=align))
    (move,) = ask(timing.propose, facts, mix=mix)
    return move


def test_unasked_it_is_only_told() -> None:
    move = asked(song_facts([LEAD, layer(40)]), align=False)
    assert isinstance(move.change, Nothing)
    assert move.because[0].value == pytest.approx(40, abs=6)
    assert move.alternatives


@pytest.mark.parametrize("by", ["brief", "wish"])
def test_asked_the_phrases_are_moved_to_the_lead(by: str) -> None:
    """Moved and measured again, less than 8 ms are left."""
    late = layer(40)
    facts = song_facts([LEAD, changed(late, align=True) if by == "wish" else late])
    move = asked(facts, align=by == "brief")
    assert isinstance(move.change, InsertChange)
    assert move.change.insert.slot == "cleanup"
    aligner = move.change.insert.processor
    assert isinstance(aligner, Aligner)
    wave = np.roll(np.abs(words(seed=1)) ** 0.5 * TONE * 0.3, round(0.04 * RATE_HZ))
    moved = align_phrases(Audio(wave[None].astype(np.float32), RATE_HZ), aligner)
    left = measure_offsets(LEAD.curves.rms_10ms, measure_track(moved).curves.rms_10ms)
    assert np.median([abs(o.offset_ms) for o in left]) < 8


@pytest.mark.parametrize("late_ms", [0.0, 6.0])
def test_a_double_in_time_is_not_moved_even_if_asked(late_ms: float) -> None:
    assert isinstance(asked(song_facts([LEAD, layer(late_ms)]), align=True).change, Nothing)


def test_a_phrase_is_moved_in_the_gap_before_it() -> None:
    phrases = (
        PhraseOffset(1.0, 2.0, 30.0, 0.9),
        PhraseOffset(2.5, 3.5, 5.0, 0.9),
        PhraseOffset(4.0, 5.0, -40.0, 0.9),
    )
    points = timing.shift_points(phrases)
    assert [shift for _, shift in points] == [-30.0, 0.0, 40.0]
    times = [time_s for time_s, _ in points]
    assert times[0] < 0.97
    assert 2.0 < times[1] < 2.5
    assert 3.5 < times[2] < 4.0


def test_where_there_is_no_gap_nothing_changes() -> None:
    phrases = (PhraseOffset(1.0, 2.0, 0.0, 0.9), PhraseOffset(2.02, 3.0, 40.0, 0.9))
    assert timing.shift_points(phrases) == ()
