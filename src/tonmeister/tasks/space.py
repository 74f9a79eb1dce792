"""Two or three shared spaces and one tempo delay for the whole song; nothing is sent twice that comes wet."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tonmeister.analysis.energy_steps import loudest_steps
from tonmeister.analysis.loudness import integrated_from_energies
from tonmeister.document.facts import TrackFacts
from tonmeister.document.fold import still_fader_db
from tonmeister.document.lane import constant
from tonmeister.document.move import BusChange, Evidence, Expectation, Move, Nothing, SendChange, Where
from tonmeister.document.strip import Bus, Insert, Send
from tonmeister.knowledge import number, role
from tonmeister.knowledge.moods import mood_source
from tonmeister.processing import Delay, Reverb
from tonmeister.tasks import rooms
from tonmeister.tasks.ducking import duck
from tonmeister.tasks.wet import dry_evidence, has_printed, printed_evidence, return_of, wet_evidence
from tonmeister.tasks.work import Work, evidence

_NONE_DB = -100.0
_LEAST_IN_HALL = 2
_LEAST_TEMPO_CONFIDENCE = 0.3
NAMES = {"plate": "Vocal plate", "room": "Room", "hall": "Hall"}


@dataclass(frozen=True, slots=True)
class Wanting:
    """A track that is to be heard in a space."""

    track: TrackFacts
    level_db: float
    is_wish: bool
    """Whether a person said so: then nobody changes the level."""


def propose(work: Work) -> Iterator[Move]:
    """Send dry tracks to the plate (voices), the hall (sustained) or the room, and the lead to a delay in tempo."""
    if work.facts.is_premixed:
        return
    yield from _left_wet(work)
    spaces = _share_out(work)
    shift_db, found = _coordinate(work, spaces)
    for bus, wanting in spaces.items():
        settings = {"plate": rooms.plate, "room": rooms.room, "hall": rooms.hall}[bus](work.facts)
        yield _bus_move(work, bus, settings, _shifted(wanting, shift_db))
        yield from duck(work, bus)
        for one in _shifted(wanting, shift_db):
            yield _send_move(
                one, bus, found if shift_db and not one.is_wish else None, None if one.is_wish else _mood_evidence(work)
            )
    yield from _echo(work, spaces.get("plate", []))


def _share_out(work: Work) -> dict[str, list[Wanting]]:
    """Return who goes into which space; a hall only where it has company and the song has room for it."""
    wanting = [one for track in work.facts.tracks for one in _wanting(work, track)]
    is_sparse = rooms.tracks_at_once(work.facts) <= number("space.hall_tracks_most").value
    sustained = [one for one in wanting if role(one.track.track.role).space == "hall"]
    has_hall = is_sparse and len(sustained) >= _LEAST_IN_HALL
    spaces: dict[str, list[Wanting]] = {"plate": [], "room": [], "hall": []}
    for one in wanting:
        is_sustained = has_hall and one in sustained
        spaces["plate" if one.track.track.family == "vocal" else "hall" if is_sustained else "room"].append(one)
    return {bus: there for bus, there in spaces.items() if there}


def _wanting(work: Work, track: TrackFacts) -> Iterator[Wanting]:
    """Yield a track that is to have reverb: its role has a send, and neither it nor a stem beside it brings one along."""
    wish_db = track.track.reverb_wish_db
    genre_db = work.genre.reverb_db if work.genre is not None else 0.0
    level_db = role(track.track.role).reverb_db if wish_db is None else wish_db
    if not track.is_touchable or level_db <= _NONE_DB:
        return
    is_served = (
        return_of(track) is not None or has_printed(work.facts, "reverb") or wet_evidence(work, track) is not None
    )
    if wish_db is not None or not is_served:
        own_db = level_db + genre_db + mood_db(work)
        yield Wanting(track, level_db if wish_db is not None else own_db, is_wish=wish_db is not None)


def mood_db(work: Work) -> float:
    """Return what the moods change of all sends."""
    return sum(mood.space_db for mood in work.moods.values())


def _mood_evidence(work: Work) -> Evidence | None:
    if not mood_db(work):
        return None
    source = "; ".join(mood_source(name, "space") for name, mood in work.moods.items() if mood.space_db)
    return Evidence(what="change of all reverbs that the mood asks for", value=mood_db(work), unit="dB", source=source)


def _left_wet(work: Work) -> Iterator[Move]:
    """Say which tracks get no second reverb, and why."""
    for track in work.facts.tracks:
        if not track.is_touchable or track.track.reverb_wish_db is not None:
            continue
        kind = return_of(track)
        wants = role(track.track.role).reverb_db > _NONE_DB
        found = printed_evidence(work.facts, kind) if kind is not None else wet_evidence(work, track) if wants else None
        if found is not None:
            name = track.track.name
            title = (
                f"{name} is a {kind} return: it gets no effect of ours"
                if kind
                else f"{name} comes wet: no second reverb"
            )
            yield Move(
                id=f"space.{track.id}.left", task="space", title=title, where=Where(track=track.id), change=Nothing(), because=(found,),
                confidence=0.7,
            )  # fmt: skip


def _coordinate(work: Work, spaces: dict[str, list[Wanting]]) -> tuple[float, Evidence | None]:
    """Return by how much all sends together must change so that the spaces stay in their band under the mix."""
    place_lu = wet_place_lu(work, [one for there in spaces.values() for one in there])
    if place_lu is None:
        return 0.0, None
    low, high = (number(f"space.{name}").value + mood_db(work) for name in ("wet_low_lu", "wet_high_lu"))
    against = "space.wet_high_lu" if place_lu > high else "space.wet_low_lu"
    shift_db = float(np.clip(place_lu, low, high)) - place_lu
    return round(shift_db, 1), evidence(
        "all reverb together against the mix, before correction", place_lu, against=against
    )


def wet_place_lu(work: Work, wanting: list[Wanting]) -> float | None:
    """Return the expected loudness of the returns against the whole mix, powers added; None without any."""
    powers = [_power(work, one.track) * 10 ** (one.level_db / 10) for one in wanting]
    total = sum(_power(work, track) for track in work.facts.tracks if track.track.used)
    if not sum(powers) > 0:
        return None
    wet = sum(powers) * 10 ** (rooms.WET_GAIN_DB / 10)
    return float(10 * np.log10(wet / (total + wet)))


def busiest_place_lu(work: Work, wanting: list[Wanting]) -> float | None:
    """Return the same for one space, where most is sent to it for as long as the check listens."""
    used = [track for track in work.facts.tracks if track.track.used]
    longest = max((len(work.heard[track.id].energies_100ms) for track in used), default=0)
    levels = {one.track.id: one.level_db for one in wanting}
    sent, total = np.zeros(longest), np.zeros(longest)
    for track in used:
        energies = work.heard[track.id].energies_100ms
        placed = energies * 10 ** (still_fader_db(work.mix, track.id) / 10)
        total[: len(energies)] += placed
        if track.id in levels:
            sent[: len(energies)] += placed * 10 ** ((levels[track.id] + rooms.WET_GAIN_DB) / 10)
    first, end = loudest_steps(sent, length=rooms.CHECKED_STEPS)
    wet, dry = float(sent[first:end].sum()), float(total[first:end].sum())
    return float(10 * np.log10(wet / (wet + dry))) if wet > 0 else None


def _shifted(wanting: list[Wanting], shift_db: float) -> list[Wanting]:
    return [
        one if one.is_wish else Wanting(one.track, round(one.level_db + shift_db, 1), is_wish=False) for one in wanting
    ]


def _power(work: Work, track: TrackFacts) -> float:
    """Return the K-weighted power of a strip behind its fader."""
    lufs = integrated_from_energies(work.heard[track.id].energies_100ms)
    fader_db = still_fader_db(work.mix, track.id)
    return 0.0 if lufs is None else float(10 ** ((lufs + fader_db) / 10))


def _bus_move(work: Work, bus_id: str, settings: Reverb, wanting: list[Wanting]) -> Move:
    name = NAMES[bus_id]
    bus = Bus(id=bus_id, name=name, kind="effect", inserts=(Insert(id="reverb", slot="tone", processor=settings),))
    at_once = Evidence(
        what="tracks that play at once, on average", value=round(rooms.tracks_at_once(work.facts), 1), unit="tracks",
        source="a dense song gets shorter spaces",
    )  # fmt: skip
    count = Evidence(
        what="dry tracks whose role wants a space",
        value=len(wanting),
        limit=1,
        unit="tracks",
        source="roles: reverb_db",
    )
    place_lu = busiest_place_lu(work, wanting)
    promise = None if place_lu is None else Expectation(
        metric="reverb_level_lu", value=round(place_lu, 1), tolerance=number("space.wet_tolerance_lu").value, unit="LU", scope="mix",
    )  # fmt: skip
    return Move(
        id=f"space.{bus_id}.bus", task="space", title=f"{name}, {settings.decay_s:.1f} s, {settings.pre_delay_ms:.0f} ms late",
        where=Where(bus=bus_id), change=BusChange(bus=bus), because=(count, at_once), expects=promise, confidence=0.6,
    )  # fmt: skip


def _echo(work: Work, plate: list[Wanting]) -> Iterator[Move]:
    """Send the leads to a delay in tempo, unless one of the stems is a delay already."""
    song = work.facts.song
    leads = [one.track for one in plate if role(one.track.track.role).delay_db > _NONE_DB]
    is_in_time = song.tempo_bpm is not None and song.tempo_confidence >= _LEAST_TEMPO_CONFIDENCE
    if not leads or not is_in_time or has_printed(work.facts, "delay"):
        return
    yield _delay_bus(work, rooms.echo(work.facts))
    for track in leads:
        yield _send_move(Wanting(track, role(track.track.role).delay_db, is_wish=False), "delay")


def _delay_bus(work: Work, settings: Delay) -> Move:
    tempo, confidence = work.facts.song.tempo_bpm or 100.0, work.facts.song.tempo_confidence
    insert = Insert(id="delay", slot="tone", processor=settings)
    bus = Bus(id="delay", name="Tempo delay", kind="effect", inserts=(insert,))
    found = Evidence(
        what="tempo, and how sure it is", value=round(confidence, 2), limit=_LEAST_TEMPO_CONFIDENCE, unit="share", source="the beats found"
    )  # fmt: skip
    title = f"Delay in tempo ({tempo:.0f} bpm, {settings.time_ms:.0f} ms)"
    return Move(id="space.delay.bus", task="space", title=title, where=Where(bus="delay"), change=BusChange(bus=bus), because=(found,), confidence=0.5)  # fmt: skip


def _send_move(one: Wanting, bus: str, *others: Evidence | None) -> Move:
    track = one.track
    because = (dry_evidence(track), *(found for found in others if found is not None))
    return Move(
        id=f"space.{track.id}.{bus}", task="space", title=f"{track.track.name} to the {bus} at {one.level_db:.0f} dB",
        where=Where(track=track.id), change=SendChange(send=Send(bus=bus, level_db=constant(one.level_db))), because=because,
        depends_on=(f"space.{bus}.bus",), confidence=0.6,
    )  # fmt: skip
