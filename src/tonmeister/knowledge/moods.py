"""Named moods: what a word for the whole mix asks for, and how people say it."""

import re
from collections.abc import Sequence
from functools import cache

from pydantic import Field

from tonmeister.errors import InputError
from tonmeister.knowledge.genres import genres
from tonmeister.knowledge.rows import names, source_text, table
from tonmeister.model import Db, Model

_CLAUSE = re.compile(r"[.,;:!?\n]|\bbut\b|\band then\b|\bwith\b")
_NO = frozenset({"no", "not", "without", "never", "avoid", "don't", "dont", "isn't", "less", "too"})
"""A clause with one of these asks for something else."""
_PLACES = frozenset({"verse", "verses", "chorus", "choruses", "bridge", "breakdown", "intro", "outro", "drop", "hook", "middle"})  # fmt: skip
"""A clause with one of these is about a part of the song: that is an arc's."""
_WHOLE = frozenset({"song", "songs", "track", "mix", "record", "album", "single", "tune", "production", "sound", "sounds", "vibe", "feel", "feels", "feeling", "mood", "atmosphere", "everything", "overall", "piece", "ballad", "anthem", "music", "whole", "thing", "it", "this"})  # fmt: skip
"""What a mood can be said of."""
_SMALL = frozenset({"a", "an", "the", "and", "or", "yet", "with", "that", "is", "be", "to", "of", "in", "i", "we", "you", "me", "us", "our", "my", "your", "want", "wants", "like", "love", "would", "should", "could", "please", "make", "keep", "give", "go", "going", "sound", "sounding", "feel", "very", "really", "quite", "rather", "pretty", "fairly", "kind", "sort", "more", "most", "bit", "little", "slightly", "as", "possible", "always", "still", "just", "all", "throughout", "almost", "super", "so", "something", "style", "at", "times", "for", "on", "down", "up", "personal", "let", "let's", "think", "need", "needs", "must", "modern", "classic", "big", "deep", "close", "raw", "old", "new", "live", "young", "late", "night", "summer", "winter"})  # fmt: skip
"""Words that may stand beside a mood without being what it is said of."""
_AWAY = frozenset({"about", "while", "when", "after", "before", "for", "during", "from", "of"})
"""Behind one of these it is another driving: a song about driving home."""


class Mood(Model):
    """What one mood changes, against the mix as it is."""

    words: tuple[str, ...]
    """What a brief says that asks for it: all words of one of these within a clause, in any order."""
    meaning: str
    """In one sentence."""
    tone: dict[str, Db] = Field(default_factory=dict)
    """Change of a region of the tone at one level, by its name."""
    side_db: Db = 0.0
    """Change of the side signal."""
    crest_db: Db = 0.0
    """Change of how far hits stand out."""
    space_db: Db = 0.0
    """Change of all sends to reverbs."""
    arc: str | None = None
    """How the song goes, where the person names no arc."""
    sources: dict[str, str]
    """Key of sources.toml for each of tone, width, dynamics, space, arc that the row sets."""


@cache
def moods() -> dict[str, Mood]:
    """Return every mood by name."""
    return {name: Mood(**row) for name, row in table("moods").items()}


def read_moods(said: Sequence[str]) -> tuple[str, ...]:
    """Return the names of moods as the table has them, each once.

    Raises:
        InputError: If there is no such mood.
    """
    found = []
    for words in said:
        plain = words.strip().lower()
        if plain not in moods():
            raise InputError(f"--mood {words}: no such mood; use {', '.join(moods())}.")
        found.append(plain)
    return tuple(dict.fromkeys(found))


def moods_of_words(text: str) -> tuple[str, ...]:
    """Return the moods that a brief asks for of the whole song; what it says of an instrument, an effect or a section is none."""
    found: list[str] = []
    for clause in _CLAUSE.split(text.lower().replace("’", "'").replace("-", " ")):
        words = re.findall(r"[a-z0-9']+", clause)
        if set(words) & (_NO | _PLACES | _instruments()):
            continue
        found += [name for name, mood in moods().items() if any(_says(words, row.split()) for row in mood.words)]
    return tuple(dict.fromkeys(found))


def _says(words: Sequence[str], row: Sequence[str]) -> bool:
    """Say whether a clause says the words of a row of the song's feel: of the whole, or of nothing else at all."""
    if not set(row) <= set(words):
        return False
    first, behind = words.index(row[0]), max(words.index(word) for word in row) + 1
    plain = _SMALL | _WHOLE | _genre_words() | _mood_words()
    if behind < len(words) and words[behind] not in plain:
        return False  # `a driving rhythm`, `epic reverb`
    if first and words[first - 1] in _AWAY:
        return False
    return bool(set(words) & _WHOLE) or set(words) <= plain


@cache
def _mood_words() -> frozenset[str]:
    return frozenset(word for mood in moods().values() for row in mood.words for word in row.split())


@cache
def _genre_words() -> frozenset[str]:
    return frozenset(said for genre in genres().values() for said in (*genre.words, *genre.also) if " " not in said)


def mood_source(name: str, part: str) -> str:
    """Return where a part of a mood comes from, as evidence cites it."""
    return f"moods.{name}: {source_text(moods()[name].sources[part])}"


@cache
def _instruments() -> frozenset[str]:
    """Return the words that name an instrument, a voice or a part of the spectrum, and their plurals."""
    single = {
        word for row in names() if not row.weak for phrase in row.words for word in [phrase.lower()] if " " not in word
    }
    listed = {
        said.strip()
        for name, row in table("words_targets").items()
        if name not in _WHOLES
        for said in row["en"].split(",")
    }
    single |= {word for word in listed if " " not in word}
    return frozenset(single | {f"{word}s" for word in single}) - _WHOLE - {"master", "band"}


_WHOLES = frozenset({"mix", "master", "instrumental", "music_bed", "speech"})
