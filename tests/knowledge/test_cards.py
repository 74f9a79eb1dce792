"""The knowledge that answers are made of holds together: ids, sources, numbers, ranges."""

import re

from tonmeister.knowledge.cards import cards, question_words, recipes
from tonmeister.knowledge.plugins import plugins


def test_every_card_has_an_id_of_its_own_and_an_article_names_its_page() -> None:
    ids = [card.id for card in cards()]
    assert len(ids) == len(set(ids))
    assert [card.id for card in cards() if card.status != "practice" and not card.sources] == []
    assert [s for card in cards() for s in card.sources if not re.match(r"https?://|ITU|EBU|AES|ATSC", s)] == []


def test_no_card_gives_a_threshold_as_a_universal_number() -> None:
    """An error that fails an answer: thresholds are set by reduction."""
    told = [point for card in cards() for point in (*card.points, card.short)]
    assert [
        text for text in told if re.search(r"(?:set|put) (?:the )?threshold (?:of|at|to) [-−]?\d", text, re.IGNORECASE)
    ] == []


def test_every_processor_has_a_name_of_its_own_ranges_in_order_and_a_source() -> None:
    names = [facts.name for facts in plugins()]
    assert len(names) == len(set(names))
    for facts in plugins():
        assert facts.sources
        for control in facts.controls:
            if control.min is not None and control.max is not None:
                assert control.min <= control.max, (facts.name, control.name)
            assert (control.dial is None) == (control.dial_at is None)
            assert control.role not in facts.fixed, "what is fixed has no control"


def test_a_processor_that_is_said_to_be_checked_names_a_page() -> None:
    checked = [facts for facts in plugins() if facts.status == "manual"]
    assert [facts.name for facts in checked if facts.sources == ("general knowledge",)] == []


def test_recipes_have_ranges_in_order_and_words_have_one_meaning() -> None:
    for recipe in recipes():
        assert all(low <= high for low, high in recipe.values.values()), recipe
    words = question_words()
    assert not words.stop & words.same.keys()
