"""The lead is ridden by its lines: as planned, as little as will do, and never against the ear."""

import numpy as np
import pytest

from tests.facts import ask
from tests.tasks.song_in_time import band, song, voice
from tonmeister.document.facts import SongFacts
from tonmeister.document.lane import Lane
from tonmeister.document.move import FaderChange, Move, Nothing
from tonmeister.knowledge import number
from tonmeister.tasks import automation
from tonmeister.tasks.automation.hand import fastest_db_per_s
from tonmeister.tasks.moving import lane_values

LINES = [(1.0, 3.0), (4.0, 6.0), (7.0, 9.0), (10.0, 12.0), (13.0, 15.0), (16.0, 18.0)]


def uneven(levels_db: list[float], *, premixed: bool = False) -> SongFacts:
    lines = [(start, end, level) for (start, end), level in zip(LINES, levels_db, strict=True)]
    facts = song([voice(lines, duration_s=20.0), band([(0.0, 20.0, 0.0)], duration_s=20.0)])
    return SongFacts(song=facts.song, tracks=facts.tracks, is_premixed=premixed)


def ride_of(facts: SongFacts) -> tuple[Move, Lane]:
    move = next(move for move in ask(automation.propose, facts) if move.id == "automation.vox.ride")
    assert isinstance(move.change, FaderChange)
    return move, move.change.change_db


def test_lines_that_sink_are_lifted_and_those_that_stand_as_planned_are_left() -> None:
    _, lane = ride_of(uneven([0.0, 0.0, -3.0, 0.0, 0.0, 0.0]))
    gains = [lane.at((start + end) / 2) for start, end in LINES]
    assert 1.5 <= gains[2] <= 3.0
    assert all(abs(gain) <= 0.5 for place, gain in enumerate(gains) if place != 2)


def test_even_lines_are_no_move_but_a_finding() -> None:
    found = ask(automation.propose, uneven([0.0] * 6))
    assert [type(move.change) for move in found] == [Nothing]
    assert found[0].because[0].value < number("automation.tolerance_db").value


def test_the_spread_falls_by_half_and_the_promise_says_so() -> None:
    """The first bar of the work on rides: at least half of the spread goes."""
    move, _ = ride_of(uneven([0.0, -4.0, 3.0, -2.0, 4.0, -3.0]))
    assert move.expects is not None
    assert move.expects.before is not None
    assert move.expects.value <= 0.5 * move.expects.before


def test_a_ride_makes_the_voice_neither_louder_nor_softer() -> None:
    levels = [0.0, -6.0, 3.0, -2.0, 5.0, -3.0]
    _, lane = ride_of(uneven(levels))
    energy = np.array([10 ** (level / 10) for level in levels])
    gains = np.array([lane.at((start + end) / 2) for start, end in LINES])
    louder_db = 10 * np.log10((energy * 10 ** (gains / 10)).sum() / energy.sum())
    assert louder_db == pytest.approx(0.0, abs=0.3)


def test_the_fader_moves_in_gaps_only() -> None:
    _, lane = ride_of(uneven([0.0, -4.0, 3.0, -2.0, 4.0, -3.0]))
    assert all(fastest_db_per_s(lane, start + 0.02, end - 0.02) == 0 for start, end in LINES)
    assert fastest_db_per_s(lane, 0.0, 20.0) > 0


def test_a_ride_that_goes_far_says_why_and_where() -> None:
    move, lane = ride_of(uneven([0.0, 0.0, -9.0, 0.0, 0.0, 0.0]))
    far = [point for point in lane.points if abs(point.value) > 3]
    told = [(reason.start_s or 0.0, reason.end_s or 0.0) for reason in move.because]
    assert far
    assert all(any(s - 0.5 <= point.time_s <= e + 0.5 for s, e in told) for point in far)
    assert max(point.value for point in lane.points) <= number("automation.ride_most_db").value


@pytest.mark.parametrize(("over_db", "sign"), [(-9.0, 1), (9.0, -1)])
def test_a_lead_that_stands_outside_its_band_is_brought_in_as_a_whole(over_db: float, sign: int) -> None:
    """Without a genre -4.5 to -1 LU of the mix; the faders are as they came, so nothing has placed it yet."""
    move, lane = ride_of(uneven([over_db] * 6))
    gains = [lane.at((start + end) / 2) for start, end in LINES]
    assert max(gains) - min(gains) < 0.5
    assert all(0.3 < sign * gain <= number("automation.ride_most_db").value / 2 for gain in gains)
    assert any("with others" in reason.what for reason in move.because)
    left = ask(automation.propose, uneven([over_db] * 6, premixed=True))
    assert [type(one.change) for one in left] == [Nothing]


def test_stems_that_a_human_mixed_are_ridden_half_as_far() -> None:
    _, lane = ride_of(uneven([0.0, 0.0, -9.0, 0.0, 0.0, 0.0], premixed=True))
    assert max(point.value for point in lane.points) <= number("automation.ride_most_db").value / 2


def test_a_voice_alone_is_not_ridden() -> None:
    facts = song([voice([(1.0, 3.0, 0.0), (4.0, 6.0, -9.0)], duration_s=8.0)])
    assert ask(automation.propose, facts) == []


def test_a_kept_level_is_not_ridden() -> None:
    facts = uneven([0.0, 0.0, -9.0, 0.0, 0.0, 0.0])
    kept = tuple(
        type(t)(t.track.model_copy(update={"keep_level": True}), t.figures, t.curves) if t.id == "vox" else t
        for t in facts.tracks
    )
    assert ask(automation.propose, SongFacts(song=facts.song, tracks=kept)) == []


def test_values_of_a_lane_are_those_that_the_document_says() -> None:
    _, lane = ride_of(uneven([0.0, -4.0, 3.0, -2.0, 4.0, -3.0]))
    times = np.arange(0, 20, 0.05)
    assert lane_values(lane, times) == pytest.approx([lane.at(float(time)) for time in times])


def test_the_end_of_a_line_that_sinks_is_lifted_slowly_and_let_go_in_the_gap() -> None:
    """Held notes are left alone without cause: here the last half second lies 11 dB under it."""
    lines = [(start, end - 0.5, 0.0) for start, end in LINES]
    lines[1:1] = [(2.5, 3.0, -11.0)]
    facts = song([voice([*lines, (4.0, 5.5, -4.0)], duration_s=20.0), band([(0.0, 20.0, 0.0)], duration_s=20.0)])
    move, lane = ride_of(facts)
    assert lane.at(2.9) > lane.at(1.5) + 0.5
    assert 0 < fastest_db_per_s(lane, 1.0, 3.0) <= number("automation.fastest_db_per_s").value + 1e-6
    assert any("sinks" in reason.what for reason in move.because)
