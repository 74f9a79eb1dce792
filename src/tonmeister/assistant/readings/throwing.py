"""Words that a note wants thrown into a delay or a reverb: the moves of an asked throw, as a reading to choose."""

from collections.abc import Sequence

from tonmeister.assistant.readings.prove import moves_of
from tonmeister.assistant.readings.reading import Reading, Step
from tonmeister.assistant.readings.scene import Scene, Song
from tonmeister.assistant.understanding.intent import Intent
from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix, ThrowWish
from tonmeister.document.move import Move, Nothing, SendChange
from tonmeister.document.text import canonical
from tonmeister.engineer.decide import work_on
from tonmeister.engineer.previewing import span_of
from tonmeister.engineer.promises import measurement_of
from tonmeister.engineer.throw_promises import bloom_result, tail_result
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
    changes = [move for move in moves if not isinstance(move.change, Nothing)]
    places = {move.id: place for place, move in enumerate(changes, 1)}
    return Reading(
        number=0, note=note, name=f"{wish.effect}_throw", mechanism="automation", families=(f"{wish.effect}.throw",),
        says="; ".join(move.title for move in sends), protects="every other word, and the voice itself", evidence=evidence,
        steps=tuple(
            Step(
                where=move.where, change=move.change, title=move.title, because=move.because, expects=move.expects,
                needs=tuple(places.get(name, name) for name in move.depends_on),
            )
            for move in changes
        ),
    )  # fmt: skip


def try_throw(song: Song, reading: Reading) -> Reading:
    """Return a throw with what its promise came to, heard on the return."""
    moves = moves_of(reading.steps, song.mix, number=0, said="", proof=None)
    changed = canonical(fold(song.mix.model_copy(update={"moves": (*song.mix.moves, *moves)})))
    steps, told = [], [reading.evidence]
    for step, move in zip(reading.steps, moves, strict=True):
        result = {"throw_tail_db": tail_result, "bloom_lift_db": bloom_result}.get(
            "" if step.expects is None else step.expects.metric
        )
        heard = None if result is None else result(move, changed, song.renderer, None)
        if step.expects is None or heard is None:
            steps.append(step)
            continue
        measured = measurement_of(step.expects, *heard)
        steps.append(step.model_copy(update={"measured": measured}))
        told.append(
            f"heard on the return {measured.value:.1f} dB, promised {step.expects.value:g} dB"
            + ("" if measured.kept else ", which it misses")
        )
    return reading.model_copy(update={"steps": tuple(steps), "evidence": "; ".join(told)})


def throw_scene(song: Song, reading: Reading) -> Scene:
    """Return the bars around the word that a throw is about."""
    moves = moves_of(reading.steps, song.mix, number=0, said="", proof=None)
    throw = next(move for move in moves if isinstance(move.change, SendChange))
    start_s, end_s = span_of(throw, song.mix)
    rate = song.mix.song.sample_rate_hz
    voices = (throw.where.track or "",)
    intent = Intent(target="lead_vocal", tracks=voices, attribute="space", direction="increase", note=reading.note)
    return Scene(song, intent, voices, round(start_s * rate), round(end_s * rate), ((start_s, end_s),))
