"""Wishes for level: a part is moved up or down, or there is too much or too little of it."""

from collections.abc import Iterator, Sequence

from tonmeister.assistant.understanding.clauses import Clause
from tonmeister.assistant.understanding.intent import Direction, Intent
from tonmeister.assistant.understanding.making import make_intent
from tonmeister.assistant.understanding.marks import Mark
from tonmeister.assistant.understanding.polarity import is_particle, is_statement, strength_of
from tonmeister.assistant.understanding.targets import Group, meant, nearest
from tonmeister.assistant.understanding.vocabulary import Quality

Who = tuple[tuple[str, ...], tuple[str, ...]]
"""Names of targets, and ids of tracks."""


def has_own_move(clause: Clause, qualities: Sequence[tuple[Mark, Quality]], taken: set[int]) -> bool:
    """Say whether a clause also moves a part as such: `bring the harsh guitars down`."""
    if any(q.attribute in ("level", "loudness") for _, q in qualities):
        return False
    things = [m for m, q in qualities if q.sense == "thing"]
    if things and not any(_is_apart(clause, mark, things) for mark in clause.marks):
        return False
    return any(
        (m.has("up") or m.has("down"))
        and m.quality is None
        and not taken & set(range(m.start, m.end))
        and m.names("modifier")[0] in ("up", "down")
        and not is_particle(clause, m)
        for m in clause.marks
    )


def _is_apart(clause: Clause, mark: Mark, things: Sequence[Mark]) -> bool:
    """Say whether a word such as `louder` stands on its own beside what else is named: `louder and with less echo`."""
    joins = [m.start for m in clause.marks if m.has("join")]
    return clause.words[mark.start : mark.end] in _LEVELS and all(
        any(min(mark.end, thing.end) <= join < max(mark.start, thing.start) for join in joins) for thing in things
    )


_LEVELS = frozenset({("louder",), ("quieter",), ("softer",), ("lauter",), ("leiser",)})


def of_moves(clause: Clause, groups: Sequence[Group], who: Who, taken: set[int], *, bare: bool) -> Iterator[Intent]:
    """Yield level wishes: a part is moved up or down, or there is too much or too little of it."""
    own = meant(groups)
    for mark in clause.marks:
        direction = _moves(
            clause,
            mark,
            has_part=bool(own) or (bool(who[0]) and mark.has("too")),
            follows=any(g.start >= mark.end for g in own),
            bare=bare,
        )
        if direction is None or taken & set(range(mark.start, mark.end)):
            continue
        group = nearest(clause, mark, groups)
        names, tracks = (group.names, group.tracks) if group is not None else who
        if not names and not (bare and _is_order(clause, mark)):
            continue
        strength = strength_of(clause, mark)
        if names == ("bass",) and group is not None and _is_bass_as_sound(clause, mark, group):
            yield make_intent("mix", "low_end", direction, strength, None, ())
            return
        for name in names or (_person(clause, mark),):
            yield make_intent(name, "level", direction, strength, None, tracks)
        if is_statement(clause, mark):
            against: Direction = "decrease" if direction == "increase" else "increase"
            for other in groups:
                for name in other.names if other.is_compared and direction == "increase" else ():
                    yield make_intent(name, "level", against, "moderate", None, other.tracks)
        return


def _person(clause: Clause, mark: Mark) -> str:
    """Return whom a move without a named part speaks of: `turn her up` means who sings, `turn it up` the whole."""
    near = clause.words[max(0, mark.start - 2) : mark.end + 2]
    return "lead_vocal" if {"her", "him", "me", "myself"} & set(near) else "mix"


_NEEDS = frozenset({"need", "needs", "needed", "missing", "misses", "wants", "deserves"})


def _is_order(clause: Clause, mark: Mark) -> bool:
    """Say whether a move without a part is one all the same: `turn it up`, `louder please`."""
    names_it = {"it", "them", "him", "her"} & set(clause.words[mark.start : mark.end])
    return (mark.has("up") or mark.has("down")) and (
        bool(names_it)
        or clause.has("pronoun", "wish")
        or mark.comparing
        or len(clause.words) <= 4
        or is_statement(clause, mark)
    )


def _moves(clause: Clause, mark: Mark, *, has_part: bool, follows: bool, bare: bool) -> Direction | None:
    if clause.has("keep") and not (mark.has("up") or mark.has("down")):
        return None
    negated = any(m.has("not") and not m.has("more") and 0 < mark.start - m.start <= 5 for m in clause.marks) or any(
        m.has("not") and not m.has("more") and m.end == mark.start for m in clause.marks
    )
    pairs: tuple[tuple[str, Direction], ...] = (("up", "increase"), ("down", "decrease"))
    quantities: tuple[tuple[str, Direction], ...] = (
        ("less", "decrease"),
        ("too", "decrease"),
        ("more", "increase"),
        ("enough", "increase"),
    )
    for name, direction in pairs:
        if mark.has(name):
            other: Direction = "decrease" if direction == "increase" else "increase"
            if negated and (clause.has("wish") or "do" in clause.words or _is_guarded(clause, mark)):
                return "keep"
            turned = negated or is_statement(clause, mark)
            return other if turned else direction
    for name, direction in quantities if bare and not _has_unknown_object(clause, mark) else ():
        if name == "more" and set(clause.words[mark.start : mark.end]) & _NEEDS and not follows:
            continue  # `vocals need work` asks for work, not for vocals
        if mark.has(name) and has_part and (name != "enough" or negated):
            return direction
    return None


def _has_unknown_object(clause: Clause, mark: Mark) -> bool:
    """Say whether what there is to be more or less of is a word that nobody knows: `more sauce` is no wish for level."""
    if (
        clause.words[mark.end - 1] not in _MEASURES
        or mark.end == len(clause.words)
        or clause.tokens[mark.end - 1].breaks
    ):
        return False
    behind = clause.words[mark.end]
    return behind not in _SMALL and not behind.isdigit() and not any(m.start <= mark.end < m.end for m in clause.marks)


_MEASURES = frozenset({"more", "less", "too", "fewer"})
_SMALL = frozenset({"from", "on", "for", "to", "than", "in", "of", "when", "here", "there", "and", "or", "but", "overall", "please", "now", "again", "though", "tbh", "imo", "i", "we", "you", "so", "at", "with", "by", "during", "as", "because", "since", "if", "would", "is", "was", "it", "that", "this", "the", "my", "our", "your", "his", "her", "their", "pls", "mate", "man", "bro", "lol", "too", "then", "while", "where", "until", "before", "after", "maybe", "both", "all", "each", "every", "some", "any", "a", "an", "be", "being", "are", "were", "will", "can", "could", "may", "might", "within", "throughout", "across", "over", "under", "behind", "around"})  # fmt: skip
"""Words that can follow `more` and the like without being what is measured."""


def _is_guarded(clause: Clause, mark: Mark) -> bool:
    """Say whether a clause is nothing but a limit to the wish before it: `but not louder`."""
    before = [m for m in clause.marks if m.end <= mark.start]
    behind = clause.words[mark.end :]
    return bool(before) and not behind and before[0].start == 0 and all(m.has("split") or m.has("not") for m in before)


def _is_bass_as_sound(clause: Clause, mark: Mark, group: Group) -> bool:
    """Say whether `bass` is the low end: `more bass`, not `the bass up`."""
    return group.start == mark.end and clause.words[group.start : group.end] in (("bass",), ("bajo",), ("basse",), ("basses",)) and (
        mark.has("more") or mark.has("less") or mark.has("too") or mark.has("enough")
    )  # fmt: skip
