"""From base and moves to strips, buses and master chain: the only way a mix comes about."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from tonmeister.document.lane import Lane, add_lanes, louder_of
from tonmeister.document.mix import Mix
from tonmeister.document.move import (
    AmountChange,
    BandChange,
    BusChange,
    BusEdit,
    Change,
    DelayChange,
    FaderChange,
    InsertChange,
    MasterEdit,
    Move,
    MuteChange,
    Nothing,
    PanChange,
    PolarityChange,
    RouteChange,
    SendChange,
    SendRideChange,
    StripEdit,
    TargetChange,
    TrimChange,
    WidthChange,
)
from tonmeister.document.strip import MASTER, SLOTS, Bus, Insert, MasterChain, Send, Strip
from tonmeister.errors import DocumentError
from tonmeister.processing import Equaliser

APPLIED = ("accepted", "locked")
"""States in which a move is part of the mix."""

MOVING = ("automation", "pacing")
"""Tasks whose moves move in time around what the others set."""

_DECIMALS = 5
"""Numbers of the document have as many."""

EFFECTIVE_SLOT = {slot: place for place, slot in enumerate(SLOTS)}


def applied_moves(moves: tuple[Move, ...]) -> list[Move]:
    """Return the moves that are part of the mix, in the order in which they apply.

    A move is left out while one that it depends on is not applied; moves that depend on each other are all left out. Within one
    place of the order a move comes behind those on which it depends.
    """
    standing: dict[str, int] = {}
    waiting = [move for move in moves if move.state in APPLIED]
    while ready := [move for move in waiting if all(name in standing for name in move.depends_on)]:
        depth = 1 + max(standing.values(), default=-1)
        standing |= {move.id: depth for move in ready}
        waiting = [move for move in waiting if move.id not in standing]
    applied = [move for move in moves if move.id in standing]
    return sorted(applied, key=lambda move: (move.order, standing[move.id]))


def fold(mix: Mix) -> Mix:
    """Return the mix with strips, buses and master made anew from base and applied moves.

    Raises:
        DocumentError: If a move touches a track or bus that is not there.
    """
    strips = {track.id: track.base for track in mix.tracks}
    buses: dict[str, Bus] = {}
    master = MasterChain()
    moves = applied_moves(mix.moves)
    for move in moves:
        where = move.where
        if isinstance(move.change, BusChange | BusEdit):
            buses[move.change.bus.id] = move.change.bus
        elif where.track is not None:
            if where.track not in strips:
                raise DocumentError(f"move {move.id} touches track {where.track!r}, which is not there")
            strips[where.track] = change_strip(strips[where.track], move.change)
        elif where.bus == MASTER:
            master = change_master(master, move.change)
        elif where.bus is not None:
            if where.bus not in buses:
                raise DocumentError(f"move {move.id} touches bus {where.bus!r}, which is not there")
            buses[where.bus] = change_bus(buses[where.bus], move.change)
    for move in moves:
        if isinstance(move.change, StripEdit) and move.where.track is not None:
            strips[move.where.track] = _routed(strips[move.where.track], buses)
        elif isinstance(move.change, BusEdit):
            buses[move.change.bus.id] = _routed(buses[move.change.bus.id], buses)
    tracks = tuple(track.model_copy(update={"strip": strips[track.id]}) for track in mix.tracks)
    folded = mix.model_copy(update={"tracks": tracks, "buses": tuple(buses.values()), "master": master})
    return Mix.model_validate(folded.model_dump())


def still(mix: Mix) -> Mix:
    """Return the mix without what moves in time around what the other tasks set."""
    kept = tuple(move for move in mix.moves if move.task not in MOVING)
    return mix if len(kept) == len(mix.moves) else fold(mix.model_copy(update={"moves": kept}))


def still_fader_db(mix: Mix, track_id: str) -> float:
    """Return where a fader stands without the rides on it."""
    track = mix.track(track_id)
    if track.strip.fader_db.is_constant:
        return track.strip.fader_db.points[0].value
    strip = track.base
    for move in applied_moves(mix.moves):
        if move.where.track == track_id and move.task not in MOVING:
            strip = change_strip(strip, move.change)
    return strip.fader_db.points[0].value


_Chain = TypeVar("_Chain", Strip, Bus)


def _routed(strip: _Chain, buses: Mapping[str, Bus]) -> _Chain:
    """Return an edited strip without ways to buses that are gone: it goes to the master, and such sends are shut."""
    kinds = {name: bus.kind for name, bus in buses.items()}
    sends = tuple(send for send in strip.sends if kinds.get(send.bus) == "effect")
    output = strip.output if kinds.get(strip.output) == "group" else MASTER
    if sends == strip.sends and output == strip.output:
        return strip
    return strip.model_copy(update={"sends": sends, "output": output})


def change_strip(strip: Strip, change: Change) -> Strip:
    """Apply one change to a strip."""
    apply = _STRIP_CHANGES.get(type(change))
    if apply is None:
        raise DocumentError(f"a {change.kind} change cannot apply to a track")
    return strip.model_copy(update=apply(strip, change))


def change_bus(bus: Bus, change: Change) -> Bus:
    """Apply one change to a bus."""
    apply = _STRIP_CHANGES.get(type(change))
    fields = {} if apply is None else apply(bus, change)
    if apply is None or not set(fields) <= set(Bus.model_fields):
        raise DocumentError(f"a {change.kind} change cannot apply to a bus")
    return bus.model_copy(update=fields)


def change_master(master: MasterChain, change: Change) -> MasterChain:
    """Apply one change to the master chain."""
    if isinstance(change, Nothing):
        return master
    if isinstance(change, MasterEdit):
        return change.master
    if isinstance(change, TargetChange):
        return master.model_copy(update={"target_lufs": change.target_lufs, "ceiling_dbtp": change.ceiling_dbtp})
    if isinstance(change, InsertChange | BandChange):
        return master.model_copy(update={"inserts": _with_change(master.inserts, change)})
    raise DocumentError(f"a {change.kind} change cannot apply to the master")


_Fields = dict[str, object]


def _with_change(inserts: tuple[Insert, ...], change: InsertChange | BandChange) -> tuple[Insert, ...]:
    if isinstance(change, InsertChange):
        new = change.insert
    else:
        name = f"{change.slot}-eq"
        there = next((i.processor for i in inserts if i.id == name and isinstance(i.processor, Equaliser)), Equaliser())
        new = Insert(
            id=name,
            slot=change.slot,
            processor=there.model_copy(update={"bands": (*there.bands, change.band), "phase": change.phase}),
        )
    if any(insert.id == new.id for insert in inserts):
        return tuple(new if insert.id == new.id else insert for insert in inserts)
    return tuple(sorted((*inserts, new), key=lambda insert: EFFECTIVE_SLOT[insert.slot]))


def _inserts(strip: Strip | Bus, change: InsertChange | BandChange) -> _Fields:
    return {"inserts": _with_change(strip.inserts, change)}


def _send(strip: Strip | Bus, change: SendChange) -> _Fields:
    others = tuple(send for send in strip.sends if send.bus != change.send.bus)
    there = next((send for send in strip.sends if send.bus == change.send.bus), None)
    send = change.send
    if change.over and there is not None:
        send = there.model_copy(update={"level_db": _rounded(louder_of(there.level_db, send.level_db))})
    return {"sends": tuple(sorted((*others, send), key=lambda send: send.bus))}


def _send_ride(strip: Strip | Bus, change: SendRideChange) -> _Fields:
    def ridden(send: Send) -> Send:
        if send.bus != change.bus:
            return send
        return send.model_copy(update={"level_db": _rounded(add_lanes(send.level_db, change.change_db))})

    return {"sends": tuple(ridden(send) for send in strip.sends)}


def _rounded(lane: Lane) -> Lane:
    """Return a lane as it will be read back: a ramp of gain becomes pieces of odd decibels."""
    points = tuple(point.model_copy(update={"value": round(point.value, _DECIMALS)}) for point in lane.points)
    return lane.model_copy(update={"points": points})


def _amount(strip: Strip | Bus, change: AmountChange) -> _Fields:
    def heard(insert: Insert) -> Insert:
        return insert.model_copy(update={"amount": change.amount}) if insert.id == change.insert else insert

    return {"inserts": tuple(heard(insert) for insert in strip.inserts)}


_STRIP_CHANGES: dict[type, Callable[..., _Fields]] = {
    PolarityChange: lambda _, change: {"polarity_inverted": change.inverted},
    DelayChange: lambda _, change: {"delay_frames": change.delay_frames},
    TrimChange: lambda _, change: {"trim_db": change.trim_db},
    BandChange: _inserts,
    InsertChange: _inserts,
    FaderChange: lambda strip, change: {"fader_db": add_lanes(strip.fader_db, change.change_db)},
    PanChange: lambda _, change: {"pan": change.pan},
    WidthChange: lambda _, change: {"width": change.width},
    MuteChange: lambda _, change: {"mute": change.mute},
    SendChange: _send,
    SendRideChange: _send_ride,
    AmountChange: _amount,
    RouteChange: lambda _, change: {"output": change.output},
    StripEdit: lambda _, change: {name: getattr(change.strip, name) for name in Strip.model_fields},
    Nothing: lambda _, __: {},
}
