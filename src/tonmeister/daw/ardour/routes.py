"""Strips, buses and the master as Ardour's routes: what each is set to, before any XML."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tonmeister.daw.ardour.lanes import (
    LOUDEST_GAIN,
    Points,
    azimuth_of,
    gain_points,
    linear_points,
    mono_pan_correction,
)
from tonmeister.daw.ardour.plugins import Chain, Plugin, carry_inserts, gain_in_db, tools
from tonmeister.daw.ardour.rides import RIDES, SHARE_ERROR, is_stepping, moving_box, ride_of
from tonmeister.daw.lanes import Value, gain_value, heard, plain_value, product_of
from tonmeister.document.lane import Lane, constant
from tonmeister.document.mix import Mix, Track
from tonmeister.document.strip import MASTER, Bus, Insert, Send, Strip

_TRIM_LIMIT_DB = 20.0


@dataclass(frozen=True, slots=True)
class Desk:
    """Names and ids by which routes know each other; keys are `track:ID`, `bus:ID`."""

    sample_rate_hz: int
    names: dict[str, str]
    ids: dict[str, str]
    slots: dict[tuple[str, str], int]
    """Number of a send (from key, to bus), unique in the session."""


@dataclass(frozen=True, slots=True)
class Level:
    """A gain that stands still or moves."""

    gain: float
    points: Points = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SendOut:
    """A post-fader send."""

    name: str
    target_id: str
    slot: int
    level: Level


@dataclass(slots=True)
class Route:
    """A route at its settings."""

    key: str
    name: str
    id: str
    flags: str
    channels: int
    to: str | None
    """Name of the route it goes to; None is the way out."""
    plugins: list[Plugin] = field(default_factory=list)
    trim: float = 1.0
    inverted: bool = False
    fader: Level = Level(1.0)
    muted: bool = False
    azimuth: float = 0.5
    azimuth_points: Points = field(default_factory=list)
    sends: list[SendOut] = field(default_factory=list)
    is_return: bool = False
    """Whether sends arrive here."""
    counts: Counter[str] = field(default_factory=Counter)
    approximate: list[str] = field(default_factory=list)
    errors_db: dict[str, float] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


def build_routes(mix: Mix, tracks: Sequence[Track], desk: Desk) -> list[Route]:
    """Return all routes, the master first."""
    found = [_master(mix, desk)]
    found += [_track(track, desk) for track in tracks]
    ordered = [bus for kind in ("group", "effect") for bus in mix.buses if bus.kind == kind]
    return found + [_bus(bus, desk) for bus in ordered]


def _track(track: Track, desk: Desk) -> Route:
    strip = track.strip
    route = _route(f"track:{track.id}", "AudioTrack", track.channels, strip.output, desk)
    route.counts["tracks"] += 1
    trim_db = min(max(strip.trim_db, -_TRIM_LIMIT_DB), _TRIM_LIMIT_DB)
    route.trim, route.inverted = 10 ** (trim_db / 20), strip.polarity_inverted
    if strip.trim_db != trim_db:
        route.plugins.append(tools(gain_db=strip.trim_db - trim_db))
    route.counts["trims"] += strip.trim_db != 0
    route.counts["flipped polarities"] += strip.polarity_inverted
    route.counts["delays of a track"] += strip.delay_frames != 0
    _add_chain(route, strip.inserts, desk)
    _set_pan(route, strip)
    set_fader(route, strip, desk.sample_rate_hz, pan=strip.pan)
    _add_sends(route, strip.sends, desk)
    return route


def _bus(bus: Bus, desk: Desk) -> Route:
    route = _route(f"bus:{bus.id}", "AudioBus", 2, bus.output, desk)
    route.is_return = bus.kind == "effect"
    route.counts["group buses" if bus.kind == "group" else "effect buses"] += 1
    _add_chain(route, bus.inserts, desk)
    set_fader(route, bus, desk.sample_rate_hz)
    _add_sends(route, bus.sends, desk)
    return route


def _master(mix: Mix, desk: Desk) -> Route:
    route = _route(f"bus:{MASTER}", "MasterOut", 2, None, desk)
    _add_chain(route, mix.master.inserts, desk)
    return route


def _route(key: str, flags: str, channels: int, to: str | None, desk: Desk) -> Route:
    target = None if to is None else desk.names[f"bus:{to}"]
    return Route(key, desk.names[key], desk.ids[key], flags, channels, target)


def _add_chain(route: Route, inserts: Sequence[Insert], desk: Desk) -> None:
    chain: Chain = carry_inserts(inserts, channels=route.channels, sample_rate_hz=desk.sample_rate_hz)
    route.plugins += chain.plugins
    route.counts.update(chain.counts)
    route.approximate += chain.approximate
    route.errors_db |= chain.errors_db
    route.lost += chain.lost


def _set_pan(route: Route, strip: Strip) -> None:
    pan, value = strip.pan, plain_value(strip.pan)
    route.azimuth = azimuth_of(pan.points[0].value, channels=route.channels)
    route.counts["pans"] += any(point.value for point in pan.points)
    if not pan.is_constant:
        route.azimuth_points = linear_points(
            lambda time_s, side: azimuth_of(value(time_s, side), channels=route.channels),
            [pan],
            error=SHARE_ERROR,
        )
        route.counts["pan lanes"] += 1


def set_fader(route: Route, owner: Strip | Bus, sample_rate_hz: int, *, pan: Lane | None = None) -> None:
    """Set fader, width and mute; what moves is in the box of tools before the fader."""
    width = owner.width if route.channels == 2 else constant(1.0)
    lanes, values, mute = [owner.fader_db], [gain_value(owner.fader_db)], owner.mute
    if mute.is_constant and mute.points[0].value >= 1:
        route.muted = True
        route.counts["mutes"] += 1
    elif not is_stepping(mute):
        lanes.append(mute)
        values.append(heard(mute))
    if pan is not None and route.channels == 1:
        lanes.append(pan)
        values.append(_pan_correction(pan))
    ride = ride_of(lanes, values, mute, sample_rate_hz=sample_rate_hz)
    box, gain = moving_box(width, ride, sample_rate_hz=sample_rate_hz)
    route.fader = Level(gain)
    route.plugins += [] if box is None else [box]
    route.counts["widths"] += any(point.value != 1 for point in width.points)
    route.counts["width lanes"] += not width.is_constant
    route.counts["mute lanes"] += not mute.is_constant
    route.counts[RIDES] += not owner.fader_db.is_constant


def level_of(lanes: Sequence[Lane], values: Sequence[Value], *, gain: float = 1.0) -> Level:
    """Return a fader or send whose gain is the product of values that move with these lanes, and of a still gain."""
    product = product_of(values, gain=gain)
    moving = [lane for lane in lanes if not lane.is_constant]
    start = product(0.0, "at")
    if not moving:
        return Level(start)
    return Level(min(start, LOUDEST_GAIN), gain_points(product, moving))


def _pan_correction(pan: Lane) -> Value:
    value = plain_value(pan)
    return lambda time_s, side: mono_pan_correction(value(time_s, side))


def _add_sends(route: Route, sends: Sequence[Send], desk: Desk) -> None:
    for send in sends:
        target = f"bus:{send.bus}"
        level = level_of([send.level_db], [gain_value(send.level_db)])
        highest = max(10 ** (point.value / 20) for point in send.level_db.points)
        if highest > LOUDEST_GAIN:
            route.lost.append(f"its send to {desk.names[target]} above 6 dB ({gain_in_db(highest):.1f} dB)")
        slot = desk.slots[route.key, send.bus]
        route.sends.append(SendOut(desk.names[target], desk.ids[target], slot, level))
        route.counts["sends"] += 1
        route.counts["send lanes"] += not send.level_db.is_constant
