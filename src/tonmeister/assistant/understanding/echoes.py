"""Clauses that say the wish before them again for another part: `same with the guitars`, `drums less so`."""

import re
from collections.abc import Sequence

from tonmeister.assistant.understanding.clauses import Clause, says_again
from tonmeister.assistant.understanding.intent import Direction, Intent, Strength
from tonmeister.assistant.understanding.targets import Group, meant

_ALSO = re.compile(r"(?:too|also|as well|auch|tambien|aussi|egalement)")
"""At the end of a wish of its own these words say nothing about the one before: `can we get an instrumental version too`."""


def echoed(clause: Clause, groups: Sequence[Group], before: Sequence[Intent]) -> list[Intent]:
    """Return the wishes before a clause, said again for the parts that it names; nothing where it says something of its own."""
    found = says_again(clause.words)
    named = meant(groups)
    if found is None or not named or not before or (_ALSO.fullmatch(found[0]) and clause.has("wish")):
        return []
    if any(m.quality or m.has("up") or m.has("down") for m in clause.marks):
        return []
    first = before[0].target, before[0].tracks
    wishes = [intent for intent in before if (intent.target, intent.tracks) == first]
    if "so" not in clause.words and (found["less"] or found["more"]):
        wishes = [_moved(wish, "decrease" if found["less"] else "increase") for wish in wishes]
    strength: Strength | None = "slight" if found["less"] else "strong" if found["more"] else None
    return [
        wish.model_copy(update={"target": name, "tracks": group.tracks, "strength": strength or wish.strength})
        for wish in wishes for group in named for name in group.names
    ]  # fmt: skip


def _moved(wish: Intent, direction: Direction) -> Intent:
    """Return a wish for level the other way where there is simply less or more of a part: `more kick, and the bass a little less`."""
    return wish.model_copy(update={"direction": direction}) if wish.attribute == "level" else wish
