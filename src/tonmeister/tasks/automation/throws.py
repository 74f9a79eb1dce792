"""Throws and blooms: the last word before a chorus goes into the delay, the last one before a quiet part into the plate."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import floor, log10

import numpy as np

from tonmeister.analysis.phrases import Phrase
from tonmeister.document.facts import TrackFacts
from tonmeister.document.lane import SILENT_DB, Lane, Point
from tonmeister.document.move import Evidence, Expectation, Move, SendChange, Where
from tonmeister.document.strip import Bus, Send
from tonmeister.knowledge import number
from tonmeister.processing import Delay
from tonmeister.tasks.automation.lines import phrases_of
from tonmeister.tasks.automation.words import last_word_s
from tonmeister.tasks.pacing.form import Part, find_parts
from tonmeister.tasks.work import Work

_OPEN_S, _SHUT_S = 0.02, 0.05
"""Ramps of the gain: shorter ones would be heard as a click in what is sent."""
_REPEATS = 4
"""So many repeats are held to the grid; later ones are below what is heard beside the song."""
GRID_S = 0.005
GRIDS = (0.5, 0.75, 1.0)
"""A repeat comes an eighth, a dotted eighth or a quarter note later."""
_AROUND_S = 4.0
_BLOOM_BEFORE = ("bridge", "breakdown", "outro")


@dataclass(frozen=True, slots=True)
class Throw:
    """A word that goes into an effect."""

    start_s: float
    end_s: float
    next_s: float
    """Where the next line begins."""
    level_db: float
    """Level of the send while it is open."""
    tail_db: float
    """Level of the repeat that still sounds when the next line begins, against the word."""


def propose(work: Work, *, but: Sequence[tuple[float, float]] = ()) -> Iterator[Move]:
    """Throw the ends of phrases that lead into another section, where there is room before the next line.

    Words that begin within a span of `but` are left out: a person has said what becomes of them.
    """
    if work.facts.is_premixed or work.budget.name == "transparent":
        return
    parts = find_parts(work)
    delay = next((bus for bus in work.mix.buses if delay_of(bus) is not None), None)
    plate = next((bus for bus in work.mix.buses if bus.id == "plate"), None)
    for lead in work.facts.leads:
        if lead.track.role != "lead vocal" or not lead.is_touchable:
            continue
        if delay is not None and (thrown := _left(find_throws(work, lead, delay, parts), but)):
            yield _move(work, lead, delay, thrown)
        if plate is not None and (blooms := _left(_find_blooms(work, lead, plate, parts), but)):
            yield _move(work, lead, plate, blooms)


def _left(throws: Iterable[Throw], but: Sequence[tuple[float, float]]) -> list[Throw]:
    return [throw for throw in throws if not any(start <= throw.start_s < end for start, end in but)]


def find_throws(work: Work, lead: TrackFacts, delay: Bus, parts: Sequence[Part]) -> Iterator[Throw]:
    """Yield the throws of a lead: before choruses, as loud as the room before the next line allows."""
    settings = delay_of(delay)
    if settings is None:
        return
    for phrase in _leading_into(work, lead, parts, ("chorus",)):
        start_s, end_s = last_word_s(lead.curves.rms_10ms, phrase)
        throw = thrown(start_s, end_s, phrase.end_s + phrase.gap_s, settings)
        is_on_grid = off_grid_s(work, settings, end_s) <= GRID_S
        if throw.level_db >= number("automation.throw_least_db").value and is_on_grid:
            yield throw


def thrown(start_s: float, end_s: float, next_s: float, settings: Delay) -> Throw:
    """Return a word in a delay, as loud as leaves the repeat that overlaps the next line far enough under the word."""
    time_s, fall_db = settings.time_ms / 1000, 20 * log10(max(settings.feedback, 1e-3))
    sounding = max(0, floor((next_s - end_s) / time_s)) + 1
    under_db = -number("automation.tail_under_db").value - number("automation.throw_reserve_db").value
    level_db = round(min(number("automation.throw_most_db").value, under_db - fall_db * (sounding - 1)), 1)
    return Throw(start_s, end_s, next_s, level_db, round(level_db + fall_db * (sounding - 1), 1))


def _find_blooms(work: Work, lead: TrackFacts, plate: Bus, parts: Sequence[Part]) -> Iterator[Throw]:
    base_db = send_at_rest_db(work, lead, plate)
    if base_db <= SILENT_DB:
        return
    for phrase in _leading_into(work, lead, parts, _BLOOM_BEFORE):
        if phrase.gap_s >= number("automation.bloom_gap_least_s").value:
            start_s, end_s = last_word_s(lead.curves.rms_10ms, phrase)
            level_db = min(0.0, base_db + number("automation.bloom_db").value)
            yield Throw(start_s, end_s, phrase.end_s + phrase.gap_s, round(level_db, 1), base_db)


def _leading_into(work: Work, lead: TrackFacts, parts: Sequence[Part], kinds: Sequence[str]) -> Iterator[Phrase]:
    """Yield the last phrase before each section of these kinds that begins anew, if it ends near the border."""
    phrases = phrases_of(work.facts, lead)
    near_s = number("automation.throw_near_s").value
    for before, after in itertools.pairwise(parts):
        if after.kind not in kinds or before.kind == after.kind:
            continue
        ended = [
            p
            for p in phrases
            if before.start_s <= p.end_s <= after.start_s + 0.25 and p.end_s >= after.start_s - near_s
        ]
        if ended:
            yield ended[-1]


def off_grid_s(work: Work, settings: Delay, at_s: float) -> float:
    """Return how far the last repeat that counts is off the beats around: a fixed delay leaves a tempo that moves; inf without beats."""
    beat_s = beat_around_s(work, at_s)
    if beat_s is None:
        return float("inf")
    return min(abs(settings.time_ms / 1000 - share * beat_s) for share in GRIDS) * _REPEATS


def beat_around_s(work: Work, at_s: float) -> float | None:
    """Return how long the beats around a time last; None without beats."""
    line = work.facts.time_line
    beats = np.zeros(0) if line is None else line.beats_s[np.abs(line.beats_s - at_s) <= _AROUND_S]
    tempo = work.facts.song.tempo_bpm
    return float(np.mean(np.diff(beats))) if beats.size > 2 else 60 / tempo if tempo else None


def _move(work: Work, lead: TrackFacts, bus: Bus, throws: Sequence[Throw]) -> Move:
    is_delay = delay_of(bus) is not None
    what = "throws" if is_delay else "blooms"
    nearest = max(throws, key=lambda throw: throw.tail_db) if is_delay else throws[0]
    ordered = (nearest, *(throw for throw in throws if throw is not nearest))
    because = tuple(reason for throw in ordered for reason in _reasons(throw, is_delay=is_delay))
    change = SendChange(send=Send(bus=bus.id, level_db=throw_lane(throws, send_at_rest_db(work, lead, bus))), over=True)
    bus_move = f"space.{bus.id}.bus"
    return Move(
        id=f"automation.{lead.id}.{what}", task="automation",
        title=f"{len(throws)} last {'word' if len(throws) == 1 else 'words'} of {lead.track.name} into the {bus.name.lower()}",
        where=Where(track=lead.id), change=change, because=because, expects=_promise(is_delay=is_delay),
        depends_on=(bus_move,) if any(move.id == bus_move for move in work.mix.moves) else (), confidence=0.5,
    )  # fmt: skip


def _promise(*, is_delay: bool) -> Expectation:
    """Return what the first throw of the list promises: its tail is gone when the next line begins, or the space blooms."""
    if is_delay:
        under_db = number("automation.tail_under_db").value
        return Expectation(metric="throw_tail_db", value=-under_db, tolerance=1.0, unit="dB", scope="mix")
    lift_db = number("automation.bloom_db").value
    return Expectation(metric="bloom_lift_db", value=lift_db, before=0.0, tolerance=lift_db / 2, unit="dB", scope="mix")


def throw_lane(throws: Sequence[Throw], base_db: float) -> Lane:
    """Return the send: open on the word's first sample, back where it was after its last."""
    points = [Point(time_s=0.0, value=base_db)]
    for throw in throws:
        for time_s, value in (
            (throw.start_s - _OPEN_S, base_db), (throw.start_s, throw.level_db), (throw.end_s, throw.level_db),
            (throw.end_s + _SHUT_S, base_db),
        ):  # fmt: skip
            if time_s > points[-1].time_s:
                points.append(Point(time_s=round(time_s, 3), value=value))
    return Lane(law="linear_gain", points=tuple(points))


def _reasons(throw: Throw, *, is_delay: bool) -> tuple[Evidence, Evidence]:
    """Return the word, and the room behind it up to where the next line begins."""
    source = "automation.bloom_gap_least_s: guess"
    room = Evidence(
        what="room after the last word", value=round(throw.next_s - throw.end_s, 2), limit=number("automation.bloom_gap_least_s").value,
        unit="s", source=source, start_s=round(throw.end_s, 3), end_s=round(throw.next_s, 3),
    )  # fmt: skip
    if not is_delay:
        word = room.model_copy(
            update={
                "what": "room after this word before a quiet part",
                "start_s": throw.start_s,
                "end_s": round(throw.end_s, 3),
            }
        )
        return word, room
    word = Evidence(
        what="repeat that still sounds when the next line begins, against the word", value=throw.tail_db,
        limit=-number("automation.tail_under_db").value, unit="dB", source="automation.tail_under_db: guess",
        start_s=throw.start_s, end_s=round(throw.end_s, 3),
    )  # fmt: skip
    return word, room.model_copy(update={"limit": None, "source": "the song's own lines"})


def delay_of(bus: Bus) -> Delay | None:
    """Return the delay of an effect bus; None without one."""
    return next((insert.processor for insert in bus.inserts if isinstance(insert.processor, Delay)), None)


def send_at_rest_db(work: Work, lead: TrackFacts, bus: Bus) -> float:
    """Return what a voice sends to a bus where nothing is thrown; SILENT_DB for nothing."""
    sends = work.mix.track(lead.id).strip.sends
    return next((send.level_db.points[0].value for send in sends if send.bus == bus.id), SILENT_DB)
