"""What a track plays: read from its name, else from its sound; `unknown` is an answer."""

import re
import unicodedata
from functools import cache

from tonmeister.analysis.track_meter import TrackFigures
from tonmeister.knowledge import role as role_row
from tonmeister.knowledge.rows import names
from tonmeister.model import Model, Share

_SPELLINGS = (
    *(("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("œ", "oe"), ("ø", "o"), ("æ", "ae"), ("ł", "l")),
    *(("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue"), ("Œ", "Oe"), ("Ø", "O"), ("Æ", "Ae"), ("Ł", "L")),
)
"""How letters are written that do not come apart into a plain letter and an accent."""


class RoleGuess(Model):
    """A role with how sure it is and why."""

    role: str
    """Key of a row of roles.toml."""
    family: str
    """Its family."""
    confidence: Share
    """How sure."""
    why: str
    """The word or the measurement that decided."""
    side: float | None = None
    """-1 left, +1 right, where the name ends in L or R."""


def read_role(name: str, *, common_words: frozenset[str] = frozenset()) -> RoleGuess | None:
    """Read the role out of a track's name; None when no word of it is known.

    Args:
        name: File or track name, with or without ending.
        common_words: Words that all names of the song share; they say nothing.
    """
    words = split_words(name)
    telling = [word for word in words if word not in common_words] or words
    side = _side(telling)
    text = f" {' '.join(telling)} "
    best: tuple[int, int, str, str] | None = None
    for place, (phrase, role) in enumerate(_phrases()):
        if f" {phrase} " in text and (best is None or len(phrase.split()) > best[0]):
            best = (len(phrase.split()), -place, phrase, role)
    if best is None:
        return None
    confidence = 0.9 if len(telling) <= best[0] + 2 else 0.8
    return _guess(best[3], confidence, f"its name says {best[2]!r}", side)


def hear_role(figures: TrackFigures) -> RoleGuess:
    """Guess a coarse role from the sound alone; cautious, never above 0.6."""
    spectrum, levels = figures.spectrum, figures.levels
    centroid, crest = spectrum.centroid_hz, levels.transient_crest_db
    if centroid is None or crest is None:
        return _guess("unknown", 0.0, "it is silent", None)
    is_percussive = crest > 12 and levels.onset_rate_hz > 1
    found = f"spectral centroid {centroid:.0f} Hz, crest {crest:.1f} dB"
    if centroid < 250:
        return _guess("kick" if is_percussive else "bass", 0.5, found, None)
    if is_percussive:
        return _guess("hi-hat" if centroid > 6000 else "drums", 0.5, found, None)
    return _guess("unknown", 0.3, found, None)


def split_words(name: str) -> list[str]:
    """Cut a name into lower-case words: at separators, digits and humps; accents become plain letters.

    Instruments whose name has a digit (808, DX7) stay whole; an L or R that sticks to a known word comes off.
    """
    stem = re.sub(r"\.[A-Za-z0-9]{2,4}$", "", name)
    spelt = unicodedata.normalize("NFC", stem)
    for letter, letters in _SPELLINGS:
        spelt = spelt.replace(letter, letters)
    plain = "".join(c for c in unicodedata.normalize("NFKD", spelt) if not unicodedata.combining(c))
    humps = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain)
    return [part for word in re.split(r"[^A-Za-z0-9\u0080-\uffff]+", humps) for part in _parts(word.lower())]


def _parts(word: str) -> list[str]:
    known = _known_words()
    if word in known:
        return [word]
    parts = []
    for part in filter(None, re.split(r"[0-9]+", word)):
        sticks = part[-1] in "lr" and part not in known and part[:-1] in known
        parts += [part[:-1], part[-1]] if sticks else [part]
    return parts


@cache
def _known_words() -> frozenset[str]:
    return frozenset(word for phrase, _ in _phrases() for word in phrase.split())


@cache
def _phrases() -> tuple[tuple[str, str], ...]:
    return tuple((phrase, row.role) for row in names() for phrase in row.words)


def _side(words: list[str]) -> float | None:
    if len(words) < 2:
        return None
    last = words[-1]
    return {"l": -1.0, "left": -1.0, "links": -1.0, "r": 1.0, "right": 1.0, "rechts": 1.0}.get(last)


def _guess(role: str, confidence: float, why: str, side: float | None) -> RoleGuess:
    return RoleGuess(role=role, family=role_row(role).family, confidence=confidence, why=why, side=side)
