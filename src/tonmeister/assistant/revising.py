"""Revise a mix by words: readings with evidence first, and the one that is chosen as moves of the person."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tonmeister.assistant.previews import write_previews
from tonmeister.assistant.proposals import keep_proposals, kept_proposals
from tonmeister.assistant.readings.evidence import Found, look
from tonmeister.assistant.readings.prove import moves_of, try_amount, try_reading
from tonmeister.assistant.readings.reading import Reading
from tonmeister.assistant.readings.scene import Song, open_scene
from tonmeister.assistant.readings.templates import MOST_READINGS, fitting
from tonmeister.assistant.readings.throwing import throw_readings, try_throw
from tonmeister.assistant.reply import change_report, draft_reply
from tonmeister.assistant.revision import Action, Revision
from tonmeister.assistant.taste import Taste, load_taste, save_taste
from tonmeister.assistant.understanding.intent import Intent, Understood
from tonmeister.assistant.understanding.understand import understand
from tonmeister.assistant.understanding.versions import asks_version
from tonmeister.assistant.versions import Choice, add_version, take_refusals
from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix
from tonmeister.document.text import canonical
from tonmeister.engineer.documents import check_sources, load_mix, load_sources, save_mix
from tonmeister.engineer.options import Cancel, Tell, tell_nobody
from tonmeister.engineer.passes import open_renderer
from tonmeister.engineer.rerender import render
from tonmeister.engineer.throw_words import throws_of_words
from tonmeister.errors import CancelledError, InputError
from tonmeister.files.cache import open_cache
from tonmeister.knowledge.rows import table
from tonmeister.listen import recall_facts

_MOST_DB = 12.0
_LONG_MAIL = 4
"""Wishes from which on each gets two tried readings instead of three."""


def revise(
    out: Path,
    text: str,
    *,
    choose: tuple[int, ...] = (),
    best: bool = False,
    name: str = "",
    learn: bool = True,
    amount_db: float | None = None,
    preview: bool = False,
    progress: Tell = tell_nobody,
    cancel: Cancel | None = None,
) -> Revision:
    """Read a client's words, propose what each can mean in this song, measured on an excerpt; with `choose`, do it.

    Args:
        out: The result folder.
        text: One sentence, or a whole mail with a note a line.
        choose: Numbers of the readings to make; none is a dry run, which changes no sound.
        best: Make the first reading of every note.
        name: Name of the new version.
        learn: Whether the choice goes into the taste file.
        amount_db: How much of the chosen reading, instead of what was proposed; only with one number.
        preview: Write a level-matched excerpt of each reading to `previews/`; only a dry run has a choice to hear.
        progress: Is told how far the work is.
        cancel: Is asked whether to stop.

    Raises:
        InputError: If the text is empty, or there is no reading of such a number.
        DocumentError: If the document or the sound of a track is not there.
    """
    if not text.strip():
        raise InputError("revise: there is nothing to read; give the words, or a file of them with --from.")
    mix = load_mix(out)
    taste = _after_refusals(out, mix, load_taste(), learn=learn)
    proposed = kept_proposals(out, mix, text, taste)
    if proposed is None:
        proposed = _propose(out, mix, text, taste, progress=progress, cancel=cancel)
        keep_proposals(out, mix, text, taste, proposed)
    numbers = choose or (tuple(action.readings[0] for action in proposed.actions if action.readings) if best else ())
    if not numbers:
        return write_previews(out, proposed) if preview else proposed
    shares: dict[int, float] = {}
    if amount_db is not None:
        proposed, shares = _with_amount(out, mix, proposed, numbers, amount_db)
    learning = _Learning(taste if learn else None, shares)
    return _apply(out, mix, proposed, numbers, learning, name=name, progress=progress, cancel=cancel)


@dataclass(frozen=True, slots=True)
class _Learning:
    """What goes into the taste file: None learns nothing; shares say how far a person changed an amount, by number."""

    taste: Taste | None
    shares: dict[int, float]


def _after_refusals(out: Path, mix: Mix, taste: Taste, *, learn: bool) -> Taste:
    """Learn from what was made earlier and rejected or undone since."""
    refused = take_refusals(out, mix) if learn else ()
    for choice in refused:
        taste = taste.learned(mix.brief.genre, choice.intent, accepted=None, refused=(choice.mechanism,))
    if refused:
        save_taste(taste)
    return taste


def _with_amount(
    out: Path, mix: Mix, proposed: Revision, numbers: tuple[int, ...], amount_db: float
) -> tuple[Revision, dict[int, float]]:
    """Return the revision with another amount of the one reading that is chosen, measured anew."""
    if len(numbers) != 1 or not 0 < amount_db <= _MOST_DB:
        raise InputError(
            f"--amount {amount_db:g}: give more than 0 and at most {_MOST_DB:g} dB, and choose one reading with it."
        )
    reading = next((one for one in proposed.readings if one.number == numbers[0] and one.can_be_done), None)
    intent = next((a.intent for a in proposed.actions if numbers[0] in a.readings and a.intent is not None), None)
    if reading is None:
        return proposed, {}  # said by the check of the numbers
    if intent is None:
        raise InputError(
            f"--amount {amount_db:g}: reading {reading.number} is a throw; how loud it is follows from its tail."
        )
    cache = open_cache()
    sources = load_sources(out, mix)
    with open_renderer(sources, cache=cache) as renderer:
        scene = open_scene(Song(mix, sources, renderer, cache, {}), intent)
        new = None if scene is None else try_amount(reading.name, scene, db=amount_db, number=_next_number(mix))
    if new is None:
        raise InputError(
            f"--amount {amount_db:g}: reading {reading.number} cannot be made with that; try another amount."
        )
    new = new.model_copy(update={"number": reading.number, "note": reading.note})
    readings = tuple(new if one.number == reading.number else one for one in proposed.readings)
    share = amount_db / (reading.amount_db or amount_db)
    return proposed.model_copy(update={"readings": readings}), {reading.number: share}


def session_names(mix: Mix) -> dict[str, tuple[str, str]]:
    """Return name and target of each track, so that words may name it."""
    rows = table("words_targets")
    found: dict[str, tuple[str, str]] = {}
    for track in mix.tracks:
        by_role = next(
            (target for target, row in rows.items() if track.role in row["roles"] and target != "speech"), None
        )
        by_family = next((target for target, row in rows.items() if track.family in row["families"]), "mix")
        if track.used:
            found[track.id] = (track.name, by_role or by_family)
    return found


@dataclass(frozen=True, slots=True)
class _Answer:
    action: Action
    readings: tuple[Reading, ...]


def _propose(out: Path, mix: Mix, text: str, taste: Taste, *, progress: Tell, cancel: Cancel | None) -> Revision:
    understood = understand(text, tracks=session_names(mix))
    cache = open_cache()
    sources = load_sources(out, mix)
    check_sources(mix, sources, cache=cache)
    answers: list[_Answer] = []
    with open_renderer(sources, cache=cache) as renderer:
        song = Song(mix, sources, renderer, cache, {})
        thrown = _thrown(song, understood)
        answers += list(thrown.values())
        for place, intent in enumerate(understood.intents):
            if intent.note in thrown:
                continue
            if cancel is not None and cancel.is_set():
                raise CancelledError("The work was stopped.")
            progress("revise", intent.said, place / len(understood.intents))
            answers.append(_answer(song, intent, taste, few=len(understood.intents) >= _LONG_MAIL))
    progress("revise", "", 1.0)
    return _numbered(text, understood, answers)


def _thrown(song: Song, understood: Understood) -> dict[int, _Answer]:
    """Return the answer to each note that wants a word thrown into an effect, by note."""
    asked = {note.number: throws_of_words(note.text) for note in understood.notes}
    asked = {number: wishes for number, wishes in asked.items() if wishes}
    if not asked:
        return {}
    facts = recall_facts(song.mix, song.sources, cache=song.cache)
    found: dict[int, _Answer] = {}
    for number, wishes in asked.items():
        said = understood.notes[number].text
        readings, reason = throw_readings(song.mix, facts, wishes, note=number)
        readings = [try_throw(song, reading) for reading in readings]
        state = "proposed" if readings else "declined"
        action = Action.model_validate(
            {"number": 0, "state": state, "said": said, "reason": "" if readings else reason}
        )
        found[number] = _Answer(action, tuple(readings))
    return found


def _answer(song: Song, intent: Intent, taste: Taste, *, few: bool) -> _Answer:
    genre = song.mix.brief.genre
    if intent.direction == "keep":
        return _Answer(_action(intent, "kept", "it stays as it is; every other change is held to that"), ())
    if intent.time_s is not None and intent.time_s[0] >= song.mix.song.duration_s:
        return _Answer(_action(intent, "declined", _too_late(intent.time_s[0], song.mix.song.duration_s)), ())
    scene = open_scene(song, intent)
    if scene is None:
        return _Answer(_action(intent, "declined", f"the session has no {intent.target.replace('_', ' ')}"), ())
    looks = {template.name: look(template, scene) for template in fitting(intent)}
    bonus = {name: found.bonus for name, found in looks.items() if found is not None}
    most = MOST_READINGS - few
    readings: list[Reading] = []
    for template in taste.ordered(genre, intent, fitting(intent), bonus=bonus):
        if sum(one.can_be_done for one in readings) == most:
            break
        scale = taste.scale(genre, intent, template.mechanism)
        reading = try_reading(template, scene, number=_next_number(song.mix), scale=scale)
        if reading is not None:
            readings.append(_with_evidence(reading, looks.get(template.name)))
    able = [one for one in readings if one.can_be_done]
    told = [one for one in readings if not one.can_be_done]
    if not able:
        reason = (
            told[0].says if told else "nothing that was tried changed it by what can be heard without changing the rest"
        )
        return _Answer(_action(intent, "asked" if told else "declined", reason), tuple(told))
    return _Answer(_action(intent, "proposed", ""), (*able, *told[: MOST_READINGS - len(able)]))


def _too_late(at_s: float, duration_s: float) -> str:
    return f"the song has no {_clock(at_s)}: it ends at {_clock(duration_s)}; say another time"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


_ASKS_VERSION = (
    "a version to deliver, not a change of the sound: tonmeister deliver writes instrumental, a cappella, TV and stems"
)


def _with_evidence(reading: Reading, found: Found | None) -> Reading:
    """Return a reading with what spoke for it before it was tried."""
    return reading if found is None else reading.model_copy(update={"evidence": f"{found.words}; {reading.evidence}"})


def _action(intent: Intent, state: str, reason: str) -> Action:
    return Action.model_validate({"number": 0, "state": state, "said": intent.said, "intent": intent, "reason": reason})


def _next_number(mix: Mix) -> int:
    """Return the number of the next revision."""
    return 1 + len({move.id.split(".")[1] for move in mix.moves if move.id.startswith("revise.")})


def _numbered(text: str, understood: Understood, answers: Sequence[_Answer]) -> Revision:
    readings: list[Reading] = []
    actions: list[Action] = []
    for answer in answers:
        mine = [
            one.model_copy(update={"number": len(readings) + place}) for place, one in enumerate(answer.readings, 1)
        ]
        able = tuple(one.number for one in mine if one.can_be_done)
        readings += mine
        actions.append(answer.action.model_copy(update={"readings": able}))
    vague = {intent.note for intent in understood.intents}
    vague |= {_note_of(understood, answer.action.said) for answer in answers if answer.action.intent is None}
    for note in understood.open_notes:
        if note.number in vague:
            continue  # what it is about was understood, and it is asked what is wanted
        if asks_version(note.text):
            actions.append(Action(number=0, state="declined", said=note.text, reason=_ASKS_VERSION))
            continue
        actions.append(Action(number=0, state="not understood", said=note.text, reason="say it in other words"))
    order = {id(a): a.intent.note if a.intent is not None else _note_of(understood, a.said) for a in actions}
    actions = [a.model_copy(update={"number": n}) for n, a in enumerate(sorted(actions, key=lambda a: order[id(a)]), 1)]
    question = understood.ambiguity.ask if _is_settled_by_asking(actions) else None
    reply = draft_reply(actions, readings, question=question, version=None)
    return Revision(
        text=text,
        understood=understood,
        actions=tuple(actions),
        readings=tuple(readings),
        question=question,
        reply=reply,
    )


def _note_of(understood: Understood, said: str) -> int:
    return next((note.number for note in understood.notes if note.text == said), len(understood.notes))


def _is_settled_by_asking(actions: Sequence[Action]) -> bool:
    """Say whether an answer would change the choice: something is open, and there is more than one way."""
    return any(
        len(action.readings) != 1 and action.state in ("proposed", "asked", "not understood") for action in actions
    )


def _apply(
    out: Path,
    mix: Mix,
    proposed: Revision,
    numbers: tuple[int, ...],
    learning: _Learning,
    *,
    name: str,
    progress: Tell,
    cancel: Cancel | None,
) -> Revision:
    able = {one.number: one for one in proposed.readings if one.can_be_done}
    missing = [number for number in numbers if number not in able]
    if missing:
        there = ", ".join(str(number) for number in able) or "none"
        raise InputError(f"--choose {missing[0]}: there is no such reading to make; there are {there}.")
    chosen = [able[number] for number in dict.fromkeys(numbers)]
    first = _next_number(mix)
    made = {
        one.number: moves_of(one.steps, mix, number=first + place, said=_said(proposed, one), proof=one.proof)
        for place, one in enumerate(chosen)
    }
    moves = tuple(move for those in made.values() for move in those)
    changed = canonical(fold(canonical(mix.model_copy(update={"moves": (*mix.moves, *moves)}))))
    save_mix(out, changed, why=f"revise {json.dumps(proposed.text[:80], ensure_ascii=False)}")
    result = render(out, progress=progress, cancel=cancel)
    if learning.taste is not None:
        save_taste(_learned(learning, mix.brief.genre, proposed, {one.number for one in chosen}))
    report = change_report(chosen)
    choices = tuple(
        Choice(intent=a.intent, mechanism=proposed.reading(n).mechanism, moves=tuple(move.id for move in made[n]))
        for a in proposed.actions for n in a.readings if n in made and a.intent is not None
    )  # fmt: skip
    version = add_version(out, words=proposed.text, done=report, name=name, choices=choices)
    actions = tuple(_done(action, {one.number for one in chosen}) for action in proposed.actions)
    reply = draft_reply(actions, proposed.readings, question=None, version=version.number)
    return proposed.model_copy(
        update={
            "actions": actions, "chosen": tuple(one.number for one in chosen), "moves": tuple(move.id for move in moves),
            "version": version.number, "report": report, "reply": reply, "question": None, "misses": result.misses,
        }
    )  # fmt: skip


def _said(proposed: Revision, reading: Reading) -> str:
    return next(note.text for note in proposed.understood.notes if note.number == reading.note)


def _done(action: Action, chosen: set[int]) -> Action:
    made = tuple(number for number in action.readings if number in chosen)
    return action.model_copy(update={"state": "done", "readings": made}) if made else action


def _learned(learning: _Learning, genre: str | None, proposed: Revision, chosen: set[int]) -> Taste:
    """Return the taste after a choice: what was offered before the one that was taken counts as passed over."""
    taste = learning.taste or Taste()
    for intent, taken, passed in _choices(proposed, chosen):
        refused = tuple(proposed.reading(number).mechanism for number in passed)
        share = learning.shares.get(taken)
        taste = taste.learned(
            genre, intent, accepted=proposed.reading(taken).mechanism, refused=refused, edited_share=share
        )
    return taste


def _choices(proposed: Revision, chosen: set[int]) -> Iterator[tuple[Intent, int, tuple[int, ...]]]:
    for action in proposed.actions:
        taken = [number for number in action.readings if number in chosen]
        if action.intent is None or not taken:
            continue
        yield action.intent, taken[0], tuple(number for number in action.readings if number < taken[0])
