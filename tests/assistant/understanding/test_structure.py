"""How wishes hang together: said again, shared, turned round, kept, and the regions that they speak of."""

import pytest

from tonmeister.assistant.understanding.understand import understand

AGAIN: tuple[tuple[str, set[str]], ...] = (
    ("The vocals are too loud. Same with the guitars.", {"lead_vocal.level.decrease", "guitars.level.decrease"}),
    ("bass is boomy, kick too", {"bass.low_end.decrease", "kick.low_end.decrease"}),
    ("The snare is harsh. Ditto the hats.", {"snare.harshness.decrease", "hats.harshness.decrease"}),
    (
        "The vocal is too bright; the guitars as well.",
        {"lead_vocal.brightness.decrease", "guitars.brightness.decrease"},
    ),
    ("more kick, bass a little less", {"kick.level.increase", "bass.level.decrease"}),
)
REGIONS: tuple[tuple[str, str], ...] = (
    ("the mix is lifeless on top", "mix.brightness.increase"),
    ("the guitars are too aggressive in the upper mids", "guitars.harshness.decrease"),
    ("the song feels empty down low", "mix.low_end.increase"),
    ("the piano is too heavy in the low mids", "piano.mud.decrease"),
    ("the low end is overwhelming", "mix.low_end.decrease"),
)
ASKED: tuple[tuple[str, str], ...] = (
    ("make the piano duller", "piano.brightness.decrease"),
    ("make the drums mono", "drums.width.decrease"),
    ("could the pads be more muffled", "pads.brightness.decrease"),
    ("the reverb makes the pads more muffled", "pads.brightness.increase"),
    ("turn her up", "lead_vocal.level.increase"),
    ("nothing happens there, the organ is too quiet", "keys.level.increase"),
    ("a low shelf around 150 Hz on the toms, and bring it down 6 dB", "toms.low_end.decrease"),
    ("add reverb to the snare and turn it down", "snare.space.increase"),
)


def _said(text: str) -> set[str]:
    return {f"{i.target}.{i.attribute}.{i.direction}" for i in understand(text).intents}


@pytest.mark.parametrize(("text", "wanted"), AGAIN)
def test_a_wish_is_said_again_for_another_part(text: str, wanted: set[str]) -> None:
    assert _said(text) == wanted


def test_less_so_is_the_same_wish_more_gently() -> None:
    first, second = understand("vocals brighter, drums less so").intents
    assert (second.target, second.attribute, second.direction) == ("drums", first.attribute, first.direction)
    assert second.strength == "slight"


@pytest.mark.parametrize(("text", "wanted"), REGIONS)
def test_much_and_little_of_a_region_are_its_sound(text: str, wanted: str) -> None:
    assert _said(text) == {wanted}


@pytest.mark.parametrize(("text", "wanted"), ASKED)
def test_what_somebody_asks_for_is_no_complaint(text: str, wanted: str) -> None:
    assert wanted in _said(text)


def test_two_sounds_share_the_part_behind_them() -> None:
    assert _said("less sparkle and more chest on the vocal") == {
        "lead_vocal.brightness.decrease",
        "lead_vocal.warmth.increase",
    }


def test_a_level_and_an_effect_are_two_wishes() -> None:
    assert _said("voice louder and with less echo") == {"lead_vocal.level.increase", "lead_vocal.space.decrease"}


def test_what_must_not_be_lost_is_kept() -> None:
    assert _said("darker please but don't lose the bottom") == {"mix.brightness.decrease", "mix.low_end.keep"}


def test_more_of_a_word_that_nobody_knows_is_no_wish_for_level() -> None:
    assert ("piano.level.increase") not in _said("the piano needs more zorble")


def test_a_likening_is_no_praise() -> None:
    assert not any(name.endswith(".keep") for name in _said("the piano sounds like it comes from the front of a bus"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("I want the drums to sound like they're in a hall", "drums.space.increase"),
        ("the drums sound like they're in a hall", "drums.space.decrease"),
        ("I'd rather have a quieter master that breathes", "master.dynamics.increase"),
        ("the vocals have an ugly edge", "lead_vocal.harshness.decrease"),
        ("the kick isn't poking out at all", "kick.level.increase"),
    ],
)
def test_a_place_a_level_and_a_complaint_point_the_right_way(text: str, wanted: str) -> None:
    assert wanted in _said(text)


def test_words_beside_the_voice_that_sings_them_leave_its_level_to_it() -> None:
    """`the words get lost` is about diction; `the vocals and lyrics get lost` about the voice."""
    assert _said("the words get lost") == {"lead_vocal.clarity.increase"}
    assert "lead_vocal.level.increase" in _said("the vocals and lyrics get lost")
