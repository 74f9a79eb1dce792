"""A brief names its arc in a person's own words; what it does not say, or says against, is left alone."""

import pytest

from tonmeister.engineer.arc_words import arcs_of_words


@pytest.mark.parametrize(
    ("brief", "arc"),
    [
        ("A slow burn, warm and close", "slow-burn"),
        ("Should start small and build. Vocals up front.", "slow-burn"),
        ("keep it intimate in the bridge", "intimate-bridge"),
        ("Punchy drums; the second chorus should be bigger than the first", "second-chorus-bigger"),
        ("Please keep the demo\u2019s dynamics", "keep-the-demo"),
        ("please keep the demo dynamics", "keep-the-demo"),
        ("modern pop, loud", None),
        ("no slow burn please", None),
        ("not too much reverb, but a slow burn", "slow-burn"),
        ("a slow burn with an intimate bridge", "slow-burn"),
        ("an intimate bridge, else a slow burn", "intimate-bridge"),
        ("a slow burn, and the second chorus should be bigger", "second-chorus-bigger"),
        ("", None),
    ],
)
def test_the_words_of_a_brief_name_an_arc(brief: str, arc: str | None) -> None:
    assert arcs_of_words(brief)[:1] == (() if arc is None else (arc,))


def test_an_arc_that_is_named_as_well_is_not_lost() -> None:
    """The note in the document and the report names it."""
    assert arcs_of_words("a slow burn with an intimate bridge") == ("slow-burn", "intimate-bridge")
