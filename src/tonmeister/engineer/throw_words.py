"""Which words a person wants thrown into an effect, in words of their own: an option, or clauses of a brief."""

import re

from tonmeister.document.mix import ThrowWish
from tonmeister.errors import InputError

_CLAUSE = re.compile(r"[;!?\n]|[.,](?!\d)|\band then\b|\bbut\b")
_QUOTED = re.compile(r"(?<!\w)[\"'\u2018\u201c]([^\"\u201d\u2019]{1,40}?)[\"'\u2019\u201d](?!\w)")
_NAMED = re.compile(
    r"\bword ((?!(?:in|of|on|at|before|after|into|from|to|with|is|near|there|here|the|that|and|right|just|where|when)\b)[^\W\d_][\w'\u2019]*)",
    re.IGNORECASE,
)
"""A word that is named without quotes: `the word tonight`."""
_NO = frozenset({"no", "not", "without", "never", "avoid", "don't", "dont", "less", "remove"})
_KINDS = {
    "intro": "intro", "verse": "verse", "chorus": "chorus", "hook": "chorus", "refrain": "chorus", "drop": "chorus",
    "bridge": "bridge", "breakdown": "breakdown", "outro": "outro",
}  # fmt: skip
_NUMBERS = {
    "first": 1, "1st": 1, "one": 1, "second": 2, "2nd": 2, "two": 2, "third": 3, "3rd": 3, "three": 3, "fourth": 4, "4th": 4,
    "four": 4, "fifth": 5, "5th": 5, "five": 5, "last": -1, "final": -1, "each": 0, "every": 0, "all": 0,
}  # fmt: skip
_SAID = "|".join(_NUMBERS)
_DELAY = r"delays?|echo(?:es|ed)?|repeats?"
_REVERB = r"reverbs?|blooms?|plate|hall"
_THROW = re.compile(rf"\bthrows?\b(?!\s+(?:away|out))|\b(?:{_DELAY}|{_REVERB})\b")
_OF_WORDS = re.compile(r"\b(?:words?|lines?|phrases?|syllables?)\b")
_EXAMPLES = "say where, as in '1:12.4', 'bar 33', 'last word of verse 2' or \"'tonight' before the second chorus\""


def read_throw(text: str) -> ThrowWish:
    """Return a wish as an option gives it: a place is enough, the effect is a delay where none is named.

    Raises:
        InputError: If no place can be read.
    """
    wish = _read(text)
    if wish is None:
        raise InputError(f"--throw {text}: no place was understood; {_EXAMPLES}.")
    return wish


def throws_of_words(text: str) -> tuple[ThrowWish, ...]:
    """Return the throws that a brief asks for; clauses that ask for none, or against one, are left out."""
    found = []
    for clause in _CLAUSE.split(text.replace("\u2019s ", "'s ")):
        low = clause.lower()
        named = bool(_QUOTED.search(clause)) or bool(_OF_WORDS.search(low)) or bool(re.search(r"\bthrows?\b", low))
        if not _THROW.search(low) or not named or _NO & set(re.findall(r"[a-z']+", low)):
            continue
        wish = _read(clause.strip())
        if wish is not None:
            found.append(wish)
    return tuple(found)


def _read(text: str) -> ThrowWish | None:
    """Return what a clause asks for; None where it names neither a word nor a place."""
    quoted = _QUOTED.search(text) or _NAMED.search(text)
    low = " ".join(_QUOTED.sub(" ", text).lower().replace("-", " ").split())
    place = _time(low) or _bars(low)
    place = {**_line(low), **_section(low)} if place is None else place
    if not place and quoted is None:
        return None
    return ThrowWish.model_validate(
        {
            "said": " ".join(text.split()), "word": quoted and quoted[1], **place,
            "effect": "reverb" if re.search(rf"\b(?:{_REVERB})\b", low) and not re.search(rf"\b(?:{_DELAY})\b", low) else "delay",
            "which": "first" if re.search(r"\bfirst (?:word|syllable)\b", low) else "last",
        }
    )  # fmt: skip


def _time(low: str) -> dict[str, object] | None:
    clock = re.search(r"\b(\d{1,3}):([0-5]\d(?:[.,]\d+)?)(?![\d:])", low)
    if clock:
        return {"at_s": 60 * int(clock[1]) + float(clock[2].replace(",", "."))}
    plain = re.search(r"\b(\d+(?:\.\d+)?) ?(?:s|sec|secs|seconds?)\b", low)
    return {"at_s": float(plain[1])} if plain else None


def _bars(low: str) -> dict[str, object] | None:
    said = re.search(r"\bbars? (\d+)(?: ?(?:to|and|\u2013) ?(\d+)|(?: )(\d+))?", low)
    if not said or int(said[1]) < 1:
        return None
    last = int(said[2] or said[3] or said[1])
    return {"bars": (int(said[1]), max(int(said[1]), last))}


def _line(low: str) -> dict[str, object]:
    said = re.search(rf"\b({_SAID}) (?:line|phrase)s?\b", low) or re.search(rf"\b(?:line|phrase) (\d+|{_SAID})\b", low)
    return {"line": _number(said[1])} if said else {}


def _section(low: str) -> dict[str, object]:
    """Return the section; what a word is said to be in or at the end of counts before what it leads into."""
    kinds = "|".join(_KINDS)
    found = list(
        re.finditer(rf"\b(before|into|towards?|leading to|up to)?(?: the| our)*(?: ?\b({_SAID}|\d+))? ?\b({kinds})(?:e?s)?\b(?: (\d+|{_SAID})\b)?", low)
    )  # fmt: skip
    if not found:
        return {}
    said = next((one for one in found if not one[1]), found[0])
    which = said[4] or said[2]
    return {
        "section": _KINDS[said[3]],
        "number": 0 if which is None else _number(which),
        "before": bool(said[1]),
    }


def _number(said: str) -> int:
    return _NUMBERS[said] if said in _NUMBERS else int(said)
