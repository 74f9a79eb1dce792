"""Which arc a brief asks for, in a person's own words."""

import re

from tonmeister.knowledge.rows import arcs

_CLAUSE = re.compile(r"[.,;:!?\n]|\bbut\b|\band then\b")
_NO = frozenset({"no", "not", "without", "never", "avoid", "don't", "dont", "isn't", "less"})
"""A clause with one of these asks for something else: it is left to the option."""


def arc_of_words(text: str) -> str | None:
    """Return the arc that a brief asks for; of several the one that says most, None where it asks for none or is at odds."""
    found: dict[str, int] = {}
    for clause in _CLAUSE.split(text.lower().replace("\u2019", "'").replace("'s", "").replace("-", " ")):
        said = set(re.findall(r"[a-z0-9']+", clause))
        if said & _NO:
            continue
        for name, arc in arcs().items():
            length = max((len(row.split()) for row in arc.words if set(row.split()) <= said), default=0)
            found[name] = max(found.get(name, 0), length)
    most = max(found.values(), default=0)
    best = [name for name, length in found.items() if length == most and most]
    return best[0] if len(best) == 1 else None
