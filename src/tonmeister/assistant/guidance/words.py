"""Words of a question: lower case, synonyms, a light stemmer, and the basics of other languages."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from tonmeister.knowledge.cards import question_words

_SUFFIXES = ("ness", "ing", "ed", "ly", "es", "s")
_SHORTEST_STEM = 3
_SAME_BEGINNING = 6
_FOREIGN_SHARE = 0.3
"""Share of words known to another language, and not to English, from which on a question is taken to be in it."""
_MARKS = {
    "de": {
        "wie", "was", "ich", "und", "der", "die", "das", "ein", "eine", "nicht", "fur", "mit", "mein", "meine", "welche", "bei", "auf",
        "sollte", "man", "schon", "im", "dem", "den", "kann", "soll", "ist", "zu", "oder", "wenn", "warum", "wo", "beim", "wird", "sind", "kein",
        "bekomme", "bekommt", "mache", "machen", "klingt", "klingen", "mehr", "meinem", "meiner", "meinen", "am",
    },
    "es": {"como", "que", "el", "la", "los", "las", "una", "para", "mi", "con", "de", "por", "cual", "estan", "estos", "del", "se", "tu", "es", "y", "si", "un", "no", "debo", "puedo", "hacer"},
    "fr": {"comment", "le", "les", "une", "des", "pour", "mon", "ma", "avec", "quel", "quelle", "dans", "est", "je", "du", "quoi", "pourquoi", "faire", "sur", "un", "et", "plus", "faut", "il", "la"},
    "it": {"come", "il", "gli", "per", "con", "che", "mia", "mio", "quale", "della"},
    "pt": {"como", "uma", "para", "meu", "minha", "com", "qual", "nao", "do"},
    "sv": {"hur", "pa", "mycket", "min", "mitt", "mina", "med", "inte", "man", "och", "jag", "ska", "maste", "det", "for", "att"},
    "tr": {"nasil", "icin", "ve", "bir", "ne", "mi", "benim", "hangi"},
}  # fmt: skip
"""Small words by which a language is told."""


def plain(text: str) -> str:
    """Return the text in lower case, without accents, with plain dashes and quotes."""
    unified = text.replace("−", "-").replace("–", "-").replace("’", "'").replace("µ", "u").replace("ı", "i")
    folded = unicodedata.normalize("NFKD", unified.lower().replace("ß", "ss"))
    return "".join(c for c in folded if not unicodedata.combining(c))


def language(text: str) -> str:
    """Return the language of a question by its small words; English where in doubt."""
    words = re.findall(r"[a-z]+", plain(text))
    counts = {name: sum(word in marks for word in words) for name, marks in _MARKS.items()}
    best = max(counts, key=lambda name: counts[name])
    english = sum(
        word in {"the", "how", "what", "is", "do", "on", "my", "and", "to", "i", "a", "for"} for word in words
    )
    return best if counts[best] > max(english, _FOREIGN_SHARE * len(words) / 3) else "en"


def terms(text: str) -> list[str]:
    """Return what a text is about: stemmed words of one meaning each, in order, without small words."""
    known = question_words()
    line = f" {re.sub(r'[^a-z0-9+/.:-]+', ' ', plain(text).replace(chr(39), ''))} "
    for phrase, word in known.phrases.items():
        if phrase in line:
            line = line.replace(phrase, f" {word} ")
    tongue = language(text)
    foreign = known.languages.get(tongue, {})
    small = _MARKS.get(tongue, set())
    found: list[str] = []
    for raw in re.findall(r"[a-z]+|\d+(?:\.\d+)?", line):
        if raw in small:
            continue
        for word in _translated(raw, foreign).split():
            if word not in known.stop:
                found.append(_one(word))
    return found


def _translated(word: str, foreign: dict[str, str]) -> str:
    """Return the English for a word of another language; forms of a long word share its beginning."""
    if word in foreign or len(word) < _SAME_BEGINNING:
        return foreign.get(word, word)
    alike = [key for key in foreign if key[:_SAME_BEGINNING] == word[:_SAME_BEGINNING]]
    return foreign[min(alike)] if alike else word


@cache
def _one(word: str) -> str:
    same = question_words().same
    if word in same:
        return same[word]
    stemmed = stem(word)
    return same.get(stemmed) or _whole_words().get(stemmed, stemmed)


@cache
def _whole_words() -> dict[str, str]:
    """Return the words that the tables use whole, by their stem: `snare` stays `snare`, so that it is found as a subject."""
    known = question_words()
    told = {word for text in (*known.same.values(), *known.phrases.values()) for word in text.split()}
    return {stem(word): word for word in sorted(told | known.subjects)}


def stem(word: str) -> str:
    """Return a word without its usual endings (a short form of Porter's first step, 1980)."""
    if len(word) <= _SHORTEST_STEM or word[0].isdigit():
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM and not word.endswith("ss"):
            base = word[: -len(suffix)]
            if suffix in {"ing", "ed"} and base[-1] == base[-2] and base[-1] not in "lsz":
                base = base[:-1]
            return base.rstrip("e") if len(base) > _SHORTEST_STEM else base
    return word.rstrip("e") if len(word) > _SHORTEST_STEM + 1 else word


def near(word: str, words: frozenset[str], often: Callable[[str], float] | None = None) -> str | None:
    """Return the one known word that is a typing slip away: one edit, or two in long words that begin alike.

    Of several as near, the one wins that `often` rates highest.
    """
    if len(word) < 4 or word[0].isdigit():
        return None
    edits = 2 if len(word) >= 9 else 1
    found = [(distance(word, other, edits), other) for other in words if abs(len(other) - len(word)) <= edits]
    close = [
        (d, 0.0 if often is None else -often(o), o)
        for d, o in found
        if d <= edits and len(o) >= 4 and (o[0] == word[0] or (d == 1 and len(word) >= 5))
    ]
    return min(close)[2] if close else None


def distance(one: str, other: str, most: int) -> int:
    """Return the edits (insert, delete, change, swap of neighbours) between two words, at most `most` + 1."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
