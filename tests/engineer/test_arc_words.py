"""A brief names its arc in a person's own words; what it does not say, or says against, is left alone."""

import pytest

from tonmeister.engineer.arc_words import arc_of_words


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
        ("a slow burn with an intimate bridge", None),
        ("", None),
    ],
)
def test_the_words_of_a_brief_name_an_arc(brief: str, arc: str | None) -> None:
    assert arc_of_words(brief) == arc
