"""Last words go into the delay where there is room, on the grid, and are gone when the next line begins."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.facts import audio, open_song, shaped_noise
from tests.sounds import RATE_HZ
from tests.tasks.song_in_time import band, song, voice
from tonmeister.analysis.phrases import Phrase, find_phrases
from tonmeister.analysis.track_meter import measure_track
from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import fold
from tonmeister.document.mix import Brief
from tonmeister.document.move import Move, SendChange
from tonmeister.engineer.decide import decide_mix, decide_strips
from tonmeister.knowledge import number
from tonmeister.tasks.automation.words import last_word_s

FORM = [("verse", 0.0, 12.0), ("chorus", 12.0, 24.0)]


def decided(gap_s: float, *, arc: str = "auto", tempo_bpm: float = 120.0) -> tuple[SongFacts, list[Move]]:
    """A verse whose last word ends at 10.5 s, and a chorus that is sung `gap_s` later."""
    lines = [(1.0, 4.0, 0.0), (8.0, 9.6, 0.0), (9.9, 10.5, 0.0), (10.5 + gap_s, 20.0, 0.0)]
    facts = song([voice(lines, duration_s=24.0), band([(0.0, 12.0, -8.0), (12.0, 24.0, 0.0)], duration_s=24.0)], FORM)
    facts = replace(facts, song=facts.song.model_copy(update={"tempo_bpm": tempo_bpm}))
    mix = decide_mix(decide_strips(open_song(facts, brief=Brief(arc=arc)), facts), facts, None)
    return facts, [move for move in mix.moves if move.id == "automation.vox.throws"]


def send_of(move: Move) -> SendChange:
    assert isinstance(move.change, SendChange)
    return move.change


def test_the_send_opens_on_the_word_and_shuts_behind_it() -> None:
    """Bar 3: within 20 ms of the word."""
    _, (move,) = decided(1.6)
    lane = send_of(move).send.level_db
    opened = [point.time_s for point in lane.points if point.value > -14.01]
    assert opened[0] == pytest.approx(9.9, abs=0.02)
    assert opened[-1] == pytest.approx(10.5, abs=0.05)
    assert lane.at(5.0) == lane.at(12.0) == lane.points[0].value


@pytest.mark.parametrize("gap_s", [0.6, 1.1, 1.6, 2.6])
def test_what_still_sounds_at_the_next_line_is_as_far_down_as_planned(gap_s: float) -> None:
    """Bar 3, from the settings: the repeat that overlaps the next line, each 12 dB below the one before."""
    facts, moves = decided(gap_s)
    del facts
    for move in moves:
        level_db = max(point.value for point in send_of(move).send.level_db.points)
        time_s = 0.25  # half a beat at 120 bpm
        overlapping = int(np.floor(gap_s / time_s)) + 1
        assert level_db - 12.04 * (overlapping - 1) <= -number("automation.tail_under_db").value + 0.1


def test_without_room_there_is_no_throw() -> None:
    assert decided(0.22)[1] == []


def test_who_wants_no_arc_gets_no_throws() -> None:
    assert decided(1.6, arc="none")[1] == []


def test_rejecting_a_throw_gives_the_former_send_back() -> None:
    facts, (move,) = decided(1.6)
    mix = decide_mix(decide_strips(open_song(facts), facts), facts, None)
    without = tuple(m for m in mix.moves if m.id != move.id)
    rejected = tuple(m.model_copy(update={"state": "rejected"}) if m.id == move.id else m for m in mix.moves)
    folded = [fold(mix.model_copy(update={"moves": moves})).track("vox").strip for moves in (without, rejected)]
    assert folded[0] == folded[1] != mix.track("vox").strip


@pytest.mark.parametrize(
    ("words", "start_s"), [([(0.0, 0.5), (0.8, 1.2)], 0.8), ([(0.0, 1.0), (1.15, 1.5), (1.7, 2.1)], 1.7)]
)
def test_the_last_word_begins_at_the_last_rise(words: Sequence[tuple[float, float]], start_s: float) -> None:
    """20 ms is what a throw may be off."""
    sound = shaped_noise([(100.0, -10.0), (1000.0, 0.0), (8000.0, -20.0)], duration_s=3.0).samples[0].astype(np.float64)
    gain = np.full(sound.size, 0.05)
    for begin, end in words:
        gain[round(begin * RATE_HZ) : round(end * RATE_HZ)] = 1.0
    gain[round(words[-1][1] * RATE_HZ) :] = 0.0
    rms = measure_track(audio(sound * gain)).curves.rms_10ms
    assert find_phrases(rms)
    phrase = Phrase(start_s=0.0, end_s=words[-1][1], gap_s=0.5)
    assert last_word_s(rms, phrase)[0] == pytest.approx(start_s, abs=0.02)


def test_a_throw_promises_its_tail_and_says_where_word_and_room_are() -> None:
    """Bar 3: verify holds the rendered tail against this."""
    _, (move,) = decided(1.6)
    word, room = move.because[:2]
    assert move.expects is not None
    assert (move.expects.metric, move.expects.value) == ("throw_tail_db", -number("automation.tail_under_db").value)
    assert word.start_s == pytest.approx(9.9, abs=0.02)
    assert word.end_s == pytest.approx(10.5, abs=0.05)
    assert room.end_s == pytest.approx(12.1, abs=0.05)
