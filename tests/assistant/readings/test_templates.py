"""The table of readings holds together: each recipe and metric exists, open words have more than one mechanism."""

from typing import get_args

import pytest

from tonmeister.assistant.readings.metrics import METRICS
from tonmeister.assistant.readings.prove import RECIPES
from tonmeister.assistant.readings.templates import first_readings, fitting, group_of, mechanisms, templates
from tonmeister.assistant.understanding.intent import Attribute, Direction, Intent
from tonmeister.knowledge.rows import table

TARGETS = tuple(table("words_targets"))
CHANGES: tuple[Direction, ...] = ("increase", "decrease")
ONE_SIDED = {
    "sibilance": "decrease",
    "mud": "decrease",
    "translation": "fix",
    "timing": "fix",
    "pitch": "fix",
    "noise": "fix",
    "vibe": "unclear",
}
"""Attributes that nobody wants more of, or that have no axis."""


def _intents(attribute: Attribute, target: str) -> list[Intent]:
    directions = (ONE_SIDED[attribute],) if attribute in ONE_SIDED else CHANGES
    return [Intent.model_validate({"target": target, "attribute": attribute, "direction": d}) for d in directions]


def test_every_recipe_and_every_metric_of_the_table_is_there() -> None:
    able = [one for one in templates() if one.can_be_done]
    assert {one.recipe for one in able} <= set(RECIPES)
    assert {one.metric for one in able} <= set(METRICS)
    assert all(one.sign in (-1, 1) for one in able)


@pytest.mark.parametrize("attribute", get_args(Attribute))
def test_every_wish_has_two_readings_of_different_mechanism(attribute: Attribute) -> None:
    for target in TARGETS:
        for intent in _intents(attribute, target):
            found = first_readings(intent)
            assert len(mechanisms(found)) == len(found) >= 2, f"{target} {attribute} {intent.direction}"


def test_a_part_that_is_to_be_kept_has_one_reading() -> None:
    (one,) = fitting(Intent(target="bass", attribute="warmth", direction="keep"))
    assert one.name == "protect_it"


def test_a_detail_comes_before_the_general() -> None:
    intent = Intent(target="percussion", attribute="width", direction="increase", detail="pan_left")
    assert first_readings(intent)[0].name == "move_left"


def test_darker_is_not_only_a_shelf() -> None:
    """The brief: `make it darker` is not a low-pass."""
    found = first_readings(Intent(target="mix", attribute="brightness", direction="decrease", detail="mood"))
    assert {"space", "tone", "dynamic_tone"} <= set(mechanisms(found))


def test_every_target_has_a_group() -> None:
    assert {group_of(target) for target in TARGETS} == {"voice", "drums", "low", "instrument", "music", "whole"}
