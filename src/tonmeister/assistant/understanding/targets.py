"""Which parts of the mix a clause is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from tonmeister.assistant.understanding.clauses import Clause
from tonmeister.assistant.understanding.marks import Mark

_LOCATION = frozenset(
    {"in", "of", "into", "from", "within", "throughout", "through", "im", "in der", "de", "en", "dans", "across"}
)
_ONTO = frozenset(
    {
        "on",
        "in",
        "of",
        "to",
        "from",
        "for",
        "auf",
        "bei",
        "beim",
        "von",
        "vom",
        "im",
        "der",
        "en",
        "de",
        "del",
        "a",
        "sur",
        "dans",
        "du",
        "des",
        "around",
        "at",
        "al",
        "los",
        "las",
        "am",
    }
)
_WHOLE = frozenset({"mix", "master"})
_GENERAL = frozenset({"mix", "instrumental", "drums", "guitars"})
_SPECIALLY = frozenset(
    {
        "especially",
        "particularly",
        "mainly",
        "mostly",
        "notably",
        "plus",
        "also",
        "including",
        "vor",
        "besonders",
        "sobre",
        "surtout",
        "ozellikle",
        "todo",
        "particular",
    }
)
_COMPARED = frozenset(
    {
        "compared",
        "comparison",
        "relative",
        "relation",
        "versus",
        "vs",
        "than",
        "respect",
        "vergleich",
        "gegenueber",
        "verglichen",
        "als",
        "comparado",
        "comparada",
        "respecto",
        "rapport",
        "gore",
        "kiyasla",
        "against",
    }
)


@dataclass(frozen=True, slots=True)
class Group:
    """Parts that are named together, such as `the kick and the bass`."""

    start: int
    end: int
    names: tuple[str, ...]
    tracks: tuple[str, ...] = ()
    is_weak: bool = False
    is_reference: bool = False
    """Only what something else is held against."""
    is_compared: bool = False
    """Held against by a comparing word: it cannot be what is meant."""


def find_groups(clause: Clause, roles: dict[str, str]) -> list[Group]:
    """Return the parts that a clause names; `roles` gives the target of each session track."""
    groups: list[Group] = []
    for mark in clause.marks:
        group = _group(clause, mark, roles)
        if group is None:
            continue
        if groups and _joined(clause, groups[-1], group):
            groups[-1] = _merged(groups[-1], group)
        else:
            groups.append(group)
    strong = [group for group in groups if not group.is_weak]
    return _special(clause, strong or groups) if groups else []


def _special(clause: Clause, groups: list[Group]) -> list[Group]:
    """Leave out a part that is only named to be narrowed down: `the instruments, especially the kick`."""
    return [
        group for group, following in zip(groups, [*groups[1:], None], strict=True)
        if following is None or group.names[0] not in _GENERAL or not _SPECIALLY & set(clause.words[group.end : following.start])
    ]  # fmt: skip


def _group(clause: Clause, mark: Mark, roles: dict[str, str]) -> Group | None:
    tracks = mark.names("track")
    if tracks:
        return Group(
            mark.start, mark.end, (roles.get(tracks[0], "mix"),), tracks, is_reference=_is_reference(clause, mark)
        )
    names = mark.names("target")
    if names:
        is_place = names[0] in _WHOLE and _is_location(clause, mark)
        if mark.quality is not None and names[0] == "low_end" and not _has_own_fault(clause, mark):
            return None  # `more low end` is a sound of the mix
        if is_place:
            return None
        return Group(
            mark.start,
            mark.end,
            names[:1],
            is_reference=_is_reference(clause, mark),
            is_compared=_is_compared(clause, mark),
        )
    weak = mark.names("weak_target")
    return Group(mark.start, mark.end, weak[:1], is_weak=True) if weak else None


def _has_own_fault(clause: Clause, mark: Mark) -> bool:
    """Say whether the low end itself is said to be at fault: `the bottom end distorts`."""
    others = [m.quality for m in clause.marks if m is not mark and m.quality is not None]
    return any(
        q.sense in ("bad", "fault") and q.attribute not in ("level", "low_end", "translation", "vibe") for q in others
    )


def _is_location(clause: Clause, mark: Mark) -> bool:
    words = clause.words
    before = [
        word
        for word in words[max(0, mark.start - 3) : mark.start]
        if word not in ("the", "this", "my", "your", "our", "der", "la", "le", "overall", "whole")
    ]
    return bool(before) and before[-1] in _LOCATION


def _is_reference(clause: Clause, mark: Mark) -> bool:
    """Say whether a comparing word stands right before it: `louder than the bass`."""
    for other in reversed([m for m in clause.marks if m.end <= mark.start]):
        if mark.start - other.end > 2:
            return False
        if other.has("reference") and not other.names("target"):
            return True
        if not other.has("skip"):
            return False
    return False


def _is_compared(clause: Clause, mark: Mark) -> bool:
    return _is_reference(clause, mark) and bool(_COMPARED & set(clause.words[max(0, mark.start - 4) : mark.start]))


def _joined(clause: Clause, first: Group, second: Group) -> bool:
    between = [m for m in clause.marks if first.end <= m.start and m.end <= second.start]
    words = clause.words[first.end : second.start]
    joins = any(m.has("join") for m in between) or clause.tokens[first.end - 1].breaks in (",", "&")
    covered = {
        place for m in between if m.has("join") or m.has("skip") or m.has("split") for place in range(m.start, m.end)
    }
    free = [w for place, w in enumerate(words, first.end) if place not in covered and w not in _SPECIALLY]
    return joins and not free


def _merged(first: Group, second: Group) -> Group:
    names = tuple(dict.fromkeys((*first.names, *second.names)))
    return Group(
        first.start,
        second.end,
        names,
        (*first.tracks, *second.tracks),
        first.is_weak and second.is_weak,
        first.is_reference,
    )


def meant(groups: Sequence[Group]) -> list[Group]:
    """Return the parts that a clause can be about: not those that others are held against, unless nothing else is named."""
    return [group for group in groups if not group.is_reference] or [group for group in groups if not group.is_compared]


def nearest(clause: Clause, mark: Mark, groups: Sequence[Group]) -> Group | None:
    """Return the part that a word about sound speaks of."""
    own = meant(groups)
    if not own:
        return None
    following = [group for group in own if group.start >= mark.end]
    preceding = [group for group in own if group.end <= mark.start]
    if following and _belongs(clause, mark, following[0]):
        return following[0]
    if preceding:
        return preceding[-1]
    return following[0] if following else own[0]


def _belongs(clause: Clause, mark: Mark, group: Group) -> bool:
    """Say whether the part right behind a word is meant: `harsh guitars`, `reverb on the vocal`."""
    between = clause.words[mark.end : group.start]
    if not between:
        return clause.tokens[mark.end - 1].breaks == ""
    return len(between) <= 4 and between[0] in _ONTO and clause.tokens[mark.end - 1].breaks == ""
