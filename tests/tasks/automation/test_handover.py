"""Where the lead rests, what carries the song comes forward."""

import numpy as np
import pytest

from tests.facts import ask
from tests.tasks.song_in_time import band, song, voice
from tonmeister.document.move import FaderChange
from tonmeister.knowledge import number
from tonmeister.tasks import automation
from tonmeister.tasks.automation.hand import fastest_db_per_s
from tonmeister.tasks.automation.handover import Rest, lift_lane

LINES = [(1.0, 3.0, 0.0), (11.0, 13.0, 0.0)]


def test_the_one_instrument_that_plays_in_a_rest_is_lifted_there_and_nowhere_else() -> None:
    pad = band([(0.0, 16.0, 0.0)], duration_s=16.0)
    found = ask(automation.propose, song([voice(LINES, duration_s=16.0), pad]))
    move = next(move for move in found if move.id == "automation.pad.handover")
    assert isinstance(move.change, FaderChange)
    lane, lift_db = move.change.change_db, number("automation.handover_db").value
    assert lane.at(7.0) - lane.at(0.0) == pytest.approx(lift_db)
    assert {lane.at(time) for time in (0.0, 2.9, 11.05, 15.0)} == {lane.at(0.0)}
    louder = np.mean([10 ** (lane.at(time) / 10) for time in np.arange(0, 16, 0.05)])  # the pad plays evenly throughout
    assert 10 * np.log10(louder) == pytest.approx(0.0, abs=0.05)
    assert fastest_db_per_s(lane, 0, 16) <= number("automation.fastest_db_per_s").value + 1e-6
    assert any(reason.start_s == pytest.approx(3.0, abs=0.1) for reason in move.because)


def test_short_rests_are_nobodys() -> None:
    pad = band([(0.0, 16.0, 0.0)], duration_s=16.0)
    facts = song([voice([(1.0, 3.0, 0.0), (5.0, 13.0, 0.0)], duration_s=16.0), pad])
    assert not [move for move in ask(automation.propose, facts) if move.id.endswith("handover")]


def test_the_lift_is_reached_on_a_bar_where_there_is_one() -> None:
    lane = lift_lane([Rest(3.0, 11.0, "pad", 1.0)], 1.0, bars_s=np.array([0.0, 2.0, 4.0, 6.0, 8.0, 10.0]))
    assert next(point.time_s for point in lane.points if point.value == 1.0) == 4.0
