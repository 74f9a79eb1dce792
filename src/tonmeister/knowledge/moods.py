"""Named moods: what a word for the whole mix asks for, and how people say it."""

import re
from collections.abc import Sequence
from functools import cache

from pydantic import Field

from tonmeister.errors import InputError
from tonmeister.knowledge.rows import names, source_text, table
from tonmeister.model import Db, Model

_CLAUSE = re.compile(r"[.,;:!?\n]|\bbut\b|\band then\b")
_NO = frozenset({"no", "not", "without", "never", "avoid", "don't", "dont", "isn't", "less", "too"})
"""A clause with one of these asks for something else."""
_PLACES = frozenset({"verse", "verses", "chorus", "choruses", "bridge", "breakdown", "intro", "outro", "drop", "hook", "middle"})  # fmt: skip
"""A clause with one of these is about a part of the song: that is an arc's."""


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
    """Return the moods that a brief asks for of the whole song; what it says of an instrument or a section is none."""
    instruments = _instruments()
    found: list[str] = []
    for clause in _CLAUSE.split(text.lower().replace("’", "'").replace("-", " ")):
        said = set(re.findall(r"[a-z0-9']+", clause))
        if said & (_NO | _PLACES | instruments):
            continue
        found += [name for name, mood in moods().items() if any(set(row.split()) <= said for row in mood.words)]
    return tuple(dict.fromkeys(found))


def mood_source(name: str, part: str) -> str:
    """Return where a part of a mood comes from, as evidence cites it."""
    return f"moods.{name}: {source_text(moods()[name].sources[part])}"


@cache
def _instruments() -> frozenset[str]:
    """Return the words that name an instrument or voice, and their plurals."""
    single = {
        word for row in names() if not row.weak for phrase in row.words for word in [phrase.lower()] if " " not in word
    }
    return frozenset(single | {f"{word}s" for word in single}) - {"mix", "master"}
