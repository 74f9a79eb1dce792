"""The knowledge that answers are made of holds together: ids, sources, numbers, ranges."""

import re

import numpy as np

from tonmeister.knowledge.cards import cards, question_words, recipes
from tonmeister.knowledge.playback import devices
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


def test_cards_and_playback_agree_on_what_small_speakers_play() -> None:
    """“Little below” is where the curve of the device is 20 dB down; a tenth of it is rounding."""
    told = [text for card in cards() for text in (card.short, card.why, *card.points)]
    for name, word in (("phone", "phones?"), ("laptop", "laptops?")):
        pattern = rf"{word} (?:give |is )?(?:little below|(?:20 dB down )?at) about (\d+) Hz"
        limits = [float(found) for text in told for found in re.findall(pattern, text, re.IGNORECASE)]
        assert limits
        levels = devices()[name].response_db(np.array(limits))
        assert np.all(np.abs(levels + 20) < 1.5), (name, limits, levels)
    early = r"(?:phone|laptop|small speaker)s? (?:give|play) (?:nothing|little) below about (?:\d\d|1[0-4]\d) Hz"
    assert [text for text in told if re.search(early, text, re.IGNORECASE)] == []


def test_peaks_between_samples_are_met_by_a_true_peak_ceiling() -> None:
    """A ceiling in dBFS counts samples: it does not see what lies between them."""
    told = [text for card in cards() for text in (card.short, *card.points)]
    ceilings = [text for text in told if re.search(r"inter-?sample|between samples|\b[Cc]eiling[:,]? ", text)]
    assert ceilings
    wrong = [text for text in ceilings if re.search(r"-0\.\d(?: to -0\.\d)? dB(?:FS)?(?!\w)", text)]
    assert [text for text in wrong if "overshoot" not in text] == []


def test_a_tail_in_bars_is_as_long_as_one_in_seconds() -> None:
    """A bar of four beats at 120 BPM lasts 2 s; vocal reverbs are 0.6-3 s, so two bars are no usual tail."""
    told = [text for card in cards() for text in card.points if "decay" in text and re.search(r"\bbars?\b", text)]
    assert told
    assert all("half a bar to one bar" in text and "1-2 s" in text for text in told)
