"""What genre a song is mixed as, and who says so."""

import pytest

from tests.facts import changed, song_facts, tiny_tracks
from tonmeister.document.facts import SongFacts
from tonmeister.document.mix import Brief, Family
from tonmeister.engineer.genre import choose_genre, suggest_genre
from tonmeister.errors import InputError


def band(*parts: tuple[str, Family]) -> SongFacts:
    """Return a song of tracks with these roles and families; the sound does not matter."""
    tracks = list(tiny_tracks().values())
    named = [
        changed(tracks[place % len(tracks)], id=f"t{place}", role=role, family=family)
        for place, (role, family) in enumerate(parts)
    ]
    return song_facts(named)


ROCK = band(
    ("kick", "drums"), ("snare", "drums"), ("bass", "bass"), ("electric guitar", "guitar"), ("lead vocal", "vocal")
)
STRINGS = band(("strings", "strings"), ("strings", "strings"), ("brass", "brass"), ("woodwind", "woodwind"))
MIXED = band(("kick", "drums"), ("bass", "bass"), ("brass", "brass"), ("electric guitar", "guitar"), ("synth", "synth"))


def test_a_persons_word_wins_over_the_brief_and_the_brief_over_the_instruments() -> None:
    brief = Brief(text="a jazz ballad")
    asked = choose_genre(brief, "Metal", ROCK)
    assert (asked.genre, asked.genre_from, asked.told_genre) == ("metal", "person", "metal (as asked)")
    read = choose_genre(brief, None, ROCK)
    assert (read.genre, read.genre_from, read.told_genre) == ("jazz", "brief", "jazz (from the brief)")
    heard = choose_genre(Brief(), None, ROCK)
    assert (heard.genre, heard.genre_from) == ("rock", "sound")
    assert heard.told_genre == "rock (by its instruments, 65% sure)"


def test_none_stays_none_whatever_the_instruments_say() -> None:
    free = choose_genre(Brief(text="a jazz ballad"), "none", ROCK)
    assert (free.genre, free.told_genre) == (None, "no genre, as asked")


def test_instruments_that_fit_nothing_suggest_nothing() -> None:
    assert suggest_genre(MIXED) == (None, 0.0)
    assert choose_genre(Brief(), None, MIXED).told_genre == "no genre assumed"
    assert suggest_genre(STRINGS)[0] == "classical"


def test_roles_that_are_unsure_suggest_nothing() -> None:
    unsure = song_facts([changed(track, role_confidence=0.3) for track in ROCK.tracks])
    assert suggest_genre(unsure) == (None, 0.0)


def test_an_unknown_genre_is_an_error() -> None:
    with pytest.raises(InputError, match="--genre polka"):
        choose_genre(Brief(), "polka", ROCK)
