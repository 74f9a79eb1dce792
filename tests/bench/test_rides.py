"""The rulers for what moves, against known answers."""

import numpy as np
import pytest

from bench.rides import Heard, _borders_on_grid, _fastest, _order_figures, planned_lift

RAMP = [{"time_s": 0.0, "value": 0.0}, {"time_s": 8.0, "value": 0.0}, {"time_s": 10.0, "value": 3.0}]


def heard(levels_db: list[float]) -> Heard:
    power = np.repeat(10 ** (np.array(levels_db) / 10), 100)
    return Heard(power, power, 0.25 * power)


def test_a_lift_counts_by_the_power_of_what_it_moves() -> None:
    """Two members of equal power, one of which goes up by 3 dB: 1.76 dB in all."""
    members = {"bus:a": [1.0] * 300, "bus:b": [1.0] * 300}
    assert planned_lift(members, {"bus:a": RAMP}, (12.0, 20.0)) == pytest.approx(10 * np.log10((2 + 1) / 2), abs=0.02)
    assert planned_lift(members, {"bus:a": RAMP}, (0.0, 8.0)) == pytest.approx(0.0, abs=1e-9)


def test_the_fastest_move_is_that_of_the_time_asked_for() -> None:
    assert _fastest(RAMP, 8.5, 9.0) == pytest.approx(1.5)
    assert _fastest(RAMP, 1.0, 7.9) == 0.0


def test_choruses_are_held_against_the_verse_before_and_the_first_chorus() -> None:
    names = [("a", 0, 10), ("b", 10, 20), ("c", 20, 30), ("d", 30, 40)]
    sections = [{"id": name, "label": "section", "start_s": start, "end_s": end} for name, start, end in names]
    kinds = {"a": "verse", "b": "chorus", "c": "verse", "d": "chorus"}
    good = _order_figures(sections, kinds, heard([-3, 0, -2, 1]))
    assert good == {"chorus_over_verse": 1.0, "later_over_first": 1.0}
    assert _order_figures(sections, kinds, heard([-3, 0, 1, -1])) == {"chorus_over_verse": 0.5, "later_over_first": 0.0}


def test_borders_off_the_bars_are_counted() -> None:
    song = {"tempo_bpm": 120.0, "meter": "4/4", "first_bar_s": 0.0, "sections": []}
    lane = [{"time_s": 0.0, "value": 0.0}, {"time_s": 8.0, "value": 0.0}, {"time_s": 9.3, "value": 1.0}]
    move = {
        "task": "pacing",
        "state": "accepted",
        "where": {"track": None, "bus": "music"},
        "change": {"kind": "fader", "change_db": {"points": lane}},
    }
    assert _borders_on_grid({"song": song, "moves": [move]}) == 0.5


def test_width_is_side_over_all() -> None:
    assert heard([0.0]).width(0, 10) == pytest.approx(0.2)
