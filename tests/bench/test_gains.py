"""The arithmetic of balances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.gains import balance_errors_db, balance_figures, bootstrap_mae_db


def test_undoing_the_drawn_gains_is_no_error_whatever_the_common_level() -> None:
    drawn = [3.0, -11.0, 7.5, 0.0]
    errors = balance_errors_db(drawn, [-gain - 9.0 for gain in drawn])
    assert errors == pytest.approx([0, 0, 0, 0])


def test_one_stem_6_db_too_loud_is_4_5_db_off_against_three_that_are_1_5_db_low() -> None:
    """The mean moves by a quarter of the 6 dB: 4.5 up, 1.5 down for the rest; mean absolute error 2.25 dB."""
    errors = balance_errors_db([0.0] * 4, [6.0, 0.0, 0.0, 0.0])
    assert errors == pytest.approx([4.5, -1.5, -1.5, -1.5])
    figures = balance_figures(errors, ["lead vocal", "bass", "kick", "keys"])
    assert figures == pytest.approx({"mae_db": 2.25, "lead_error_db": 4.5, "within_3db": 0.75})


def test_a_stem_without_an_answer_stays_out_of_every_figure() -> None:
    errors = balance_errors_db([0.0, 5.0, 0.0], [1.0, None, -1.0])
    assert errors == [1.0, None, -1.0]
    assert balance_figures(errors, ["bass", "lead vocal", "kick"]) == {
        "mae_db": 1.0,
        "lead_error_db": None,
        "within_3db": 1.0,
    }


def test_no_answers_at_all_give_no_figures() -> None:
    assert balance_figures([None], ["bass"]) == {"mae_db": None, "lead_error_db": None, "within_3db": None}


@given(st.lists(st.tuples(st.floats(-12, 12), st.floats(-40, 40)), min_size=1, max_size=20), st.floats(-30, 30))
def test_a_common_gain_changes_nothing(pairs: list[tuple[float, float]], common_db: float) -> None:
    drawn, found = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    moved = balance_errors_db(drawn, [gain + common_db for gain in found])
    assert np.allclose(np.array(moved, float), np.array(balance_errors_db(drawn, list(found)), float), atol=1e-9)


def test_the_interval_of_errors_that_are_all_alike_is_a_point() -> None:
    assert bootstrap_mae_db([[2.0, -2.0, 2.0], [1.0, -1.0]]) == (1.5, 1.5)


def test_the_interval_holds_the_mean_and_narrows_with_more_stems() -> None:
    errors = np.random.default_rng(3).normal(0, 3, 400)
    few, many = bootstrap_mae_db([list(errors[:25])]), bootstrap_mae_db([list(errors)])
    assert few[0] < np.abs(errors[:25]).mean() < few[1]
    assert many[0] < np.abs(errors).mean() < many[1]
    assert many[1] - many[0] < (few[1] - few[0]) / 2
