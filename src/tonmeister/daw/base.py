"""From a session to the base of a mix: each track's strip as it came in, its groups, returns, sends and ways as moves by the person."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tonmeister.daw.names import clean_name
from tonmeister.daw.pans_in import converted, law_of, our_pan
from tonmeister.daw.session import DawSession, Device, SessionSend, SessionTrack
from tonmeister.document.lane import SILENT_DB, add_lanes, constant
from tonmeister.document.move import BusChange, Change, Evidence, Move, RouteChange, SendChange, Where
from tonmeister.document.strip import MASTER, Bus, Insert, Send, Strip
from tonmeister.knowledge import number
from tonmeister.processing.registry import is_neutral

MOVES = "session."
"""Begins the ids of moves that say what a session came with."""
OF_SESSION = "session-"
"""Begins the ids of inserts and buses that a session came with; they run before ours, as they stand before ours there."""
_STILL_DB = 0.1
"""A fader within this of where most stand has not been moved."""
_STILL_PAN = 0.01


@dataclass(frozen=True, slots=True)
class Base:
    """What a mix of a session begins with."""

    strips: Mapping[str, Strip]
    """By track id of the document."""
    moves: tuple[Move, ...] = ()
    """Groups, returns, sends and ways, set by the person."""
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What of a track, by the session's id, is not heard here; sentences."""
    buses: Mapping[str, str] = field(default_factory=dict)
    """Session's id of a group or return → its bus."""


def carries_balance(session: DawSession) -> bool:
    """Say whether somebody has set faders and pans: most tracks do not stand where most faders stand, or are panned."""
    tracks = [track for track in session.of_kind("audio") if track.clips and not is_muted(session, track)]
    if len(tracks) < 2:
        return False
    faders = [round(track.fader_db.points[0].value, 1) for track in tracks]
    usual = Counter(faders).most_common(1)[0][0]
    moved = sum(
        abs(fader - usual) > _STILL_DB or abs(track.pan.points[0].value) > _STILL_PAN or not track.fader_db.is_constant
        for fader, track in zip(faders, tracks, strict=True)
    )
    return moved >= number("session.moved_share_least").value * len(tracks)


def is_muted(session: DawSession, track: SessionTrack) -> bool:
    """Say whether a track is silent throughout, by its own mute or that of a group above it."""
    here: SessionTrack | None = track
    for _ in range(64):
        if here is None:
            return False
        if all(point.value >= 1 for point in here.mute.points):
            return True
        here = session.track(here.output) if here.output is not None else None
    return False


def build_base(session: DawSession, tracks: Mapping[str, tuple[str, int]], *, keeps_balance: bool) -> Base:
    """Return the base of a mix.

    Args:
        session: What was read, with ways as `plain_ways` gives them.
        tracks: Session's track id → the document's track id, and its channels there.
        keeps_balance: Whether faders, pans, sends and rides are the person's to keep; else only what is no balance is taken.
    """
    buses = _bus_ids(session)
    made = {one: _bus(session, one, buses, keeps_balance=keeps_balance) for one in buses}
    returns = {one for one, bus in made.items() if bus.kind == "effect"}
    strips: dict[str, Strip] = {}
    notes: dict[str, tuple[str, ...]] = {}
    moves = [_bus_move(session, one, bus) for one, bus in made.items()]
    for track in session.tracks:
        told = tuple(_notes(track, buses, returns, session))
        if told:
            notes[track.id] = told
        if track.id not in tracks:
            continue
        doc_id, channels = tracks[track.id]
        strips[doc_id] = _strip(session, track, channels, keeps_balance=keeps_balance)
        moves += _way_moves(session, track, doc_id, buses, returns if keeps_balance else set())
    return Base(strips, tuple(moves), notes, buses)


def plain_ways(session: DawSession) -> DawSession:
    """Return the session with ways that are sends taken for outputs: a track that is heard by one send alone goes there."""
    tracks = []
    for track in session.tracks:
        on = [send for send in track.sends if send.is_on and not send.is_pre_fader and not _is_shut(send)]
        if track.is_heard or len(on) != 1 or track.kind == "master":
            tracks.append(track)
            continue
        rest = tuple(send for send in track.sends if send is not on[0])
        fader = add_lanes(track.fader_db, on[0].level_db)
        tracks.append(track.model_copy(update={"output": on[0].to, "sends": rest, "is_heard": True, "fader_db": fader}))
    ways = session.model_copy(update={"tracks": tuple(tracks)})
    fed = {track.output for track in ways.tracks}
    sounds = tuple(
        track.model_copy(update={"kind": "group"}) if track.kind == "return" and track.id in fed else track
        for track in ways.tracks
    )
    return ways.model_copy(update={"tracks": sounds})


def _is_shut(send: SessionSend) -> bool:
    return all(point.value <= SILENT_DB for point in send.level_db.points)


def _master_ids(session: DawSession) -> set[str]:
    return {track.id for track in session.of_kind("master")}


def _bus_ids(session: DawSession) -> dict[str, str]:
    """Return the bus of every group that something goes to, and of every return that we can run."""
    fed = {track.output for track in session.tracks} - {None}
    sent = {send.to for track in session.tracks for send in track.sends if send.is_on and not _is_shut(send)}
    found: dict[str, str] = {}
    for track in session.of_kind("group", "return"):
        can_run = track.kind == "return" and track.id in sent and not _unknown(track) and _inserts(track)
        if (track.kind == "group" and track.id in fed) or can_run:
            name = "-".join(clean_name(track.name, otherwise="bus").lower().split()) or "bus"
            candidate, count = f"{OF_SESSION}{name}", 2
            while candidate in found.values():
                candidate, count = f"{OF_SESSION}{name}-{count}", count + 1
            found[track.id] = candidate
    return found


def _bus(session: DawSession, track_id: str, buses: Mapping[str, str], *, keeps_balance: bool) -> Bus:
    track = next(one for one in session.tracks if one.id == track_id)
    is_effect = track.kind == "return"
    return Bus(
        id=buses[track_id],
        name=track.name,
        kind="effect" if is_effect else "group",
        inserts=_inserts(track),
        fader_db=track.fader_db if keeps_balance or is_effect else constant(0.0),
        mute=track.mute,
        output=_output(session, track, buses),
    )


def _output(session: DawSession, track: SessionTrack, buses: Mapping[str, str]) -> str:
    """Return the group that a track or bus goes to; a way around in a circle goes to the master."""
    seen, here = {track.id}, track.output
    while here is not None and here not in _master_ids(session):
        if here in seen:
            return MASTER
        seen.add(here)
        following = session.track(here)
        if following is None:
            return MASTER
        if here in buses and following.kind == "group":
            return buses[here] if not _in_circle(session, here) else MASTER
        here = following.output
    return MASTER


def _in_circle(session: DawSession, track_id: str) -> bool:
    seen: set[str] = set()
    here: str | None = track_id
    while here is not None:
        if here in seen:
            return True
        seen.add(here)
        track = session.track(here)
        here = None if track is None else track.output
    return False


def _inserts(track: SessionTrack) -> tuple[Insert, ...]:
    found: list[Insert] = []
    for device in track.devices:
        if not device.is_on or device.processor is None or is_neutral(device.processor):
            continue
        kind = device.processor.kind
        count = sum(insert.processor.kind == kind for insert in found) + 1
        found.append(Insert(id=f"{OF_SESSION}{kind}-{count}", slot="corrective", processor=device.processor))
    return tuple(found)


def _unknown(track: SessionTrack) -> list[Device]:
    return [device for device in track.devices if device.is_on and device.processor is None]


def _strip(session: DawSession, track: SessionTrack, channels: int, *, keeps_balance: bool) -> Strip:
    plain = Strip(polarity_inverted=track.polarity_inverted, inserts=_inserts(track))
    if not keeps_balance:
        return plain
    law = law_of(session, track.channels or channels)
    pan, fader_db = converted(track.pan, track.fader_db, lambda position: our_pan(position, channels, law))
    fields = {"trim_db": track.trim_db, "fader_db": fader_db, "pan": pan, "mute": track.mute}
    return plain.model_copy(update=fields)


def _bus_move(session: DawSession, track_id: str, bus: Bus) -> Move:
    members = sum(track.output == track_id for track in session.tracks)
    members += sum(send.to == track_id for track in session.tracks for send in track.sends)
    return _move(
        f"{MOVES}{bus.id}.bus", f"{bus.name}: a {'return' if bus.kind == 'effect' else 'group'} of the session",
        Where(bus=bus.id), BusChange(bus=bus), members, (),
    )  # fmt: skip


def _way_moves(
    session: DawSession, track: SessionTrack, doc_id: str, buses: Mapping[str, str], returns: set[str]
) -> Iterator[Move]:
    output = _output(session, track, buses)
    if output != MASTER:
        yield _move(
            f"{MOVES}{doc_id}.output", f"{track.name} goes to {output.removeprefix(OF_SESSION)}, as in the session",
            Where(track=doc_id), RouteChange(output=output), 1, (f"{MOVES}{output}.bus",),
        )  # fmt: skip
    for send in track.sends:
        bus = buses.get(send.to)
        if bus is None or send.to not in returns or not send.is_on or _is_shut(send):
            continue
        level = send.level_db
        if send.is_pre_fader and track.fader_db.is_constant and level.is_constant:
            level = constant(round(min(level.points[0].value - track.fader_db.points[0].value, 12.0), 4))
        yield _move(
            f"{MOVES}{doc_id}.send.{bus}", f"{track.name} sends to {bus.removeprefix(OF_SESSION)}, as in the session",
            Where(track=doc_id), SendChange(send=Send(bus=bus, level_db=level)), 1, (f"{MOVES}{bus}.bus",),
        )  # fmt: skip


def _move(name: str, title: str, where: Where, change: Change, count: int, needs: tuple[str, ...]) -> Move:
    found = Evidence(what="ways that the session has", value=count, unit="tracks", source="the person's session")
    return Move(
        id=name,
        task="balance",
        title=title,
        where=where,
        change=change,
        because=(found,),
        depends_on=needs,
        set_by="person",
    )


def _notes(track: SessionTrack, buses: Mapping[str, str], returns: set[str], session: DawSession) -> Iterator[str]:
    names = ", ".join(dict.fromkeys(device.name for device in _unknown(track)))
    if names and track.kind != "notes":
        yield f"Not heard here, kept in the session: {names}."
    for device in track.devices:
        if device.is_on and device.processor is not None and device.differs:
            yield f"{device.name} is heard without {device.differs}."
    if track.kind == "return" and track.id not in buses:
        yield "This return is not heard here and stays in the session."
    if track.kind in ("group", "return") and any(abs(point.value) > _STILL_PAN for point in track.pan.points):
        yield "The pan of a group or return is not heard here and stays in the session."
    if track.kind == "master" and any(device.is_on for device in track.devices):
        yield "The master's plugins are not heard here and stay in the session: switch them off to hear ours alone."
    unheard = [send for send in track.sends if send.is_on and not _is_shut(send) and send.to not in returns]
    for send in unheard:
        to = session.track(send.to)
        yield f"Its send to {to.name if to else 'a track that is not there'} is not heard here and stays in the session."
    if any(send.is_pre_fader and send.to in returns for send in track.sends):
        yield "Its send before the fader follows the fader here."


def unused_kinds(tracks: Sequence[SessionTrack]) -> Iterator[tuple[SessionTrack, str]]:
    """Yield the tracks that no stem is made of, and why not."""
    for track in tracks:
        if track.kind == "notes":
            yield track, "It plays notes; print it in the DAW (freeze, bounce in place)."
        elif track.kind == "audio" and not track.clips:
            yield track, "It has no clips."
