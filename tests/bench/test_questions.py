"""The ruler of answers holds to known answers, with its limits."""

from typing import Any

import pytest

from bench.questions import is_held, judge

ROW: dict[str, Any] = {
    "key_points": ["Attack about 10-30 ms lets consonants pass", "Ratio 2:1 to 3:1 with few dB of gain reduction"],
    "numbers": ["10-30 ms", "2:1-3:1"],
}


def test_an_answer_in_the_words_of_the_points_holds_all_of_them() -> None:
    values = judge(ROW, "An attack of 10 to 30 ms lets the consonants pass. Ratio 2:1-3:1, gain reduction of a few dB.")
    assert values["points"] == 1.0
    assert values["numbers"] == 1.0
    assert values["complete"] == 1.0


def test_an_answer_about_something_else_or_with_other_numbers_holds_none() -> None:
    assert judge(ROW, "Use a long hall on the pads.")["points"] == 0.0
    wrong = judge(ROW, "An attack of 200 ms lets consonants pass. Ratio 9:1 with gain reduction of a few dB.")
    assert wrong["points"] == 0.0
    assert wrong["complete"] == 0.0


def test_a_number_inside_a_told_range_or_in_another_unit_counts() -> None:
    """2.5 kHz is 2500 Hz; 20 ms lies in 10-30 ms."""
    row = {"key_points": ["cut near 2500 Hz"], "numbers": ["20 ms"]}
    assert judge(row, "Cut near 2.5 kHz; attack 10-30 ms.")["numbers"] == 1.0


def test_the_split_is_fixed_and_keeps_about_a_third() -> None:
    """Binomial: 1000 draws of 1/3 lie within 0.28-0.39 but for one in ten thousand."""
    held = [is_held(f"qu-{number:08x}") for number in range(1000)]
    assert held == [is_held(f"qu-{number:08x}") for number in range(1000)]
    assert sum(held) / 1000 == pytest.approx(1 / 3, abs=0.055)
