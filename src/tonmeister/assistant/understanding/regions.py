"""Regions of the spectrum that a clause names: `lifeless on top`, `too aggressive in the mids`, `empty down low`."""

import re
from collections.abc import Mapping

from tonmeister.assistant.understanding.clauses import Clause
from tonmeister.assistant.understanding.intent import Attribute, Direction, Intent

_WHERE = r"(?:on|at|in|around|through|across|over|down|up)(?: the| its| their| his| her)?(?: very| whole)?"
_REGIONS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("top", re.compile(rf"\b(?:{_WHERE} (?:top(?: end| octave)?|highs|high end|high frequencies|treble|air band|upper octaves?)|up top|(?:way |all the way )?up there)(?=$| for | to | but )")),
    ("upper mids", re.compile(rf"\b{_WHERE} (?:upper mids?|high mids?|upper midrange|presence range|presence region|mids|midrange|middle frequencies)(?=$| for | to | but )")),
    ("low mids", re.compile(rf"\b{_WHERE} (?:low mids?|lower mids?|low midrange|lower midrange)(?=$| for | to | but )")),
    ("lows", re.compile(rf"\b(?:{_WHERE} (?:bottom(?: end)?|low end|lows|subs?|low frequencies|bass region|basement)|down (?:low|there|below))(?=$| for | to | but )")),
)  # fmt: skip
_MUCH: Mapping[str, Attribute] = {"top": "brightness", "upper mids": "harshness", "low mids": "mud", "lows": "low_end"}
_LITTLE: Mapping[str, Attribute] = {
    "top": "brightness",
    "upper mids": "clarity",
    "low mids": "warmth",
    "lows": "low_end",
}
_AMOUNTS = frozenset({"level", "loudness", "energy", "punch", "warmth", "arrangement", "low_end", "brightness"})
"""What words about much and little are read as where no region is named."""
_NAMES = re.compile(r"\b(?:on top of|at the top of|in the mids? of|in the top (?:of|ten|forty|40)|up there with)\b")
"""No regions, but places."""
_SLACK = frozenset({"flabby", "floppy", "flubby", "loose", "slack", "slow", "sloppy", "undefined"})
"""Lows like that are there, but not held together: no wish for more of them."""


_SUBJECT = re.compile(
    r"^(?:(?:the|and|but|its|that|my|also|maybe|think|i|find) )*(?P<name>top(?: end)?|highs|high end|treble|upper mids?|high mids?|upper midrange|low mids?|lower mids?|bottom(?: end)?|"
    r"low end|lows|subs?) (?:is|are|feels?|sounds?|seems?|gets?|could be|should be|needs?|needs? to be|was|were) "
)
_NAMED = {"top": "top", "highs": "top", "high": "top", "treble": "top", "bottom": "lows", "low": "lows", "lows": "lows", "sub": "lows", "subs": "lows"}  # fmt: skip


def _named(text: str) -> str | None:
    """Return the region that a clause names at its end or speaks of."""
    at_end = next((name for name, pattern in _REGIONS if pattern.search(text)), None)
    found = _SUBJECT.match(text)
    if at_end is not None or found is None:
        return at_end
    said = found["name"]
    if said.startswith(("low mid", "lower mid")):
        return "low mids"
    return "upper mids" if "mid" in said else _NAMED[said.split()[0]]


def of_region(clause: Clause, intent: Intent) -> Intent:
    """Return what a word of much or little means of the region that stands at the end of its clause."""
    text = " ".join(clause.words)
    if intent.attribute not in _AMOUNTS or intent.direction not in ("increase", "decrease") or _NAMES.search(text):
        return intent
    name = _named(text)
    if name is None or (name == "lows" and _SLACK & set(clause.words)):
        return intent
    is_much = intent.direction == "decrease"
    attribute = (_MUCH if is_much else _LITTLE)[name]
    direction: Direction = "decrease" if is_much else "increase"
    return intent.model_copy(update={"attribute": attribute, "direction": direction, "detail": None})
