"""Ideas for the arrangement are proposed, never applied unasked, and taken back to the byte."""

from dataclasses import replace

import numpy as np

from tests.facts import ask, audio, open_song, track_facts
from tests.tasks.song_in_time import song, voice
from tests.tiny_song import stem
from tonmeister.analysis.energy import measure_energy
from tonmeister.document.facts import SongFacts, TimeLine
from tonmeister.document.fold import fold
from tonmeister.document.mix import Brief
from tonmeister.document.move import Move, MuteChange
from tonmeister.tasks import pacing

FORM = [("verse", 0.0, 4.0), ("chorus", 4.0, 8.0)]


def with_kick() -> SongFacts:
    kick = track_facts("kick", audio(stem("Kick.wav")), "kick")
    facts = song([voice([(0.5, 3.0, -10.0), (4.0, 7.5, 0.0)], duration_s=8.0), kick], FORM)
    bars = np.arange(0.0, 8.1, 2.0)
    energy = measure_energy([t.curves for t in facts.tracks], [t.track.family for t in facts.tracks], [None] * 2, bars)
    line = TimeLine(
        beats_s=np.arange(0.0, 8.0, 0.5), beat_confidence=0.9, is_steady=True, bars_s=bars, downbeats_s=bars[:-1], bar_confidence=0.9,
        beats_per_bar=4, energy=energy, phrases={},
    )  # fmt: skip
    return replace(facts, time_line=line)


def proposals(arc: str = "auto") -> list[Move]:
    facts = with_kick()
    return [m for m in ask(pacing.propose, facts, mix=open_song(facts, brief=Brief(arc=arc))) if m.state == "proposed"]


def test_the_kick_may_rest_for_the_bar_before_a_chorus() -> None:
    (move,) = (m for m in proposals() if m.id.endswith(".breath"))
    assert isinstance(move.change, MuteChange)
    assert [move.change.mute.at(time) for time in (1.9, 2.0, 3.9, 4.0)] == [0, 1, 1, 0]
    assert (move.where.start_s, move.where.end_s) == (2.0, 4.0)


def test_a_proposal_changes_nothing_until_it_is_accepted() -> None:
    facts = with_kick()
    mix = open_song(facts)
    (move,) = (m for m in proposals() if m.id.endswith(".breath"))
    assert fold(mix.model_copy(update={"moves": (move,)})).tracks == mix.tracks
    accepted = move.model_copy(update={"state": "accepted"})
    assert fold(mix.model_copy(update={"moves": (accepted,)})).tracks != mix.tracks


def test_who_wants_no_arc_gets_no_ideas() -> None:
    assert proposals("none") == []
