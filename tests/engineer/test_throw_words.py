"""A person names a word to throw by where it is, in a brief or as an option; other talk of echoes asks for no throw."""

from typing import Any

import pytest

from tonmeister.engineer.throw_words import read_throw, throws_of_words
from tonmeister.errors import InputError


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ("throw a delay on 'tonight' before the second chorus", {"word": "tonight", "section": "chorus", "number": 2, "before": True}),
        ("echo on the last word of verse two", {"section": "verse", "number": 2}),
        ("Warm; a delay throw at 1:12.4, punchy drums", {"at_s": 72.4}),
        ("a reverb bloom on the last word before the bridge", {"effect": "reverb", "section": "bridge", "before": True}),
        ("echo the last word of every line in the second verse", {"line": 0, "section": "verse", "number": 2}),
        ("throws on the last word of verse two before the chorus", {"section": "verse", "number": 2}),
        ("delay on the last word of bars 31-32", {"bars": (31, 32)}),
        ("throw \u201cfire\u201d into the delay", {"word": "fire"}),
    ],
)  # fmt: skip
def test_a_brief_names_a_word_and_its_place(said: str, fields: dict[str, Any]) -> None:
    (wish,) = throws_of_words(said)
    assert wish.model_dump(exclude_defaults=True, exclude={"said"}) == fields


@pytest.mark.parametrize(
    "said",
    [
        "the echo at 1:12 is too loud", "less reverb on the last word", "reverb on the lead vocal", "throw away the intro",
        "no delay throws on words", "throw the guitars wide", "",
    ],
)  # fmt: skip
def test_other_talk_asks_for_no_throw(said: str) -> None:
    assert throws_of_words(said) == ()


def test_an_option_needs_a_place_and_nothing_else() -> None:
    assert read_throw("1:12.4").at_s == pytest.approx(72.4)
    assert read_throw("bar 33").bars == (33, 33)
    with pytest.raises(InputError, match="no place was understood"):
        read_throw("everywhere")
