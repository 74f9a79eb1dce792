"""Tuning is done only where it was asked for, and refused where the key is not sure."""

import dataclasses

import numpy as np
import pytest

from tests.analysis.test_vocal_parts import sung
from tests.facts import ask, audio, changed, song_facts, track_facts
from tonmeister.audio import Audio
from tonmeister.document.facts import SongFacts
from tonmeister.document.move import InsertChange, Nothing
from tonmeister.engineer.tuning import find_stretches
from tonmeister.processing import Tuner
from tonmeister.tasks.voices import pitch
from tonmeister.tasks.voices.pitch import parse_key

LEAD = track_facts("lead", audio(sung()), "lead vocal")


def song(*, tune: bool, key: str | None, confidence: float) -> SongFacts:
    facts = song_facts([changed(LEAD, tune=tune)])
    named = facts.song.model_copy(update={"key": key, "key_confidence": confidence})
    return dataclasses.replace(facts, song=named)


def test_unasked_no_voice_is_tuned() -> None:
    assert ask(pitch.propose, song(tune=False, key="A minor", confidence=1.0)) == []


@pytest.mark.parametrize(("key", "confidence"), [("A minor", 0.3), (None, 0.0)])
def test_an_unsure_key_is_refused_and_says_how_unsure(key: str | None, confidence: float) -> None:
    (move,) = ask(pitch.propose, song(tune=True, key=key, confidence=confidence))
    assert isinstance(move.change, Nothing)
    assert move.because[0].value == confidence
    assert move.because[0].limit == 0.6


def test_a_sure_key_is_corrected_to() -> None:
    (move,) = ask(pitch.propose, song(tune=True, key="C# minor", confidence=0.9))
    assert isinstance(move.change, InsertChange)
    settings = move.change.insert.processor
    assert isinstance(settings, Tuner)
    assert (settings.tonic, settings.mode) == ("C#", "minor")
    assert settings.regions == ()


def test_what_is_not_a_key_is_none() -> None:
    assert [parse_key(text) for text in (None, "", "H major", "C dorian", "C")] == [None] * 5


def test_the_sound_says_what_is_to_be_corrected() -> None:
    """The voice of the test sings A3 C4 E4 D4 B3 G3; 35 cents sharp, nearly all of it is corrected downwards."""
    sharp = Audio(sung(transposed=2 ** (35 / 1200))[None].astype(np.float32), 48_000)
    tuned, off_cents, share = find_stretches(Tuner(tonic="A", mode="minor"), sharp)
    assert off_cents == pytest.approx(35, abs=10)
    assert share > 0.7
    assert np.mean([np.mean(stretch.cents) for stretch in tuned.regions]) < -10
