"""The rulers of `phrases` and `taste` count what they say."""

from pathlib import Path

import pytest

from bench.case import OURS, Case
from bench.phrases import is_reported, judge, summarise
from bench.taste import _is_readable_and_erasable
from tonmeister.assistant.taste import Taste
from tonmeister.assistant.understanding.intent import Intent

ROW = {
    "id": "x", "text": "the snare is too loud", "lang": "en", "ambiguity": {"level": "medium"},
    "intents": [{"target": "snare", "attribute": "level", "direction": "decrease"}],
    "interpretations": [{"families": ["fader.down"]}],
}  # fmt: skip


def test_a_sentence_that_is_understood_counts_in_full() -> None:
    found = judge(ROW)
    assert (found["targets_hit"], found["pairs_hit"], found["family"], found["different"], found["lost"]) == (
        1,
        1,
        True,
        True,
        False,
    )


def test_a_wrong_intent_costs_precision_and_recall() -> None:
    intents = [{"target": "kick", "attribute": "mud", "direction": "decrease"}]
    found = judge(ROW | {"intents": intents, "interpretations": [{"families": ["dehum"]}]})
    figures = summarise([Case("x", {OURS: found})]).figures
    assert (figures["target_f1"], figures["attribute_direction_f1"], figures["acceptable_family"]) == (0, 0, 0)


def test_plain_words_need_no_second_mechanism() -> None:
    assert judge(ROW | {"ambiguity": {"level": "low"}})["different"] is None


@pytest.mark.parametrize(("name", "reported"), [("ph-7d12356c", False), ("ph-cbeab693", True)])
def test_the_split_never_changes(name: str, *, reported: bool) -> None:
    """The hash is fixed: what was tuned on stays what was tuned on."""
    assert is_reported(name) is reported


def test_a_memory_is_read_back_and_erased(tmp_path: Path) -> None:
    taste = Taste().learned("pop", Intent(target="bass", attribute="mud", direction="decrease"), accepted="tone_cut")
    assert _is_readable_and_erasable(tmp_path / "taste.json", taste)
