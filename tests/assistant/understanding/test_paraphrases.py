"""Other wordings of the same wishes; written for the tests, none is in a table as a whole."""

import pytest

from tonmeister.assistant.understanding.understand import understand

Wanted = tuple[str, str, str]

SINGLE: tuple[tuple[str, Wanted], ...] = (
    ("We keep losing the singer", ("lead_vocal", "level", "increase")),
    ("Half the time the piano can not be heard", ("piano", "level", "increase")),
    ("Strings are all you hear", ("strings", "level", "decrease")),
    ("His timing is all over the place", ("lead_vocal", "timing", "fix")),
    ("Fade the shaker in a little", ("percussion", "level", "increase")),
    ("ease the organ out", ("keys", "level", "decrease")),
    ("Toms -2 dB", ("toms", "level", "decrease")),
    ("Vox +1 dB in the hook", ("lead_vocal", "level", "increase")),
    ("The cello is swimming in reverb", ("strings", "space", "decrease")),
    ("dry the vocal up a little", ("lead_vocal", "space", "decrease")),
    ("The snare sounds like someone hitting a biscuit box", ("snare", "mud", "decrease")),
    ("The guitars sound like a wasp in a jar", ("guitars", "distortion", "decrease")),
    ("The keyboard sounds like a jacket is draped over the speakers", ("keys", "brightness", "increase")),
    ("I'd like a warmer, rounder cello", ("strings", "warmth", "increase")),
    ("A touch of air on the piano would be lovely", ("piano", "brightness", "increase")),
    ("Not a fan of the echo on the violin", ("strings", "space", "decrease")),
    ("I love the organ sound, but it could come down", ("keys", "level", "decrease")),
    ("Pan the trumpets further apart", ("brass", "width", "increase")),
    ("The singer is a little under the note", ("lead_vocal", "pitch", "fix")),
    ("the limiter is working too hard", ("master", "dynamics", "increase")),
    ("On my laptop the bass line vanishes", ("mix", "translation", "fix")),
    ("There's no light and shade", ("mix", "dynamics", "increase")),
    ("Where did all the bottom go?", ("mix", "low_end", "increase")),
    ("guitars break up in the loud parts", ("guitars", "distortion", "decrease")),
    ("Breaths are distracting", ("lead_vocal", "noise", "fix")),
    ("Nice groove, but the piano is too loud", ("piano", "level", "decrease")),
    ("Sounds fine on my monitors, but harsh in the car", ("mix", "translation", "fix")),
    ("Please remove the delay on the word alone", ("lead_vocal", "space", "decrease")),
    ("vocals feel detached from the beat", ("lead_vocal", "level", "unclear")),
    ("Shave a little off the top of the acoustic", ("acoustic_guitar", "brightness", "decrease")),
    ("The record has no vibe", ("mix", "vibe", "unclear")),
    ("Singer's way too far down", ("lead_vocal", "level", "increase")),
    ("Schlagzeug zu laut im Vergleich zur Stimme", ("drums", "level", "decrease")),
    ("Die Gitarren klingen dumpf", ("guitars", "brightness", "increase")),
    ("El bajo retumba", ("bass", "low_end", "decrease")),
    ("On n'entend pas le piano", ("piano", "level", "increase")),
    ("Davullar çok geride", ("drums", "level", "increase")),
    ("make me louder in the chorus", ("lead_vocal", "level", "increase")),
    ("The vocals fight to be noticed", ("lead_vocal", "level", "increase")),
    ("bassist is mixed out", ("bass", "level", "increase")),
    ("the snare is missing", ("snare", "level", "increase")),
    ("sink the lead a little deeper in the track", ("lead_vocal", "level", "decrease")),
    ("Take a bit of top off the voice", ("lead_vocal", "brightness", "decrease")),
    ("take some lows out of the toms", ("toms", "low_end", "decrease")),
    ("spread the choir", ("backing_vocals", "width", "increase")),
    ("pan the hihat a little to the right", ("hats", "width", "increase")),
    ("bass should be in the centre", ("bass", "width", "decrease")),
    ("everything is in the middle", ("mix", "width", "increase")),
    ("level the bass out", ("bass", "dynamics", "decrease")),
    ("Some harmony lines are louder than others", ("backing_vocals", "dynamics", "decrease")),
    ("I was sharp on the word forever, can you fix it?", ("lead_vocal", "pitch", "fix")),
    ("put the singer in a room", ("lead_vocal", "space", "increase")),
    ("the piano is clearly a sample", ("piano", "vibe", "fix")),
    ("The drums sound like pots and pans", ("drums", "harshness", "decrease")),
    ("as if somebody threw a duvet over it", ("mix", "brightness", "increase")),
    ("I had to crank my speakers", ("mix", "loudness", "increase")),
    ("words are mushy", ("lead_vocal", "clarity", "increase")),
    ("every syllable should be heard", ("lead_vocal", "clarity", "increase")),
    ("bass is ahead of the drums", ("bass", "timing", "fix")),
    ("the pads are too loud as well", ("pads", "level", "decrease")),
    ("Sözler anlaşılmıyor", ("lead_vocal", "clarity", "increase")),
)


@pytest.mark.parametrize(("text", "wanted"), SINGLE)
def test_another_wording_says_the_same_and_nothing_more(text: str, wanted: Wanted) -> None:
    found = [(one.target, one.attribute, one.direction) for one in understand(text, is_likened=False).intents]
    assert found == [wanted]


def test_the_extra_reads_no_other_wording_differently_than_one() -> None:
    """What it hears in a wasp is harshness, which is no worse."""
    read = {
        text: [(one.target, one.attribute, one.direction) for one in understand(text).intents] for text, _ in SINGLE
    }
    assert {text for text, wanted in SINGLE if read[text] != [wanted]} <= {"The guitars sound like a wasp in a jar"}


PAIRS: tuple[tuple[str, Wanted, Wanted], ...] = (
    ("The singer is drowned by the keyboards", ("lead_vocal", "level", "increase"), ("keys", "level", "decrease")),
    ("Vocal up, guitars down", ("lead_vocal", "level", "increase"), ("guitars", "level", "decrease")),
    ("the pads eat up all the room the piano needs", ("pads", "level", "decrease"), ("piano", "clarity", "increase")),
    ("La voz está tapada por las guitarras", ("lead_vocal", "level", "increase"), ("guitars", "level", "decrease")),
    ("davullar vokali bastırıyor", ("drums", "level", "decrease"), ("lead_vocal", "clarity", "increase")),
)


@pytest.mark.parametrize(("text", "first", "second"), PAIRS)
def test_two_parts_of_one_sentence_are_told_apart(text: str, first: Wanted, second: Wanted) -> None:
    found = {(intent.target, intent.attribute, intent.direction) for intent in understand(text).intents}
    assert found == {first, second}


@pytest.mark.parametrize(
    ("first_line", "is_courtesy"),
    [
        ("Hi Anna,", True),
        ("Thanks so much for the new version!", True),
        ("Viele Grüße", True),
        ("Sorry, flurbs wobble somewhat", False),
        ("Overall the mix is good when the gnarf wobbles", False),
    ],
)
def test_only_a_greeting_is_taken_for_one(first_line: str, is_courtesy: bool) -> None:  # noqa: FBT001 -- a row of the table
    """A note that begins politely and goes on is listed, understood or not."""
    found = understand(f"{first_line}\nsnare down 2 dB")
    assert found.notes[0].courtesy is is_courtesy


def test_an_ending_is_not_taken_for_a_slip_of_the_pen() -> None:
    assert understand("the programme needs more piano").corrected == ()
