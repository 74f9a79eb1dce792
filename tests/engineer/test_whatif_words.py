"""A what-if in words: understood, or refused in one sentence."""

import pytest

from tonmeister.engineer.whatif_words import Attribute, Limit, read_what_if
from tonmeister.errors import InputError

NAMES = {"vocal", "vocals", "lead vocal", "kick", "guitars", "drums", "bass"}


def read(text: str) -> tuple[list[tuple[str, Attribute, float]], list[tuple[str, Limit]]]:
    asked = read_what_if(text, is_name=NAMES.__contains__)
    wishes = [(wish.target, wish.attribute, wish.by_db) for wish in asked.wishes]
    return wishes, [(one.target, one.limit) for one in asked.constraints]


@pytest.mark.parametrize(
    ("text", "wishes", "constraints"),
    [
        ("vocal +1 dB presence, master no louder", [("vocal", "presence", 1.0)], [("master", "no louder")]),
        ("Vocals up 2 dB", [("vocals", "level", 2.0)], []),
        ("kick 1.5 dB quieter", [("kick", "level", -1.5)], []),
        ("guitars -2,5 dB mud and drums louder", [("guitars", "mud", -2.5), ("drums", "level", 1.0)], []),
        ("less mud on guitars; keep bass", [("guitars", "mud", -2.0)], [("bass", "keep")]),
        ("lead vocal drier, no more compression", [("lead vocal", "reverb", -3.0)], [("master", "no more compression")]),
        ("drums wider, drums no louder", [("drums", "width", 3.0)], [("drums", "no louder")]),
        ("master -1 dB", [("master", "loudness", -1.0)], []),
        ("mix brighter", [("master", "air", 1.5)], []),
        ("bass +1 dB low", [("bass", "low", 1.0)], []),
        ("bass +1 dB", [("bass", "level", 1.0)], []),
    ],
)  # fmt: skip
def test_wishes_and_what_must_stay_are_understood(
    text: str, wishes: list[tuple[str, str, float]], constraints: list[tuple[str, str]]
) -> None:
    assert read(text) == (wishes, constraints)


@pytest.mark.parametrize(
    "text", ["make it pop", "kazoo +1 dB", "vocal", "vocal presence", "", "master no louder", "keep kazoo"]
)
def test_what_is_not_understood_is_refused_with_what_can_be_said(text: str) -> None:
    with pytest.raises(InputError, match=r"say a track, role, family or master"):
        read(text)


def test_more_than_12_db_at_once_is_refused() -> None:
    with pytest.raises(InputError, match="too much at once"):
        read("vocal +20 dB")
