"""What a track plays, read from its name."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from tonmeister.knowledge import role as role_row
from tonmeister.knowledge.rows import names
from tonmeister.model import Model, Share

WEAK = 0.72
"""Up to so sure, a name's word describes as often as it names."""
LONGEST_PHRASE = 4
"""Words of the longest phrase that is looked for."""
_SUFFIX = re.compile(
    r"\.(wave?|aiff?|aifc|flac|mp[34]|m4a|og[ga]|opus|caf|w64|rf64|wma|aac|bwf|sd2|wv|ape|mk[av]|mov)$", re.IGNORECASE
)
_SPELT = (
    *(("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("œ", "oe"), ("ø", "o"), ("æ", "ae"), ("ł", "l")),
    *(("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue"), ("Œ", "Oe"), ("Ø", "O"), ("Æ", "Ae"), ("Ł", "L")),
)
"""How letters are written that are no plain letter with an accent."""
_HUMPS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[^\W\d_A-Za-z]+|\d+")
_UNSPACED = re.compile(r"[\u1100-\u11ff\u3040-\u9fff\uac00-\ud7ff]")
"""Scripts that put no spaces between words."""
_SIDES = {
    **dict.fromkeys(("l", "left", "lft", "links", "izq", "izquierda", "gauche", "sx", "sinistra", "esquerda"), -1.0),
    **dict.fromkeys(("r", "right", "rgt", "rechts", "derecha", "droite", "destra", "direita"), 1.0),
}


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


@dataclass(frozen=True, slots=True, order=True)
class _Reading:
    """A phrase found in a name; the largest is the best."""

    telling: bool
    """Whether any of its words is the track's own, not one that all names of the song share."""
    strong: bool
    words: int
    letters: int
    """Of a phrase in a script without spaces; 0 in others."""
    place: int
    """Minus its place in the table."""
    exact: bool
    phrase: str
    role: str


def read_role(name: str, *, common_words: frozenset[str] = frozenset()) -> RoleGuess | None:
    """Read the role out of a track's name; None when no word of it is known.

    Args:
        name: File or track name, with or without ending.
        common_words: Words that all names of the song share: they say less than the others.
    """
    head = re.sub(r"\(.*?\)", " ", name)
    if head != name:  # what stands in brackets explains
        said = read_role(head, common_words=common_words)
        if said is not None and said.confidence > WEAK:
            return said
    tokens = _tokens(name)
    found = [*_find(tokens, common_words), *_find(_without_numbers(tokens), common_words)]
    if not found:
        found = [*_find(tuple(_nearest(token) for token in tokens), common_words, exact=False)]
    if not found:
        return None
    best = max(found)
    family = role_row(best.role).family
    others = {role_row(one.role).family for one in found if one.strong and one.phrase not in best.phrase} - {family}
    agreeing = {one.phrase for one in found if role_row(one.role).family == family}
    own = [token for token in _without_numbers(tokens) if token not in common_words]
    sure = _confidence(best, others, agreeing=len(agreeing)) - (0.1 if len(own) > best.words + 2 else 0.0)
    return guess_of(best.role, round(sure, 2), f"its name says {best.phrase!r}", side=_side(tokens))


def guess_of(role: str, confidence: float, why: str, *, side: float | None = None) -> RoleGuess:
    """Return a guess; the family follows from the role."""
    return RoleGuess(role=role, family=role_row(role).family, confidence=confidence, why=why, side=side)


def common_words(all_names: Sequence[str]) -> frozenset[str]:
    """Return the words that all names of a song share: its title, its artist, or how the program names stems."""
    words = [set(_tokens(name)) for name in all_names]
    return frozenset(set.intersection(*words)) if len(words) > 2 else frozenset()


def split_words(name: str) -> list[str]:
    """Cut a name into lower-case words: at separators, digits and humps; accents become plain letters.

    Instruments whose name has a digit (808, DX7) stay whole; an L or R that sticks to a known word comes off.
    """
    humps = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", _spell(_SUFFIX.sub("", name)))
    found = []
    for word in re.findall(r"[^\W_]+", humps.lower()):
        if word in _words():
            found.append(word)
            continue
        for part in re.findall(r"\D+", word):
            sticks = part[-1] in "lr" and part not in _words() and part[:-1] in _words()
            found += [part[:-1], part[-1]] if sticks else [part]
    return found


def _confidence(best: _Reading, others: set[str], *, agreeing: int) -> float:
    """Return how sure a reading is: two words that describe the same family are more than one."""
    if not best.exact:
        return 0.6
    if not best.strong:
        return 0.8 if agreeing > 1 and not others else 0.7
    return 0.75 if others and best.words == 1 else 0.95


def _spell(text: str) -> str:
    """Return the text with umlauts spelt out and all other accents gone."""
    spelt = unicodedata.normalize("NFC", text)
    for letter, letters in _SPELT:
        spelt = spelt.replace(letter, letters)
    return "".join(c for c in unicodedata.normalize("NFKD", spelt) if not unicodedata.combining(c))


@cache
def _phrases() -> dict[str, tuple[str, bool, int]]:
    """Return phrase → role, strong, place in the table; the first row that holds a phrase has it."""
    found: dict[str, tuple[str, bool, int]] = {}
    for place, row in enumerate(names()):
        for phrase in row.words:
            found.setdefault(_spell(phrase).lower(), (row.role, not row.weak, place))
    return found


@cache
def _words() -> frozenset[str]:
    return frozenset(word for phrase in _phrases() for word in phrase.split())


def _tokens(name: str) -> tuple[str, ...]:
    """Cut a name into words as the table spells them: whole where it knows them, else at humps, digits and inside."""
    found: list[str] = []
    for raw in re.findall(r"[^\W_]+", _spell(_SUFFIX.sub("", name))):
        if raw.lower() in _words():
            found.append(raw.lower())
            continue
        for run in re.findall(r"\d+|\D+", raw):
            parts = [run] if run.lower() in _words() else _HUMPS.findall(run)
            for part in parts:
                word = part.lower()
                found += [word] if word in _words() or word.isdigit() else _segment(word)
    return tuple(found)


def _without_numbers(tokens: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(token for token in tokens if not token.isdigit() or token in _phrases())


def _segment(word: str) -> list[str]:
    """Return the fewest known words that make up this one, a side at its end included; the word itself if none do."""
    if not word.isascii():
        return [word]
    best: list[list[str] | None] = [[]] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(end):
            before, part = best[start], word[start:end]
            is_side = end == len(word) and start > 1 and part in ("l", "r")
            known = is_side or (part in _words() if end - start >= 3 else part in ("oh", "bd", "sn", "hh", "di", "dt"))
            if before is not None and known:
                longer = best[end]
                if longer is None or len(before) + 1 < len(longer):
                    best[end] = [*before, part]
    return best[-1] or [word]


def _find(tokens: tuple[str, ...], common_words: frozenset[str], *, exact: bool = True) -> list[_Reading]:
    """Return every phrase of the table in these words."""
    found = []
    for start in range(len(tokens)):
        for end in range(start + 1, min(len(tokens), start + LONGEST_PHRASE) + 1):
            part = tokens[start:end]
            row = _phrases().get(" ".join(part))
            if row is not None:
                telling, phrase = any(word not in common_words for word in part), " ".join(part)
                letters = len(phrase) if _UNSPACED.match(phrase) else 0
                found.append(_Reading(telling, row[1], len(part), letters, -row[2], exact, phrase, row[0]))
    for token in tokens:
        if _UNSPACED.match(token):
            for phrase, (role, strong, place) in _phrases().items():
                if phrase in token and phrase != token:
                    telling = token not in common_words
                    found.append(_Reading(telling, strong, 1, len(phrase), -place, exact, phrase, role))
    return found


def _nearest(word: str) -> str:
    """Return the known word of six letters or more that one slip of the pen away is this one, else the word."""
    if len(word) < 6:
        return word
    for known in sorted(_words()):
        if known[0] == word[0] and len(known) >= 6 and _is_one_slip(word, known):
            return known
    return word


def _is_one_slip(one: str, other: str) -> bool:
    """Whether one letter added, lost, changed or swapped with its neighbour makes one word the other."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    a, b = one[start:], other[start:]
    swapped = len(a) > 1 and len(b) > 1 and a[:2] == b[1::-1] and a[2:] == b[2:]
    return swapped or a[1:] == b[1:] or a[1:] == b or a == b[1:]


def _side(tokens: tuple[str, ...]) -> float | None:
    """Return the side that one of the last two words says, after another word."""
    words = [token for token in tokens if not token.isdigit()]
    for before, word in reversed(list(pairwise(words))[-2:]):
        if word in _SIDES and before not in _SIDES:
            return _SIDES[word]
    return None
