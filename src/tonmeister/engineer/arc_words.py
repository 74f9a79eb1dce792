"""Which arc a brief asks for, in a person's own words."""

import re
from collections.abc import Sequence

from tonmeister.knowledge.rows import arcs

_CLAUSE = re.compile(r"[.,;:!?\n]|\bbut\b|\band then\b")
_NO = frozenset({"no", "not", "without", "never", "avoid", "don't", "dont", "isn't", "less"})
"""A clause with one of these asks for something else: it is left to the option."""


def arcs_of_words(text: str) -> tuple[str, ...]:
    """Return the arcs that a brief asks for: the one that it says most of first, of equals the one named first."""
    found: dict[str, int] = {}
    for clause in _CLAUSE.split(text.lower().replace("\u2019", "'").replace("'s", "").replace("-", " ")):
        words = re.findall(r"[a-z0-9']+", clause)
        if set(words) & _NO:
            continue
        here = {name: _said(arc.words, words) for name, arc in arcs().items()}
        for name in sorted((name for name in here if here[name][0]), key=lambda name: here[name][1]):
            found[name] = max(found.get(name, 0), here[name][0])
    return tuple(sorted(found, key=lambda name: -found[name]))


def _said(rows: Sequence[str], words: Sequence[str]) -> tuple[int, int]:
    """Return how many words of the longest row a clause holds, and where the first of them stands; nothing for none."""
    held = [row.split() for row in rows if set(row.split()) <= set(words)]
    longest = max(held, key=len, default=[])
    return len(longest), min((words.index(word) for word in longest), default=0)
