"""Genres: known by the words that people use, with a source for each number that they change."""

from collections import Counter

import pytest

from tonmeister.errors import InputError
from tonmeister.knowledge import number
from tonmeister.knowledge.genres import Genre, aim, find_genre, genres, resolve_genre
from tonmeister.knowledge.rows import sources

PARTS = {
    "lead": ("lead_low_lu", "lead_high_lu"), "tilt": ("tilt_db_per_octave",), "low_end": ("low_end_lu",),
    "mono": ("mono_below_hz",), "space": ("reverb_db",),
}  # fmt: skip


def sets(row: Genre, part: str) -> bool:
    return any(getattr(row, field) != Genre.model_fields[field].default for field in PARTS[part])


@pytest.mark.parametrize("name", genres())
def test_each_number_of_a_genre_has_a_source_and_each_source_a_number(name: str) -> None:
    row = genres()[name]
    assert {part for part in PARTS if sets(row, part)} == set(row.sources)
    assert set(row.sources.values()) <= set(sources())
    assert (row.lead_low_lu is None) == (row.lead_high_lu is None)
    if row.lead_low_lu is not None and row.lead_high_lu is not None:
        assert -8 <= row.lead_low_lu < row.lead_high_lu <= 0
    assert -3 <= row.low_end_lu <= 3


def test_no_word_names_two_genres_and_all_are_plain() -> None:
    words = Counter(word for row in genres().values() for word in (*row.words, *row.also))
    assert [word for word, count in words.items() if count > 1] == []
    assert all(word == "".join(c if c.isalnum() else " " for c in word.lower()) for word in words)


@pytest.mark.parametrize(
    ("text", "genre"),
    [
        ("A warm lo-fi hip hop beat for studying", "lo-fi"),
        ("Hip-Hop, dry vocal up front", "hip-hop"),
        ("indie rock, guitars wide", "rock"),
        ("Drum & Bass with a loud sub", "drum and bass"),
        ("the room sounds like a garage, make the acoustic guitar louder", None),
        ("more of everything", None),
        ("", None),
    ],
)
def test_a_brief_names_a_genre_by_its_longest_phrase_or_none(text: str, genre: str | None) -> None:
    assert find_genre(text) == genre


def test_a_name_is_known_as_people_write_it_and_none_is_none() -> None:
    assert resolve_genre("Hip-Hop") == resolve_genre("rap") == "hip-hop"
    assert resolve_genre("House") == "house"
    assert resolve_genre("none") is None


def test_an_unknown_genre_is_refused_in_one_sentence_that_says_what_there_is() -> None:
    with pytest.raises(
        InputError, match=r"^--genre polka: no such genre; use pop, rock, .*, or none to mix without one\.$"
    ):
        resolve_genre("polka")


def test_what_a_genre_leaves_out_is_as_without_one() -> None:
    assert aim("metal", "lead_high_lu").value == -3.2
    assert "genres.metal: " in aim("metal", "lead_high_lu").source
    for genre in (None, "funk", "a genre of somebody's own document"):
        assert aim(genre, "lead_high_lu").value == number("balance.lead_high_lu").value
