"""Sections and times that a clause names."""

import re
from dataclasses import dataclass

from tonmeister.assistant.understanding.clauses import Clause
from tonmeister.assistant.understanding.marks import Mark

_TIME = re.compile(r"(?<![\d:])(?:(\d{1,2})?:(\d{2})|(\d{1,2})\s?m(?:in)?\s?(\d{1,2})\s?s(?:ec)?\b)(?![\d:])")
_SECONDS = re.compile(
    r"(?:\bat|@|around|um|bei|a los|à)\s*(\d{1,3})\s?(?:s|sec|secs|seconds|sekunden|segundos|secondes)\b", re.IGNORECASE
)
_ORDINALS = {
    "first": "1", "1st": "1", "one": "1", "second": "2", "2nd": "2", "two": "2", "third": "3", "3rd": "3", "three": "3", "last": "last",
    "final": "last", "fourth": "4", "ersten": "1", "erste": "1", "erster": "1", "zweiten": "2", "zweite": "2", "zweiter": "2", "letzten": "last",
    "letzte": "last", "primer": "1", "primera": "1", "segundo": "2", "segunda": "2", "ultimo": "last", "ultima": "last", "premier": "1",
    "premiere": "1", "deuxieme": "2", "dernier": "last", "derniere": "last", "ilk": "1", "birinci": "1", "ikinci": "2", "son": "last",
}  # fmt: skip
_BEFORE_DROP = frozenset(
    {"the", "first", "second", "each", "every", "at", "main", "this", "a", "dem", "im", "el", "le", "big"}
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the song."""

    section: str | None = None
    time_s: tuple[float, float | None] | None = None

    @property
    def name(self) -> str | None:
        """The section, else the time as `time_m:ss`."""
        if self.section is not None or self.time_s is None:
            return self.section
        start = round(self.time_s[0])
        return f"time_{start // 60}:{start % 60:02d}"


def find_place(text: str, clause: Clause) -> Place:
    """Return the section and the time that a clause names; `text` is the clause as it was written."""
    return Place(_section(clause), _time_s(text))


def _section(clause: Clause) -> str | None:
    for mark in clause.marks:
        names = mark.names("section")
        if not names or (mark.names("target") and clause.words[mark.start] != "hook"):
            continue
        if names[0] == "drop" and not _is_noun(clause, mark):
            continue
        number = _number(clause, mark)
        return f"{names[0]}_{number}" if number else names[0]
    return None


def _is_noun(clause: Clause, mark: Mark) -> bool:
    before = clause.words[mark.start - 1] if mark.start else ""
    return before in _BEFORE_DROP or len(clause.words[mark.start : mark.end]) > 1


def _number(clause: Clause, mark: Mark) -> str | None:
    words = clause.words
    behind = words[mark.end] if mark.end < len(words) else ""
    if behind.isdigit() and len(behind) == 1:
        return behind
    for before in reversed(words[max(0, mark.start - 2) : mark.start]):
        if before in _ORDINALS:
            return _ORDINALS[before]
    return None


def _time_s(text: str) -> tuple[float, float | None] | None:
    found = [_seconds(m) for m in _TIME.finditer(text)]
    if not found:
        single = _SECONDS.search(text)
        return (float(single[1]), None) if single else None
    end = found[1] if len(found) > 1 and found[1] > found[0] else None
    return found[0], end


def _seconds(match: re.Match[str]) -> float:
    minutes, seconds = (match[1] or "0", match[2]) if match[2] is not None else (match[3], match[4])
    return 60.0 * int(minutes) + int(seconds)
