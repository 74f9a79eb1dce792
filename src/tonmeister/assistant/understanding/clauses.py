"""Clauses: a text is cut where one wish ends and another begins."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tonmeister.assistant.understanding.marks import Mark
from tonmeister.assistant.understanding.tokens import Token

_AGAIN = re.compile(
    r"\b(?:same|ditto|likewise|idem|similarly|dasselbe|das gleiche|gilt auch|lo mismo|igual|pareil|meme chose|aynisi|ayni sekilde)\b|"
    r"\b(?:too|also|as well|auch|tambien|aussi|egalement)(?: please| bitte)?$|"
    r"\b(?P<less>less so|not (?:quite )?(?:so|as) much|(?:a (?:bit|little|touch|tad|hair) )?less|weniger|menos|moins)$|"
    r"\b(?P<more>(?:even|much|far|a bit|a little|a touch) more(?: so)?|more so|especially|noch mehr|aun mas|encore plus)$"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of words that holds one wish, or none."""

    tokens: tuple[Token, ...]
    marks: tuple[Mark, ...]
    """Counted from the clause's first word."""
    sentence: int

    @property
    def words(self) -> tuple[str, ...]:
        """Its words."""
        return tuple(token.word for token in self.tokens)

    @property
    def span(self) -> tuple[int, int]:
        """Where it stands in the text."""
        return self.tokens[0].start, self.tokens[-1].end

    def has(self, *modifiers: str) -> bool:
        """Say whether any of its marks can be one of these modifiers."""
        return any(mark.has(name) for mark in self.marks for name in modifiers)


def split_clauses(tokens: Sequence[Token], marks: Sequence[Mark]) -> list[Clause]:
    """Return the clauses of a text in order."""
    clauses: list[Clause] = []
    for number, (first, behind) in enumerate(_sentences(tokens)):
        pieces = list(_pieces(tokens, marks, first, behind))
        joined: list[tuple[int, int]] = []
        for start, end, hard in pieces:
            if (
                joined
                and not (hard and _says(marks, start, end))
                and not _stands_alone(tokens, marks, joined[-1], (start, end))
            ):
                joined[-1] = (joined[-1][0], end)
            else:
                joined.append((start, end))
        clauses += [_clause(tokens, marks, start, end, number) for start, end in joined if end > start]
    return clauses


def _sentences(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    first = 0
    for place, token in enumerate(tokens):
        if token.breaks == ".":
            yield first, place + 1
            first = place + 1
    if first < len(tokens):
        yield first, len(tokens)


def _pieces(tokens: Sequence[Token], marks: Sequence[Mark], first: int, behind: int) -> Iterator[tuple[int, int, bool]]:
    """Yield stretches between possible ends of clauses; the last value says whether a conjunction such as `but` opens it."""
    cuts = {first: False}
    for mark in marks:
        if first <= mark.start < behind and not mark.quality and not mark.names("target") and not mark.has("nothing"):
            if mark.has("split"):
                cuts[mark.start] = True
            elif mark.has("join"):
                cuts.setdefault(mark.start, False)
    for place in range(first, behind - 1):
        if tokens[place].breaks == ",":
            cuts.setdefault(place + 1, False)
    places = sorted(cuts)
    for start, end in zip(places, [*places[1:], behind], strict=True):
        yield start, end, cuts[start]


def _inside(marks: Sequence[Mark], start: int, end: int) -> list[Mark]:
    return [mark for mark in marks if start <= mark.start and mark.end <= end]


def _says(marks: Sequence[Mark], start: int, end: int) -> bool:
    """Say whether a stretch says anything about sound."""
    return any(
        m.quality or m.has("up") or m.has("down") or m.has("keep") or m.names("target")
        for m in _inside(marks, start, end)
    )


def _stands_alone(
    tokens: Sequence[Token], marks: Sequence[Mark], before: tuple[int, int], here: tuple[int, int]
) -> bool:
    """Say whether a stretch is a wish of its own behind one that is complete."""
    left, right = _inside(marks, *before), _inside(marks, *here)
    is_complete = any(_predicates(mark) for mark in left)
    if _is_list(left, right, here[0]):
        return False
    praises = any(m.has("praise") for m in left) and not any(m.has("praise") for m in right)
    if praises and any(m.has(name) for m in right for name in ("more", "less", "too", "up", "down", "wish")):
        return any(_predicates(mark) for mark in right)
    if all(any(m.names("section") for m in piece) for piece in (left, right)) and any(_predicates(m) for m in right):
        return any(_predicates(mark) for mark in left)
    if _shares_part(tokens, left, right, here):
        return False
    if is_complete and _only_says_again(tokens, right, here):
        return True
    if not any(m.quality or m.has("up") or m.has("down") or m.has("keep") or m.names("target") for m in right):
        return False  # `love it` speaks of what stands before it
    names_part = any(m.names("target") or m.names("track") or m.has("pronoun") for m in right)
    names_range = any(token.word.endswith("hz") for token in tokens[slice(*here)])
    return is_complete and names_part and (names_range or any(_predicates(mark) for mark in right))


def says_again(words: Sequence[str]) -> re.Match[str] | None:
    """Return the words by which a stretch says the wish before it again: `kick too`, `drums less so`."""
    return _AGAIN.search(" ".join(words))


def _only_says_again(tokens: Sequence[Token], marks: Sequence[Mark], here: tuple[int, int]) -> bool:
    """Say whether a stretch holds nothing but a part, and that the same is meant for it."""
    names_part = any(m.names("target") or m.names("track") or m.names("weak_target") for m in marks)
    says_more = any(m.quality or m.has("up") or m.has("down") for m in marks)
    return names_part and not says_more and says_again([token.word for token in tokens[slice(*here)]]) is not None


_ONTO = frozenset({"on", "in", "to", "from", "for", "of", "out"})


def _shares_part(tokens: Sequence[Token], left: Sequence[Mark], right: Sequence[Mark], here: tuple[int, int]) -> bool:
    """Say whether two wishes speak of the one part behind them: `more attack and brightness on the bass`."""
    parts = [m for m in right if m.names("target") or m.names("track")]
    if any(m.names("target") or m.names("track") or m.has("pronoun") for m in left) or not parts or not left:
        return False
    joins = any(m.has("join") and m.start == here[0] for m in right)
    before = [token.word for token in tokens[max(here[0], parts[0].start - 2) : parts[0].start]]
    sound = next((m for m in right if m.quality is not None), None)
    return joins and sound is not None and sound.end <= parts[0].start and bool(_ONTO & set(before))


def _is_list(left: Sequence[Mark], right: Sequence[Mark], start: int) -> bool:
    """Say whether two stretches are one list of words before their part: `a warmer, rounder cello`."""
    if any(m.names("target") or m.names("track") or m.has("pronoun") for m in left) or len(right) < 2:
        return False
    first, second = right[0], right[1]
    ends_so = bool(left) and left[-1].quality is not None and left[-1].end == start
    return (
        ends_so
        and first.start == start
        and first.quality is not None
        and second.start == first.end
        and bool(second.names("target"))
    )


def _predicates(mark: Mark) -> bool:
    return bool(mark.quality) or any(
        mark.has(name) for name in ("up", "down", "keep", "praise", "too", "more", "less", "covers")
    )


def _clause(tokens: Sequence[Token], marks: Sequence[Mark], start: int, end: int, sentence: int) -> Clause:
    inside = tuple(
        Mark(m.start - start, m.end - start, m.entries, m.comparing) for m in marks if start <= m.start and m.end <= end
    )
    return Clause(tuple(tokens[start:end]), inside, sentence)
