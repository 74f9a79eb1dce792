"""Genres: what each changes, and how people write its name."""

from functools import cache

from pydantic import Field

from tonmeister.errors import InputError
from tonmeister.knowledge.rows import number, source_text, table
from tonmeister.model import Db, Hz, Model

NO_GENRE = "none"
"""What a person writes who wants none, not even one that the sound suggests."""


class Genre(Model):
    """What a genre changes; None is as without a genre."""

    words: tuple[str, ...]
    """How people write it in a brief: lower case, without hyphens."""
    also: tuple[str, ...] = ()
    """What `--genre` knows as well, but means other things in a sentence."""
    lead_low_lu: float | None = None
    """Lead vocal against the mix while it sings: not below."""
    lead_high_lu: float | None = None
    """Not above."""
    tilt_db_per_octave: float | None = None
    """Slope of the mix's power density, 100 Hz to 4 kHz."""
    low_end_lu: float = 0.0
    """Level of kick and bass over their usual place."""
    mono_below_hz: Hz | None = Field(default=None, ge=20, le=300)
    """The low end is mono below this."""
    reverb_db: Db = 0.0
    """Change of all reverb sends."""
    sources: dict[str, str]
    """Key of sources.toml for each of lead, tilt, low_end, mono, space that the row sets."""


class Aim(Model):
    """One number that holds for a song, and where it comes from."""

    value: float
    unit: str
    source: str
    """The row and its reference, as evidence cites it."""


_PARTS = {
    "lead_low_lu": ("lead", "balance.lead_low_lu"),
    "lead_high_lu": ("lead", "balance.lead_high_lu"),
    "tilt_db_per_octave": ("tilt", "mastering.tilt_db_per_octave"),
    "mono_below_hz": ("mono", "space.mono_below_hz"),
}
"""Field of a genre: its part of `sources`, and the number that holds without a genre."""


@cache
def genres() -> dict[str, Genre]:
    """Return every genre by name."""
    return {name: Genre(**row) for name, row in table("genres").items()}


def aim(genre: str | None, field: str) -> Aim:
    """Return a number as the genre has it, or as it is without one."""
    part, row_name = _PARTS[field]
    row = number(row_name)
    known = genres().get(genre or "")
    value = None if known is None else getattr(known, field)
    if known is None or value is None:
        return Aim(value=row.value, unit=row.unit, source=f"{row_name}: {source_text(row.source)}")
    source = f"genres.{genre}: {source_text(known.sources[part])}"
    return Aim(value=float(value), unit=row.unit, source=source)


def find_genre(text: str) -> str | None:
    """Return the genre that a text names: its longest phrase, then the first of the text; None where it names none."""
    words = _words(text)
    found = [
        (-len(phrase.split()), start, name)
        for name, row in genres().items()
        for phrase in row.words
        for start in [_place(words, phrase.split())]
        if start is not None
    ]
    return min(found)[2] if found else None


def resolve_genre(name: str) -> str | None:
    """Return the genre of that name as a person wrote it; None for `none`.

    Raises:
        InputError: If there is no such genre.
    """
    plain = _plain(name)
    if plain == NO_GENRE:
        return None
    for genre, row in genres().items():
        if plain in (*row.words, *row.also, _plain(genre)):
            return genre
    raise InputError(f"--genre {name}: no such genre; use {', '.join(genres())}, or none to mix without one.")


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text.lower()).split()


def _plain(text: str) -> str:
    return " ".join(_words(text))


def _place(words: list[str], phrase: list[str]) -> int | None:
    places = (start for start in range(len(words) - len(phrase) + 1) if words[start : start + len(phrase)] == phrase)
    return next(places, None)
