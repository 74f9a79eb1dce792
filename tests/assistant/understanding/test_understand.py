"""Words become intents; the sentences are our own, in wordings that the tables do not hold as a whole."""

import pytest

from tonmeister.assistant.understanding.understand import understand

Wanted = tuple[str, str, str]

SENTENCES: tuple[tuple[str, Wanted], ...] = (
    ("Could you bring the tambourine down a hair?", ("percussion", "level", "decrease")),
    ("The singer is way too quiet in the second chorus", ("lead_vocal", "level", "increase")),
    ("I can barely hear the piano", ("piano", "level", "increase")),
    ("All I can hear is the snare", ("snare", "level", "decrease")),
    ("The snare lacks punch", ("snare", "punch", "increase")),
    ("Less reverb on the backing vocals please", ("backing_vocals", "space", "decrease")),
    ("The strings could be wider", ("strings", "width", "increase")),
    ("It sounds like the drums were recorded in a bathroom", ("drums", "space", "decrease")),
    ("Her esses are painfully sharp, way too sibilant", ("lead_vocal", "sibilance", "decrease")),
    ("my bass guitar is a bit boomy", ("bass", "low_end", "decrease")),
    ("the hats are killing my ears", ("hats", "harshness", "decrease")),
    ("the chorus does not lift", ("mix", "energy", "increase")),
    ("There is a hum on the electric guitar", ("electric_guitar", "noise", "fix")),
    ("Please keep the warmth of the cello", ("strings", "warmth", "keep")),
    ("der Gesang ist viel zu leise", ("lead_vocal", "level", "increase")),
    ("Das Schlagzeug braucht mehr Druck", ("drums", "punch", "increase")),
    ("la guitarra suena muy apagada", ("guitars", "brightness", "increase")),
    ("la voix est un peu trop forte", ("lead_vocal", "level", "decrease")),
    ("vokal çok kısık", ("lead_vocal", "level", "increase")),
)


@pytest.mark.parametrize(("text", "wanted"), SENTENCES)
def test_a_sentence_says_what_where_and_which_way(text: str, wanted: Wanted) -> None:
    found = {(intent.target, intent.attribute, intent.direction) for intent in understand(text).intents}
    assert wanted in found


def test_sections_and_times_are_heard() -> None:
    found = understand(
        "Vocals too loud in the second verse. There's a click at 1:42. Drums up from 0:30 to 0:45."
    ).intents
    assert [intent.section for intent in found] == ["verse_2", "time_1:42", "time_0:30"]
    assert found[2].time_s == (30.0, 45.0)


def test_slips_of_the_pen_do_not_matter() -> None:
    found = understand("the vocls are too sibliant")
    assert [(intent.target, intent.attribute) for intent in found.intents] == [("lead_vocal", "sibilance")]
    assert found.corrected == ("vocls > vocals", "sibliant > sibilant")


def test_words_of_measure_give_the_strength() -> None:
    said = ("kick up a tad", "kick up", "the kick is far too quiet")
    assert [understand(text).intents[0].strength for text in said] == ["slight", "moderate", "strong"]


def test_decibels_and_frequencies_are_read() -> None:
    louder, cut = understand("Guitars up by 2.5 dB, and take some 300 Hz out of the keys").intents
    assert (louder.target, louder.amount_db) == ("guitars", 2.5)
    assert (cut.target, cut.attribute, cut.direction, cut.frequency_hz) == ("keys", "mud", "decrease", 300.0)


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("the guitars are not bright enough", "increase"),
        ("the guitars are too bright", "decrease"),
        ("make the guitars less bright", "decrease"),
        ("the guitars are not too bright", "keep"),
        ("I love how bright the guitars are", "keep"),
        ("can the guitars be brighter", "increase"),
    ],
)
def test_small_words_turn_the_sense(text: str, direction: str) -> None:
    (intent,) = understand(text).intents
    assert (intent.target, intent.attribute, intent.direction) == ("guitars", "brightness", direction)


def test_what_is_compared_with_is_not_what_is_meant() -> None:
    (intent,) = understand("the piano is too loud compared to the strings").intents
    assert (intent.target, intent.direction) == ("piano", "decrease")


def test_one_part_that_covers_another_gives_two_wishes() -> None:
    found = {(i.target, i.attribute, i.direction) for i in understand("the organ drowns out the choir").intents}
    assert found == {("keys", "level", "decrease"), ("backing_vocals", "clarity", "increase")}


def test_it_means_what_was_spoken_of() -> None:
    found = understand("I like the bass line. But it is far too boomy.").intents
    assert ("bass", "low_end", "decrease") in {(i.target, i.attribute, i.direction) for i in found}


def test_a_session_s_own_names_are_heard() -> None:
    found = understand("Grandma is too quiet", tracks={"grandma": ("Grandma.wav", "keys")})
    assert (found.intents[0].target, found.intents[0].tracks) == ("keys", ("grandma",))


def test_no_note_of_a_mail_is_lost() -> None:
    """What is not understood is listed, greetings are told apart from notes."""
    mail = (
        "Hi there,\n1. Vocals a bit louder in the bridge\n2) the flurbs want more gnarf today\n- less reverb on the snare, and the bass is muddy\n"
        "Thanks!\n> quoted from before: drums too loud"
    )
    found = understand(mail)
    assert [(i.target, i.attribute) for i in found.intents] == [
        ("lead_vocal", "level"),
        ("snare", "space"),
        ("bass", "mud"),
    ]
    assert [note.text for note in found.open_notes] == ["the flurbs want more gnarf today"]
    assert {note.number for note in found.notes} == {i.note for i in found.intents} | {
        n.number for n in found.notes if not n.understood
    }


def test_open_words_ask_one_question_and_plain_ones_none() -> None:
    assert understand("something feels off").ambiguity.level == "high"
    assert understand("something feels off").ambiguity.ask is not None
    assert understand("snare down 2 dB").ambiguity.ask is None


MAILS: tuple[tuple[str, set[Wanted]], ...] = (
    (
        ("Hi Sam,\n\nthanks, this already sounds amazing! A few things from the band:\n- the vocal gets a bit lost\n- snare is great, dont touch it\n"
        "- could the bass be a little warmer but not louder?\n- overall maybe a hair brighter, but not harsher\n\nCheers, Ada\n"),
        {
            ("lead_vocal", "level", "increase"), ("snare", "level", "keep"), ("bass", "warmth", "increase"),
            ("mix", "brightness", "increase"),
        },
    ),
    (
        ("Hallo,\nder Mix gefällt uns schon richtig gut! Der Gesang dürfte im Refrain etwas lauter sein, und die S-Laute sind zu scharf. "
        "Die Keys bitte 2 dB leiser und etwas weiter nach links.\nViele Grüße\nJonas\n"),
        {
            ("lead_vocal", "level", "increase"), ("lead_vocal", "sibilance", "decrease"), ("lead_vocal", "harshness", "decrease"),
            ("keys", "level", "decrease"), ("keys", "width", "increase"),
        },
    ),
    (
        "Salut ! Super boulot. La voix est un peu noyée dans le refrain, et la batterie manque de punch.\nMerci, Léa\n",
        {("lead_vocal", "level", "increase"), ("drums", "punch", "increase")},
    ),
    (
        "Hola! muy buen trabajo. La voz está un poco baja y le falta brillo. Los teclados tapan la voz en el estribillo. Gracias!",
        {
            ("lead_vocal", "level", "increase"), ("lead_vocal", "brightness", "increase"), ("keys", "level", "decrease"),
            ("lead_vocal", "clarity", "increase"),
        },
    ),
    (
        "yo!! fire mix\nonly thing the vocls r a lil quite imo, n the kik needs 2 knock harder. also hihats way 2 loud lol",
        {("lead_vocal", "level", "increase"), ("kick", "punch", "increase"), ("hats", "level", "decrease")},
    ),
)  # fmt: skip


@pytest.mark.parametrize(("mail", "wanted"), MAILS)
def test_a_mail_gives_its_wishes_and_nothing_is_left_open(mail: str, wanted: set[Wanted]) -> None:
    found = understand(mail)
    assert {(intent.target, intent.attribute, intent.direction) for intent in found.intents} == wanted
    assert not found.open_notes


def test_a_version_that_is_asked_for_is_no_wish_about_the_sound_and_not_lost() -> None:
    found = understand("The snare is too loud.\nCan we get an instrumental version too?")
    assert [(intent.target, intent.attribute) for intent in found.intents] == [("snare", "level")]
    assert [note.text for note in found.open_notes] == ["Can we get an instrumental version too"]
