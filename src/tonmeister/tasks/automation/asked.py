"""Words that go into an effect because a person says so: each is a move of its own, with the promise of an automatic throw."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tonmeister.document.facts import TrackFacts
from tonmeister.document.lane import SILENT_DB
from tonmeister.document.mix import ThrowWish
from tonmeister.document.move import BusChange, Evidence, Expectation, Move, Nothing, SendChange, Where
from tonmeister.document.strip import Bus, Insert, Send
from tonmeister.knowledge import number
from tonmeister.processing import Delay, Reverb
from tonmeister.tasks import rooms
from tonmeister.tasks.automation.asked_places import Word, find_words, tell_time
from tonmeister.tasks.automation.carriers import carrying_voices
from tonmeister.tasks.automation.throws import (
    GRID_S,
    GRIDS,
    Throw,
    beat_around_s,
    delay_of,
    off_grid_s,
    send_at_rest_db,
    throw_lane,
    thrown,
)
from tonmeister.tasks.work import Work

MARK = ".asked."
"""In the id of each move that is made because a person named a word."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A wish, the voice that sings the word, and the word."""

    wish: ThrowWish
    lead: TrackFacts
    word: Word
    id: str


def propose(work: Work) -> Iterator[Move]:
    """Throw each word that was asked for, or say why it cannot be found."""
    leads = [lead for lead in work.facts.leads if lead.track.role == "lead vocal" and lead.is_touchable]
    voices = [*leads, *(voice for voice in carrying_voices(work.facts) if voice not in leads)]
    for place, wish in enumerate(work.mix.brief.throws):
        slug = _slug(wish, place)
        found: list[_Asked] = []
        reasons = [] if voices else ["the song has no lead voice that may be touched"]
        for lead in voices:
            words, why = find_words(work, lead, wish)
            reasons.append(why)
            ids = [
                f"automation.{lead.id}{MARK}{slug}{f'-{n}' if len(words) > 1 else ''}" for n in range(1, len(words) + 1)
            ]
            found = [_Asked(wish, lead, word, id_) for word, id_ in zip(words, ids, strict=True)]
            if found:
                break
        if not found:
            yield _unfound(wish, f"automation{MARK}{slug}.nothing", reasons[0])
        for one in found:
            yield from _into_delay(work, one) if wish.effect == "delay" else _into_reverb(work, one)


def words_of(moves: Sequence[Move]) -> list[tuple[float, float]]:
    """Return start and end of the words that these moves throw."""
    told = [move.because[0] for move in moves if isinstance(move.change, SendChange)]
    return [(found.start_s or 0.0, found.end_s or 0.0) for found in told]


def _into_delay(work: Work, asked: _Asked) -> Iterator[Move]:
    """Yield the throw, and a delay of its own where the song has none that keeps to the beats around."""
    word = asked.word
    bus = next((bus for bus in work.mix.buses if delay_of(bus) is not None), None)
    settings = None if bus is None else delay_of(bus)
    beat_s = beat_around_s(work, word.end_s)
    if beat_s is None:
        yield _unfound(asked.wish, f"{asked.id}.nothing", "no beat was found that echoes could keep to")
        return
    makes: tuple[str, ...] = () if bus is None else _made_by(work, bus.id)
    if bus is None or settings is None or off_grid_s(work, settings, word.end_s) > GRID_S:
        settings = _in_time(rooms.echo(work.facts) if settings is None else settings, beat_s)
        bus = _bus(asked, settings)
        move = _bus_move(work, asked, bus, beat_s)
        makes = (move.id,)
        yield move
    throw = thrown(word.start_s, word.end_s, word.next_s, settings)
    level_db = max(throw.level_db, number("automation.throw_least_db").value)
    tail_db = round(throw.tail_db + level_db - throw.level_db, 1)
    under_db = -number("automation.tail_under_db").value
    planned_db = round(max(under_db, tail_db + number("automation.throw_reserve_db").value), 1)
    promise = Expectation(metric="throw_tail_db", value=planned_db, tolerance=1.0, unit="dB", scope="mix")
    tail = Evidence(
        what="repeat that still sounds when the next line begins, against the word", value=tail_db,
        limit=under_db, unit="dB", source="automation.tail_under_db: guess",
        start_s=round(word.start_s, 3), end_s=round(word.end_s, 3),
    )  # fmt: skip
    grid = Evidence(
        what="most that a repeat is off the beats around", value=round(1000 * off_grid_s(work, settings, word.end_s), 2),
        limit=1000 * GRID_S, unit="ms", source="the beats found",
    )  # fmt: skip
    told = f"repeats every {settings.time_ms:.0f} ms, {-planned_db:g} dB under it or less when the next line begins"
    yield _move(
        asked, bus, _lane_of(word, level_db, tail_db), (tail, _room(word), _person(asked), grid), promise, makes, told
    )


def _into_reverb(work: Work, asked: _Asked) -> Iterator[Move]:
    spaces = [bus for bus in work.mix.buses if any(isinstance(insert.processor, Reverb) for insert in bus.inserts)]
    bus = next((bus for bus in spaces if bus.id == "plate"), spaces[0] if spaces else None)
    makes: tuple[str, ...] = () if bus is None else _made_by(work, bus.id)
    if bus is None:
        insert = Insert(id="reverb", slot="tone", processor=rooms.plate(work.facts))
        bus = Bus(id="throw-plate", name="Throw plate", kind="effect", inserts=(insert,))
        move = _bus_move(work, asked, bus, None)
        makes = (move.id,)
        yield move
    rest_db = send_at_rest_db(work, asked.lead, bus)
    lift_db = number("automation.bloom_db").value
    level_db = (
        round(min(0.0, rest_db + lift_db), 1) if rest_db > SILENT_DB else number("automation.throw_most_db").value
    )
    promise = Expectation(
        metric="bloom_lift_db", value=lift_db, before=0.0, tolerance=lift_db / 2, unit="dB", scope="mix"
    ) if rest_db > SILENT_DB else None  # fmt: skip
    word = asked.word
    found = _person(asked).model_copy(update={"start_s": round(word.start_s, 3), "end_s": round(word.end_s, 3)})
    lane = _lane_of(word, level_db, 0.0)
    yield _move(
        asked, bus, lane, (found, _room(word)), promise, makes, f"{level_db:+.1f} dB into the {bus.name.lower()}"
    )


def _lane_of(word: Word, level_db: float, tail_db: float) -> Throw:
    return Throw(word.start_s, word.end_s, word.next_s, level_db, tail_db)


def _move(
    asked: _Asked, bus: Bus, throw: Throw, because: tuple[Evidence, ...], promise: Expectation | None,
    makes: tuple[str, ...], told: str,
) -> Move:  # fmt: skip
    word, name = asked.word, asked.lead.track.name
    said = (
        f"\u201c{asked.wish.word}\u201d, taken as the word"
        if asked.wish.word
        else f"{asked.wish.which.capitalize()} word"
    )
    if asked.wish.at_s is not None and not asked.wish.word:
        said = "The word"
    return Move(
        id=asked.id, task="automation", where=Where(track=asked.lead.id),
        title=f"{said} {word.where} ({name}, {tell_time(word.start_s)}) goes into the {bus.name.lower()}, as asked: {told}",
        change=SendChange(send=Send(bus=bus.id, level_db=throw_lane([throw], SILENT_DB)), over=True),
        because=because, expects=promise, depends_on=makes, confidence=0.6 if asked.wish.word is None else 0.4,
    )  # fmt: skip


def _in_time(settings: Delay, beat_s: float) -> Delay:
    """Return the delay with the note value that it has, or the nearest one, at the beats around."""
    share = min(GRIDS, key=lambda one: abs(settings.time_ms / 1000 - one * beat_s))
    return settings.model_copy(update={"time_ms": round(1000 * share * beat_s, 2)})


def _bus(asked: _Asked, settings: Delay) -> Bus:
    insert = Insert(id="delay", slot="tone", processor=settings)
    slug = asked.id.split(MARK)[-1]
    return Bus(id=f"throw-{slug}", name="Throw delay", kind="effect", inserts=(insert,))


def _bus_move(work: Work, asked: _Asked, bus: Bus, beat_s: float | None) -> Move:
    beat = rooms.beat_s(work.facts) if beat_s is None else beat_s
    found = Evidence(what="length of a beat around the word", value=round(beat, 4), unit="s", source="the beats found")
    return Move(
        id=f"automation.{bus.id}.bus", task="automation", title=f"{bus.name} for {asked.wish.said.strip()}, in the tempo there",
        where=Where(bus=bus.id), change=BusChange(bus=bus), because=(found,), confidence=0.6,
    )  # fmt: skip


def _made_by(work: Work, bus_id: str) -> tuple[str, ...]:
    """Return the move that made a bus: without it there is nothing to send to."""
    makers = (m.id for m in work.mix.moves if isinstance(m.change, BusChange) and m.change.bus.id == bus_id)
    return tuple(makers)[-1:]


def _room(word: Word) -> Evidence:
    return Evidence(
        what="room after the word", value=round(word.next_s - word.end_s, 2), unit="s", source="the song's own lines",
        start_s=round(word.end_s, 3), end_s=round(word.next_s, 3),
    )  # fmt: skip


def _person(asked: _Asked) -> Evidence:
    return Evidence(
        what="words for which a person asks", value=1.0, unit="words", source=f"the person: {asked.wish.said}"
    )


def _unfound(wish: ThrowWish, id_: str, why: str) -> Move:
    found = Evidence(what="words found for it", value=0.0, limit=1.0, unit="words", source=f"the person: {wish.said}")
    title = f"No throw for \u201c{wish.said}\u201d: {why}"
    return Move(id=id_, task="automation", title=title, where=Where(), change=Nothing(), because=(found,))


def _slug(wish: ThrowWish, place: int) -> str:
    """Return what tells a wish from others in ids: its words, without what ids cannot hold."""
    plain = re.sub(r"[^a-z0-9]+", "-", wish.said.lower()).strip("-")[:40].strip("-")
    return plain or f"{place + 1}"
