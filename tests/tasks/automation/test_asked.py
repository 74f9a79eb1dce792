"""A word that a person names goes into the effect as its own move, on the word, with a promise; what cannot be found is said."""

from dataclasses import fields, replace

import numpy as np
import pytest

from tests.facts import open_song
from tests.tasks.song_in_time import band, song, voice
from tonmeister.analysis.energy import Energy
from tonmeister.document.facts import SongFacts, TimeLine
from tonmeister.document.fold import fold
from tonmeister.document.mix import Brief, Mix
from tonmeister.document.move import Move, Nothing, SendChange
from tonmeister.engineer.decide import decide_mix, decide_strips
from tonmeister.engineer.throw_words import read_throw
from tonmeister.knowledge import number
from tonmeister.processing import Delay
from tonmeister.tasks.automation.asked import MARK

FORM = [("verse", 0.0, 12.0), ("chorus", 12.0, 24.0), ("verse", 24.0, 36.0)]
LINES = [
    (1.0, 4.0, 0.0),
    (8.0, 9.6, 0.0),
    (9.9, 10.5, 0.0),
    (12.1, 20.0, 0.0),
    (25.0, 26.0, 0.0),
    (26.4, 27.0, 0.0),
    (30.0, 33.0, 0.0),
]


def decided(*said: str, arc: str = "none", tempo_bpm: float | None = 120.0) -> tuple[Mix, list[Move]]:
    """Two verses around a chorus; what is asked for, decided on predicted strips."""
    facts = song([voice(LINES, duration_s=36.0), band([(0.0, 36.0, 0.0)], duration_s=36.0)], FORM)
    facts = replace(facts, song=facts.song.model_copy(update={"tempo_bpm": tempo_bpm}))
    brief = Brief(arc=arc, throws=tuple(read_throw(one) for one in said))
    mix = decide_mix(decide_strips(open_song(facts, brief=brief), facts), facts, None)
    return mix, [move for move in mix.moves if MARK in move.id]


@pytest.mark.parametrize(
    ("said", "start_s", "end_s"),
    [
        ("0:10.1", 9.9, 10.5), ("last word of verse 1", 9.9, 10.5), ("'now' before the chorus", 9.9, 10.5), ("line 3", 9.9, 10.5),
        ("first word of the first line in verse 2", 25.0, 26.0),
    ],
)  # fmt: skip
def test_the_send_opens_on_the_word_that_was_named(said: str, start_s: float, end_s: float) -> None:
    """Bar 3: within 20 ms; without an arc, too."""
    _, (move,) = decided(said)
    assert isinstance(move.change, SendChange)
    opened = [point.time_s for point in move.change.send.level_db.points if point.value > -20]
    assert opened[0] == pytest.approx(start_s, abs=0.02)
    assert opened[-1] == pytest.approx(end_s, abs=0.05)


def test_a_throw_that_was_asked_for_promises_its_tail() -> None:
    _, (move,) = decided("last word of verse 1")
    assert move.expects is not None
    assert move.expects.metric == "throw_tail_db"
    assert move.expects.value == pytest.approx(-number("automation.tail_under_db").value, abs=0.1)
    assert move.because[0].start_s == pytest.approx(9.9, abs=0.02)


def test_each_throw_can_be_taken_back_by_itself() -> None:
    """The others, and the send that was there, stay as they were."""
    mix, (first, second) = decided("last word of verse 1", "0:26.5")
    for gone, kept in ((first, second), (second, first)):
        moves = tuple(m.model_copy(update={"state": "rejected"}) if m.id == gone.id else m for m in mix.moves)
        (send,) = (
            s for s in fold(mix.model_copy(update={"moves": moves})).track("vox").strip.sends if s.bus == "delay"
        )
        word_s = [move.because[0].start_s or 0.0 for move in (kept, gone)]
        assert send.level_db.at(word_s[0] + 0.1) > -15
        assert send.level_db.at(word_s[1] + 0.1) == pytest.approx(send.level_db.points[0].value, abs=1e-6)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("'tonight'", "nothing here knows what is sung"), ("0:22.5", "does not sing at 0:22.5"),
        ("last word of verse 3", "2 verses"), ("last word of the bridge", "no bridge"), ("line 9", "lines"),
    ],
)  # fmt: skip
def test_what_cannot_be_found_is_said(said: str, why: str) -> None:
    _, (move,) = decided(said)
    assert isinstance(move.change, Nothing)
    assert why in move.title


def beaten(beat_s: float) -> SongFacts:
    """The same song with beats that lie so far apart, where 120 bpm was found for the song as a whole."""
    facts = song([voice(LINES, duration_s=36.0), band([(0.0, 36.0, 0.0)], duration_s=36.0)], FORM)
    beats_s = np.arange(0.0, 36.0, beat_s)
    line = TimeLine(
        beats_s=beats_s, beat_confidence=0.9, is_steady=True, bars_s=np.append(beats_s[::4], 36.0), downbeats_s=beats_s[::4],
        bar_confidence=0.9, beats_per_bar=4, energy=Energy(*(np.zeros(0) for _ in fields(Energy))), phrases={},
    )  # fmt: skip
    return replace(facts, time_line=line, song=facts.song.model_copy(update={"tempo_bpm": 120.0}))


def test_a_song_whose_delay_is_off_the_beats_there_gets_one_of_its_own() -> None:
    """Bar 3: echoes within 5 ms of the grid; the delay follows the tempo of the song, the throw that around the word."""
    facts = beaten(0.53)
    brief = Brief(arc="none", throws=(read_throw("last word of verse 1"),))
    mix = decide_mix(decide_strips(open_song(facts, brief=brief), facts), facts, None)
    (move,) = (move for move in mix.moves if MARK in move.id)
    assert isinstance(move.change, SendChange)
    (bus,) = (bus for bus in mix.buses if bus.id == move.change.send.bus)
    (delay,) = (insert.processor for insert in bus.inserts if isinstance(insert.processor, Delay))
    assert min(abs(delay.time_ms - 530 * share) for share in (0.5, 0.75, 1.0)) <= 1.25


def test_bars_are_counted_from_the_first_downbeat() -> None:
    facts = beaten(0.5)
    brief = Brief(arc="none", throws=(read_throw("bar 6"),))
    mix = decide_mix(decide_strips(open_song(facts, brief=brief), facts), facts, None)
    (move,) = (move for move in mix.moves if MARK in move.id)
    assert move.because[0].start_s == pytest.approx(9.9, abs=0.02)  # bar 6 lasts from 10 to 12 s; the word ends in it
