"""Words that a note wants thrown into a delay or a reverb: the moves of an asked throw, as a reading to choose."""

from collections.abc import Sequence

from tonmeister.assistant.readings.reading import Reading, Step
from tonmeister.document.facts import SongFacts
from tonmeister.document.mix import Mix, ThrowWish
from tonmeister.document.move import Move, Nothing, SendChange
from tonmeister.engineer.decide import work_on
from tonmeister.tasks.automation import asked


def throw_readings(mix: Mix, facts: SongFacts, wishes: Sequence[ThrowWish], *, note: int) -> tuple[list[Reading], str]:
    """Return a reading for each throw that a note asks for; without any, why no word was found."""
    found: list[Reading] = []
    reason = ""
    for wish in wishes:
        brief = mix.brief.model_copy(update={"throws": (wish,)})
        moves = tuple(asked.propose(work_on(mix.model_copy(update={"brief": brief}), facts, None)))
        sends = [move for move in moves if isinstance(move.change, SendChange)]
        if sends:
            found.append(_reading(wish, moves, sends, note=note))
        else:
            reason = next((move.title for move in moves if isinstance(move.change, Nothing)), reason)
    return found, reason


def _reading(wish: ThrowWish, moves: Sequence[Move], sends: Sequence[Move], *, note: int) -> Reading:
    evidence = "; ".join(f"{one.what} {one.value:g} {one.unit}".strip() for one in sends[0].because)
    return Reading(
        number=0, note=note, name=f"{wish.effect}_throw", mechanism="automation", families=(f"{wish.effect}.throw",),
        says="; ".join(move.title for move in sends), protects="every other word, and the voice itself", evidence=evidence,
        steps=tuple(Step(where=move.where, change=move.change, title=move.title) for move in moves if not isinstance(move.change, Nothing)),
    )  # fmt: skip
