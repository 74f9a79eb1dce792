"""One room, one plate and one tempo delay, shared by the tracks that want them."""

from collections.abc import Iterator

import numpy as np

from tonmeister.document.facts import TrackFacts
from tonmeister.document.lane import constant
from tonmeister.document.move import BusChange, Evidence, Move, SendChange, Where
from tonmeister.document.strip import Bus, Insert, Send
from tonmeister.knowledge import number, role
from tonmeister.processing import Delay, Reverb
from tonmeister.tasks.work import Work, evidence

_NONE_DB = -100.0


def propose(work: Work) -> Iterator[Move]:
    """Send dry tracks to a plate (voices) or a room (everything else), and the lead to a delay in tempo."""
    if work.facts.is_premixed:
        return
    wanting = [track for track in work.facts.tracks if _wants_reverb(track)]
    plate = [track for track in wanting if track.track.family == "vocal"]
    room = [track for track in wanting if track.track.family != "vocal"]
    if plate:
        yield _bus_move("plate", "Vocal plate", _plate(work), len(plate))
    if room:
        yield _bus_move("room", "Room", _room(), len(room))
    for bus, tracks in (("plate", plate), ("room", room)):
        for track in tracks:
            level = track.track.reverb_wish_db
            genre_db = work.genre.reverb_db if work.genre is not None else 0.0
            yield _send_move(track, bus, role(track.track.role).reverb_db + genre_db if level is None else level)
    leads = [track for track in plate if role(track.track.role).delay_db > _NONE_DB]
    if leads and work.facts.song.tempo_bpm and work.facts.song.tempo_confidence >= 0.3:
        yield _delay_bus(work)
        for track in leads:
            yield _send_move(track, "delay", role(track.track.role).delay_db)


def _wants_reverb(track: TrackFacts) -> bool:
    """Say whether a track is to have reverb: its role has a send, and it does not come wide and wet already."""
    wish_db = track.track.reverb_wish_db
    level_db = role(track.track.role).reverb_db if wish_db is None else wish_db
    if not track.is_touchable or level_db <= _NONE_DB:
        return False
    correlation = track.figures.stereo.correlation
    is_wet = correlation is not None and correlation < number("space.wet_correlation_most").value
    return wish_db is not None or not is_wet


def _plate(work: Work) -> Reverb:
    tempo = work.facts.song.tempo_bpm or 100.0
    decay_s = float(np.clip(number("space.plate_decay_s").value * 100 / tempo, 0.9, 2.6))
    return Reverb(
        decay_s=round(decay_s, 2),
        pre_delay_ms=round(float(np.clip(60000 / tempo / 16, 15, 50)), 1),
        low_cut_hz=200,
        high_cut_hz=9000,
    )


def _room() -> Reverb:
    return Reverb(
        decay_s=number("space.room_decay_s").value,
        pre_delay_ms=5,
        size=0.3,
        low_cut_hz=150,
        high_cut_hz=8000,
        early_db=0.0,
    )


def _bus_move(bus_id: str, name: str, settings: Reverb, users: int) -> Move:
    bus = Bus(id=bus_id, name=name, kind="effect", inserts=(Insert(id="reverb", slot="tone", processor=settings),))
    count = Evidence(
        what="dry tracks whose role wants a space", value=users, limit=1, unit="tracks", source="roles: reverb_db"
    )
    return Move(id=f"space.{bus_id}.bus", task="space", title=f"{name}, {settings.decay_s:.1f} s", where=Where(bus=bus_id), change=BusChange(bus=bus), because=(count,), confidence=0.6)  # fmt: skip


def _delay_bus(work: Work) -> Move:
    tempo = work.facts.song.tempo_bpm or 100.0
    quarter_ms = 60000 / tempo
    time_ms = quarter_ms if quarter_ms < 450 else quarter_ms / 2
    settings = Delay(
        time_ms=round(time_ms, 2), feedback=0.25, ping_pong=True, low_cut_hz=250, high_cut_hz=5000, ducking_db=6.0
    )
    bus = Bus(
        id="delay", name="Tempo delay", kind="effect", inserts=(Insert(id="delay", slot="tone", processor=settings),)
    )
    found = evidence("decay of the plate that it goes with", _plate(work).decay_s, against="space.plate_decay_s")
    return Move(id="space.delay.bus", task="space", title=f"Delay in tempo ({tempo:.0f} bpm)", where=Where(bus="delay"), change=BusChange(bus=bus), because=(found,), confidence=0.5)  # fmt: skip


def _send_move(track: TrackFacts, bus: str, level_db: float) -> Move:
    correlation = track.figures.stereo.correlation
    dry = evidence(
        "correlation of its channels (1 is mono and dry)",
        1.0 if correlation is None else correlation,
        against="space.wet_correlation_most",
    )
    return Move(
        id=f"space.{track.id}.{bus}", task="space", title=f"{track.track.name} to the {bus} at {level_db:.0f} dB", where=Where(track=track.id),
        change=SendChange(send=Send(bus=bus, level_db=constant(level_db))), because=(dry,), depends_on=(f"space.{bus}.bus",), confidence=0.6,
    )  # fmt: skip
