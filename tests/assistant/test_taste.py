"""Taste changes order and amount, is text that can be read, and can be erased."""

import json
from pathlib import Path

import pytest

from tonmeister.assistant.readings.templates import fitting
from tonmeister.assistant.taste import Taste, forget_taste, load_taste, save_taste
from tonmeister.assistant.understanding.intent import Intent
from tonmeister.errors import InputError

DARKER = Intent(target="guitars", attribute="brightness", direction="decrease")


def _taught(choices: int) -> Taste:
    taste = Taste()
    for _ in range(choices):
        taste = taste.learned("rock", DARKER, accepted="dynamic_tone", refused=("tone",))
    return taste


def test_what_was_chosen_comes_first_and_nothing_is_dropped() -> None:
    found = fitting(DARKER)
    ordered = _taught(2).ordered("rock", DARKER, found)
    assert found[0].mechanism == "tone"
    assert ordered[0].mechanism == "dynamic_tone"
    assert set(ordered) == set(found)


def test_without_choices_the_order_is_the_table_s() -> None:
    assert Taste().ordered("rock", DARKER, fitting(DARKER)) == fitting(DARKER)


def test_another_genre_learns_less_from_it() -> None:
    taste = _taught(2)
    here, there = (taste.leaning(genre, DARKER, "dynamic_tone").score for genre in ("rock", "jazz"))
    assert 0.5 < there < here


def test_an_edited_amount_moves_the_usual_one_towards_it() -> None:
    taste = Taste().learned("rock", DARKER, accepted="tone", edited_share=2.0)
    assert 1.2 < taste.scale("rock", DARKER, "tone") <= 2.0


def test_the_file_is_text_that_reads_back_and_can_be_erased(tmp_path: Path) -> None:
    path = save_taste(_taught(3), tmp_path / "own" / "taste.json")
    assert json.loads(path.read_text("utf-8"))["choices"] == 3
    assert load_taste(path) == _taught(3)
    assert forget_taste(path)
    assert load_taste(path) == Taste()
    assert not forget_taste(path)


def test_one_attribute_can_be_forgotten_alone() -> None:
    taste = _taught(1).learned(
        "rock", Intent(target="bass", attribute="mud", direction="decrease"), accepted="tone_cut"
    )
    left = taste.without("brightness")
    assert left.leanings
    assert all("mud" in key for key in left.leanings)


def test_a_broken_file_is_said_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "taste.json"
    path.write_text("{", "utf-8")
    with pytest.raises(InputError, match=r"taste file cannot be read; mend it, or erase it"):
        load_taste(path)
