"""What grammar read, weighed by what the words are like: what is all but impossible goes, what is sure is added as a guess.

Needs the extra `likeness`; without it all stays as it was read. Shares are those that did best on sentences that neither had seen
(`bench phrases`, [reviews]).
"""

from collections.abc import Sequence

from tonmeister.assistant.understanding.intent import Attribute, Direction, Intent, Note
from tonmeister.assistant.understanding.likeness import Likeness, liken
from tonmeister.assistant.understanding.versions import asks_version

IMPOSSIBLE, PLAIN, SURE, LIKELY = 0.03, 0.2, 0.5, 0.3
"""Shares under which a reading goes, from which on all readings of a line leave it as it is, from which on one is added, and from which on
one is better than none."""
SHORT_WORDS, MANY = 6, 3
"""Lines of so few words, and lines with so many wishes, are what grammar is best at."""
MOST_GUESSES = 2
"""Guesses about words that nothing was read from."""


def weigh(
    intents: Sequence[Intent], notes: Sequence[Note], lines: Sequence[tuple[str, int]]
) -> tuple[list[Intent], list[Note]]:
    """Return intents and notes of a text, each line weighed by itself.

    Args:
        intents: What grammar read.
        notes: What the text is made of.
        lines: Its lines, each with the number of the note after its last one.
    """
    found, read, first = list(intents), list(notes), 0
    for line, end in lines:
        asking = [note.number for note in read[first:end] if not note.courtesy]
        mine = [intent for intent in found if first <= intent.note < end]
        first = end
        if not asking or asks_version(line):
            continue
        like = liken(line, [(one.target, one.attribute, one.direction) for one in mine])
        if like is None:
            return list(intents), list(notes)
        place = next((number for number in asking if not read[number].understood), asking[0])
        kept = _weighed(mine, like, line, place)
        found = [intent for intent in found if intent not in mine] + kept
        told, had = ({intent.note for intent in some} for some in (kept, mine))
        read = [
            note.model_copy(update={"understood": note.number in told}) if note.number in told | had else note
            for note in read
        ]  # a note of which nothing is left is open again
    return sorted(found, key=lambda intent: intent.note), read


def _weighed(mine: Sequence[Intent], like: Likeness, line: str, place: int) -> list[Intent]:
    """Return the intents of a line: what was read and is possible, and what is sure besides."""
    wishes = {(attribute, way): share for attribute, way, share in like.wishes}
    parts = dict(like.targets)
    least = min((wishes.get((one.attribute, one.direction), 1.0) for one in mine), default=0.0)
    is_praise = bool(mine) and all(one.direction == "keep" for one in mine)
    if least >= PLAIN or is_praise or len(mine) >= MANY or (mine and len(line.split()) <= SHORT_WORDS):
        return list(mine)
    kept = [one for one in mine if _is_possible(one, wishes, parts)]
    told = {(one.attribute, one.direction) for one in kept}
    new = [wish for wish, share in wishes.items() if share >= SURE and wish not in told]
    sure = [part for part, share in parts.items() if share >= SURE]
    if not kept and not new:
        new = [wish for wish, share in wishes.items() if share >= LIKELY][:MOST_GUESSES]
    if not kept and not new:
        return list(mine)
    named = list(dict.fromkeys([*(one.target for one in kept), *sure]))
    about = max(named, key=lambda part: parts.get(part, 0.0)) if named else _likeliest(mine, parts)
    guesses = [_guess(about, wish, line, place) for wish in new]
    best = max([*told, *new], key=lambda wish: wishes.get(wish, 0.0))
    there = {one.target for one in [*kept, *guesses]}
    return [*kept, *guesses, *(_guess(part, best, line, place) for part in sure if part not in there)]


def _is_possible(one: Intent, wishes: dict[tuple[Attribute, Direction], float], parts: dict[str, float]) -> bool:
    """Say whether a reading may stay: what is to be kept, and what names tracks or figures, always does."""
    if (
        one.direction == "keep"
        or one.tracks
        or one.section
        or one.time_s is not None
        or one.amount_db is not None
        or one.frequency_hz is not None
    ):
        return True
    least = min(wishes.get((one.attribute, one.direction), 1.0), parts.get(one.target, 1.0))
    return least >= IMPOSSIBLE


def _likeliest(mine: Sequence[Intent], parts: dict[str, float]) -> str:
    if mine:
        return mine[0].target
    part, share = next(iter(parts.items()))
    return part if share >= LIKELY else "mix"


def _guess(part: str, wish: tuple[Attribute, Direction], line: str, place: int) -> Intent:
    return Intent(target=part, attribute=wish[0], direction=wish[1], said=line.strip(), note=place, is_guess=True)
