"""Where a word is that a person wants thrown: by time, bars, line or section, for nothing here knows what is sung."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from tonmeister.analysis.phrases import Phrase
from tonmeister.document.facts import TrackFacts
from tonmeister.document.mix import ThrowWish
from tonmeister.knowledge import number
from tonmeister.tasks.automation.lines import phrases_of
from tonmeister.tasks.automation.words import last_word_s, word_at
from tonmeister.tasks.pacing.form import Part, find_parts
from tonmeister.tasks.work import Work

_Item = TypeVar("_Item")
_EDGE_S = 0.25
"""A line may end so far behind the border that it leads up to."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as a voice's level shows it, and where the next line begins."""

    start_s: float
    end_s: float
    next_s: float
    where: str
    """In words, such as `before chorus-2`."""


def find_words(work: Work, lead: TrackFacts, wish: ThrowWish) -> tuple[list[Word], str]:
    """Return the words that a wish means, in order; without any, why not."""
    phrases = phrases_of(work.facts, lead)
    name = lead.track.name
    if not phrases:
        return [], f"no line of {name} was found"
    if wish.at_s is not None:
        return _at_time(lead, phrases, wish.at_s)
    if wish.bars is not None:
        return _in_bars(work, lead, phrases, wish)
    if wish.section is not None:
        return _by_section(work, lead, phrases, wish)
    if wish.line is not None:
        chosen = _chosen(phrases, wish.line)
        told = "of the song" if wish.line <= 0 else f"of line {wish.line}"
        return [_word(lead, p, wish, told) for p in chosen], f"{name} sings {len(phrases)} lines"
    return [], "nothing here knows what is sung; say where it is: by time (1:12.4), bar, line or section"


def _at_time(lead: TrackFacts, phrases: Sequence[Phrase], at_s: float) -> tuple[list[Word], str]:
    nearest = min(phrases, key=lambda p: max(p.start_s - at_s, at_s - p.end_s, 0.0))
    if max(nearest.start_s - at_s, at_s - nearest.end_s) > number("automation.asked_near_s").value:
        told = f"the nearest line lasts from {tell_time(nearest.start_s)} to {tell_time(nearest.end_s)}"
        return [], f"{lead.track.name} does not sing at {tell_time(at_s)}; {told}"
    start_s, end_s = word_at(lead.curves.rms_10ms, nearest, min(at_s, nearest.end_s - 0.01))
    return [Word(start_s, end_s, nearest.end_s + nearest.gap_s, f"at {tell_time(at_s)}")], ""


def _in_bars(work: Work, lead: TrackFacts, phrases: Sequence[Phrase], wish: ThrowWish) -> tuple[list[Word], str]:
    line, (first, last) = work.facts.time_line, wish.bars or (1, 1)
    bars = (
        np.zeros(0)
        if line is None or not line.downbeats_s.size
        else np.append(line.downbeats_s, work.facts.song.duration_s)
    )
    if last >= bars.size:
        return [], f"the song has {max(0, bars.size - 1)} whole bars that were found"
    span = float(bars[first - 1]), float(bars[last])
    told = f"in bar {first}" if first == last else f"in bars {first} to {last}"
    ending = [p for p in phrases if span[0] <= p.end_s <= span[1] + _EDGE_S]
    if ending:
        return [_word(lead, ending[-1], wish, told)], ""
    sung = [p for p in phrases if p.start_s < span[1] and p.end_s > span[0]]
    if not sung:
        return [], f"{lead.track.name} does not sing {told} ({tell_time(span[0])} to {tell_time(span[1])})"
    start_s, end_s = word_at(lead.curves.rms_10ms, sung[-1], span[1] - _EDGE_S)
    return [Word(start_s, end_s, sung[-1].end_s + sung[-1].gap_s, told)], ""


def _by_section(work: Work, lead: TrackFacts, phrases: Sequence[Phrase], wish: ThrowWish) -> tuple[list[Word], str]:
    blocks = _blocks(find_parts(work), wish)
    chosen = _chosen(blocks, wish.number)
    if not chosen:
        return [], f"the song has {len(blocks) or 'no'} {wish.section}{'s' if len(blocks) > 1 else ''} that were found"
    found, name = [], lead.track.name
    for start_s, end_s, told in chosen:
        if wish.before:
            near_s = 2 * number("automation.throw_near_s").value
            inside = [p for p in phrases if start_s - near_s <= p.end_s <= start_s + _EDGE_S][-1:]
        else:
            inside = [p for p in phrases if start_s < p.end_s <= end_s + _EDGE_S]
            inside = _chosen(inside, -1 if wish.line is None else wish.line)
        found += [_word(lead, p, wish, f"{'before' if wish.before else 'in'} {told}") for p in inside]
    return found, f"{name} sings no such line {'before' if wish.before else 'in'} {chosen[0][2]}"


def _blocks(parts: Sequence[Part], wish: ThrowWish) -> list[tuple[float, float, str]]:
    """Return start, end and name of the sections of a kind; those that follow each other are one."""
    blocks: list[tuple[float, float, str]] = []
    for place, part in enumerate(parts):
        if part.kind != wish.section:
            continue
        if place and parts[place - 1].kind == part.kind:
            blocks[-1] = (blocks[-1][0], part.end_s, blocks[-1][2])
        else:
            told = part.id if part.named else f"{part.id} (taken as {part.kind} by its energy)"
            blocks.append((part.start_s, part.end_s, told))
    return blocks


def _chosen(items: Sequence[_Item], which: int) -> list[_Item]:
    """Return one item by its number from 1, the last one for -1, all for 0; none where there are not so many."""
    if which == 0:
        return list(items)
    return list(items[-1:] if which == -1 else items[which - 1 : which])


def _word(lead: TrackFacts, phrase: Phrase, wish: ThrowWish, where: str) -> Word:
    rms = lead.curves.rms_10ms
    first = wish.which == "first"
    start_s, end_s = word_at(rms, phrase, phrase.start_s - _EDGE_S) if first else last_word_s(rms, phrase)
    return Word(start_s, end_s, phrase.end_s + phrase.gap_s, where)


def tell_time(time_s: float) -> str:
    """Return a time as people write it: 1:12.4."""
    tenths = round(10 * time_s)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"
