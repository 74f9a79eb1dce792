"""Turns of phrase: patterns over a clause that mean more than their words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

from tonmeister.assistant.understanding.clauses import Clause
from tonmeister.assistant.understanding.intent import Attribute, Direction, Strength
from tonmeister.assistant.understanding.targets import Group
from tonmeister.knowledge.rows import table

_FILL = r"(?:(?:the|my|your|our|that|this|those|these|any|some|of|all|much|enough|more|a|his|her|their|from) )*"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One intent of an idiom."""

    who: str
    """`a` or `b` for a named part, `?` for what the clause is about, else a target."""
    attribute: Attribute
    direction: Direction
    strength: Strength | None = None


@dataclass(frozen=True, slots=True)
class Idiom:
    """One turn of phrase."""

    pattern: re.Pattern[str]
    means: tuple[Meaning, ...]
    """Nothing where the words only set the scene."""
    detail: str | None
    unless: str | None
    default: str | None
    wished: Direction | None
    """Which way it is meant where somebody asks for it: `I want them to sound like they are in a hall`."""
    alone: bool
    whole: bool


@dataclass(frozen=True, slots=True)
class Found:
    """An idiom in a clause."""

    idiom: Idiom
    groups: dict[str, Group]
    start: int
    """First word that it takes up."""
    end: int
    detail: str | None


@cache
def idioms() -> tuple[Idiom, ...]:
    """Return all idioms, in the order of the table."""
    return tuple(_read(row) for row in table("words_idioms")["idiom"])


def _read(row: dict[str, object]) -> Idiom:
    pattern = str(row["pattern"])
    for name in ("a", "b"):
        pattern = pattern.replace("{" + name + "}", rf"{_FILL}@(?P<{name}>\d+)")
    return Idiom(
        pattern=re.compile(rf"\b(?:{pattern})(?!\w)" if pattern[0].isalpha() else rf"(?<!\w)(?:{pattern})(?!\w)"),
        means=tuple(_meaning(said) for said in cast("list[str]", row["means"])),
        detail=cast("str | None", row.get("detail")),
        unless=cast("str | None", row.get("unless")),
        default=cast("str | None", row.get("default")),
        wished=cast("Direction | None", row.get("wished")),
        alone=bool(row.get("alone", False)),
        whole=bool(row.get("whole", False)),
    )


def _meaning(said: str) -> Meaning:
    who, attribute, direction, *more = said.split()
    strength = cast("Strength", more[0]) if more else None
    return Meaning(who, cast("Attribute", attribute), cast("Direction", direction), strength)


def find_idioms(clause: Clause, groups: Sequence[Group]) -> Iterator[Found]:
    """Yield the idioms of a clause; what one has taken up is not read again."""
    text, places = _canonical(clause, groups)
    taken: set[int] = set()
    for idiom in idioms():
        for match in idiom.pattern.finditer(text):
            start, end = _words(places, match.start(), match.end())
            named = {
                name: groups[int(number)]
                for name, number in match.groupdict().items()
                if number is not None and name in ("a", "b")
            }
            if taken & set(range(start, end)) or not _fits(idiom, named, groups):
                continue
            taken |= set(range(start, end))
            side = match.groupdict().get("side")
            yield Found(idiom, named, start, end, f"{idiom.detail}{side}" if side else idiom.detail)


def _fits(idiom: Idiom, named: dict[str, Group], groups: Sequence[Group]) -> bool:
    if idiom.unless is not None and any(idiom.unless in group.names for group in named.values()):
        return False
    return not idiom.whole or all(set(group.names) <= {"mix", "master", "instrumental"} for group in groups)


def _canonical(clause: Clause, groups: Sequence[Group]) -> tuple[str, list[tuple[int, int, int]]]:
    """Return the clause with `@n` for each part, and where each piece of it stands: (first letter, first word, behind its last word)."""
    pieces: list[str] = []
    places: list[tuple[int, int, int]] = []
    place, letters = 0, 0
    starts = {group.start: (number, group) for number, group in enumerate(groups)}
    while place < len(clause.words):
        number, group = starts.get(place, (None, None))
        piece = clause.words[place] if group is None else f"@{number}"
        behind = place + 1 if group is None else group.end
        places.append((letters, place, behind))
        pieces.append(piece)
        letters += len(piece) + 1
        place = behind
    return " ".join(pieces), places


def _words(places: Sequence[tuple[int, int, int]], first: int, behind: int) -> tuple[int, int]:
    inside = [(start, end) for letter, start, end in places if first <= letter < behind]
    return (inside[0][0], inside[-1][1]) if inside else (0, 0)
