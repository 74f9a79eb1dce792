"""What an arc asks of a song's own form: which section is to lie under which, and by how much, as they are heard."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tonmeister.knowledge import Arc, number
from tonmeister.tasks.pacing.form import Part

_FAINT_LU = 20.0
"""What lies further under the loudest section than this (a fade, a lone first note) is no part of the order."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One section lies at least so far under another."""

    low: int
    """Place of the softer one."""
    high: int
    """Place of the louder one."""
    least_lu: float
    why: str
    """In words, for the evidence."""


def relations_of(arc: Arc, parts: Sequence[Part]) -> list[Relation]:
    """Return all that an arc asks of these sections, the strongest reasons last: later ones have the last word."""
    loudest = max((part.loudness_lufs for part in parts), default=0.0)
    told = [part.loudness_lufs > loudest - _FAINT_LU for part in parts]
    blocks = chorus_blocks(parts)
    found = [*_rising(arc, parts, blocks), *_under(arc, parts)]
    if arc.chorus_over_verse:
        found += [*_over_verses(parts), *_returns(arc, parts, blocks)]
    return [one for one in found if told[one.low] and told[one.high]]


def chorus_blocks(parts: Sequence[Part]) -> list[list[int]]:
    """Return the choruses of a song: sections of that kind that follow each other are one."""
    blocks: list[list[int]] = []
    for place, part in enumerate(parts):
        if part.kind == "chorus":
            if blocks and blocks[-1][-1] == place - 1:
                blocks[-1].append(place)
            else:
                blocks.append([place])
    return blocks


def summit_of(parts: Sequence[Part], blocks: Sequence[Sequence[int]]) -> int:
    """Return where the song's own peak lies: the loudest of its last chorus, without one the loudest section."""
    return max(blocks[-1] if blocks else range(len(parts)), key=lambda place: parts[place].loudness_lufs)


def _rising(arc: Arc, parts: Sequence[Part], blocks: Sequence[Sequence[int]]) -> Iterator[Relation]:
    """Yield what holds back before the summit: each step of the form may come nearer to it, none is as bright."""
    if not arc.rise_lu:
        return
    summit = summit_of(parts, blocks)
    for place in range(summit):
        least = arc.rise_lu * (1 - place / summit)
        yield Relation(place, summit, least, f"step {place + 1} of {summit + 1} on the way to {parts[summit].id}")


def _under(arc: Arc, parts: Sequence[Part]) -> Iterator[Relation]:
    """Yield what lies under its neighbours: an intimate bridge, an intro that holds back."""
    for place, part in enumerate(parts):
        least = arc.under_lu.get(part.kind, 0.0)
        for other in (place - 1, place + 1):
            if least and 0 <= other < len(parts) and parts[other].kind != part.kind:
                yield Relation(place, other, least, f"a {part.kind} beside {parts[other].id}")


def _over_verses(parts: Sequence[Part]) -> Iterator[Relation]:
    """Yield that each chorus lies over the verse before it."""
    least = number("pacing.chorus_over_verse_lu").value
    verses = [place for place, part in enumerate(parts) if part.kind == "verse"]
    for place, part in enumerate(parts):
        if part.kind == "chorus":
            for verse in [v for v in verses if v < place][-1:] or verses[:1]:
                yield Relation(verse, place, least, f"a chorus over {parts[verse].id}")


def _returns(arc: Arc, parts: Sequence[Part], blocks: Sequence[Sequence[int]]) -> Iterator[Relation]:
    """Yield that the second chorus lies not below the first, and each later one as far over the one before as the arc says."""
    places = [place for block in blocks for place in block]
    if len(places) > 1:
        yield Relation(places[0], places[1], 0.0, f"the second chorus after {parts[places[0]].id}")
    for number_, (before, after) in enumerate(pairwise(blocks)):
        is_last = number_ == len(blocks) - 2
        least = (arc.second_lu if number_ == 0 else arc.again_lu) + (arc.last_lu if is_last else 0.0)
        low, high = (max(block, key=lambda place: parts[place].loudness_lufs) for block in (before, after))
        yield Relation(
            low, high, least, f"{'the last chorus' if is_last else 'a chorus that returns'} over {parts[low].id}"
        )
