"""A mix put back into the Ardour session that it came from: faders, pans, mutes, trims, polarities, lanes, sends and our plugins.

Every other element stays as it was read: clips, names, positions, plugins, markers.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree

from tonmeister.daw.ardour.known import is_tools
from tonmeister.daw.ardour.lanes import LATE_TOLD, SENDS_TOLD, SUPERCLOCK_HZ, Points, linear_points
from tonmeister.daw.ardour.plugins import RIDE_PORT, SILENT_PORT, Plugin, add_plugin, carry_inserts
from tonmeister.daw.ardour.read import parse_ardour
from tonmeister.daw.ardour.regions import Clip, add_playlists, add_regions, add_sources
from tonmeister.daw.ardour.rides import RIDES, SHARE_ERROR, Ride, is_stepping, moving_box, ride_of
from tonmeister.daw.ardour.rides_in import automation
from tonmeister.daw.ardour.route_xml import add_route, add_send
from tonmeister.daw.ardour.routes import Level, Route, SendOut, level_of, set_fader
from tonmeister.daw.ardour.routes_in import control, flags_of, pannable, processor_of
from tonmeister.daw.ardour.xml import Interpolation, Numbers, number
from tonmeister.daw.changes import Changes, OwnerChange, Take
from tonmeister.daw.handback import Handback, count
from tonmeister.daw.lanes import gain_of, gain_value, heard, plain_value
from tonmeister.daw.names import unique_names
from tonmeister.document.lane import Lane, constant
from tonmeister.document.strip import MASTER, Bus
from tonmeister.files.atomic import output_errors

_SUPERCLOCKS_FROM = 7000


@dataclass(slots=True)
class _Work:
    """A session on its way."""

    root: Element
    changes: Changes
    numbers: Numbers
    names: dict[str, str]
    """Session's id → name of the route."""
    new_ids: dict[str, str] = field(default_factory=dict)
    """Bus of the document → id of its new route."""
    counts: Counter[str] = field(default_factory=Counter)
    approximate: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    slot: int = 1


def patch_ardour(path: Path, changes: Changes, to: Path) -> Handback:
    """Write the session at `path` with the changes into another file.

    Raises:
        SessionError: If the session can no longer be read.
        OutputError: If the file cannot be written.
    """
    root = parse_ardour(path)
    routes = root.find("Routes")
    work = _begin(root, changes)
    by_id = {element.get("id", ""): element for element in root.findall("Routes/Route")}
    if routes is not None:
        for bus in changes.buses:
            _add_bus(routes, bus, work)
    for change in changes.owners:
        element = by_id.get(change.track)
        if element is None:
            work.lost.append(f"{change.name}: its track is not in the session any more.")
            continue
        _set_owner(element, change, work)
        if change.track in changes.takes:
            _play_take(element, changes.takes[change.track], work)
    _set_master(root, work)
    root.set("id-counter", str(work.numbers.last + 1))
    with output_errors(to), to.open("wb") as file:
        ElementTree(root).write(file, encoding="UTF-8", xml_declaration=True)
        file.write(b"\n")
    work.approximate += [
        told for what, told in (("fader lanes", LATE_TOLD), ("send lanes", SENDS_TOLD)) if work.counts[what]
    ]
    lost = (*changes.lost, *work.lost)
    return Handback(path=to, carried=count(work.counts), approximate=tuple(work.approximate), lost=lost)


def _begin(root: Element, changes: Changes) -> _Work:
    numbers = Numbers()
    known = [int(text) for element in root.iter() if (text := element.get("id", "")).isdigit()]
    numbers.last = max([numbers.last, *known, int(root.get("id-counter", "0") or 0)])
    names = {element.get("id", ""): element.get("name", "") for element in root.findall("Routes/Route")}
    slots = [int(text) for element in root.iter("Processor") if (text := element.get("bitslot", "")).isdigit()]
    work = _Work(root, changes, numbers, names, slot=max(slots, default=0) + 1)
    made = unique_names([bus.name for bus in changes.buses], otherwise="Bus", taken=["master", *names.values()])
    for bus, name in zip(changes.buses, made, strict=True):
        work.new_ids[bus.id] = numbers.take()
        work.names[work.new_ids[bus.id]] = name
    return work


def _level(lane: Lane) -> Level:
    return level_of([lane], [gain_value(lane)])


def _set_owner(element: Element, change: OwnerChange, work: _Work) -> None:
    processors = list(element.findall("Processor"))
    ride = _set_fader(element, processors, change, work)
    width = constant(1.0) if change.width is None else change.width
    box, gain = moving_box(width, ride, sample_rate_hz=work.changes.sample_rate_hz)
    amp = processor_of(processors, "amp")
    if change.fader_db is not None and amp is not None:
        _set_control(amp, "gaincontrol", gain)
        work.counts["faders"] += 1
    _add_plugins(element, change, work, box)
    work.counts["widths"] += change.width is not None
    work.counts["width lanes"] += not width.is_constant
    if change.pan is not None:
        _set_pan(element, change.pan, work)
    _set_small(element, processors, change, work)
    _set_sends(element, change, work)
    if change.output is not None:
        _reroute(element, work.names[work.new_ids[change.output]])
        work.counts["ways to new groups"] += 1


def _set_fader(element: Element, processors: list[Element], change: OwnerChange, work: _Work) -> Ride:
    """Set what moves the level of a route, and return what our box before its fader does and where the fader stands.

    A fader that the person moves stays the one that moves; our former ride and silences make room for the new ones.
    """
    amp, fader, mute = processor_of(processors, "amp"), change.fader_db, change.mute or constant(0.0, law="hold")
    if change.mute is not None:
        _set_mute(element, muted=mute.is_constant and mute.points[0].value >= 1)
        _rest(processors, SILENT_PORT)
        work.counts["mutes" if mute.is_constant else "mute lanes"] += 1
    if fader is not None:
        _rest(processors, RIDE_PORT)
    lanes, values = [fader or constant(0.0)], [gain_value(fader or constant(0.0))]
    if not (mute.is_constant or is_stepping(mute)):
        lanes.append(mute)
        values.append(heard(mute))
    ride = ride_of(lanes, values, mute, sample_rate_hz=work.changes.sample_rate_hz)
    if fader is None or amp is None or automation(amp, "gain") is None:
        work.counts[RIDES] += RIDE_PORT in ride.points
        return ride
    level = level_of(lanes, values)
    _set_lane(amp, "gain", level.points, "Exponential", work)
    work.counts["fader lanes"] += bool(level.points)
    return Ride(level.gain, {port: points for port, points in ride.points.items() if port == SILENT_PORT})


def _rest(processors: list[Element], port: str) -> None:
    """Let a parameter of our boxes of tools that moved stand at nothing."""
    for box in filter(is_tools, processors):
        for found in box.findall("Automation/AutomationList"):
            if found.get("automation-id") == f"parameter-{port}":
                found.set("state", "Off")
        for value in box.findall("luaproc/Port"):
            if value.get("id") == port:
                value.set("value", "0")


def _play_take(route: Element, take: Take, work: _Work) -> None:
    """Let a track play another take, as a playlist of its own; the one that it had stays in the session."""
    if not _has_superclocks(work):
        work.lost.append(f"{take.name}; in sessions of Ardour 6 and before it is to be put in by hand.")
        return
    numbers, frames = work.numbers, take.media.frames
    sources = tuple(numbers.take() for _ in range(take.media.channels))
    start = round(take.start_s * take.sample_rate_hz)
    track = route.get("id", "")
    clip = Clip(take.name, track, numbers.take(), take.media.channels, take.media, sources, start, 0, frames)
    add_sources(work.root, [clip])
    add_regions(work.root, numbers, [clip], sample_rate_hz=take.sample_rate_hz)
    add_playlists(work.root, numbers, [clip], sample_rate_hz=take.sample_rate_hz)
    route.set("audio-playlist", clip.playlist_id)
    work.counts["new takes"] += 1


def _set_small(element: Element, processors: list[Element], change: OwnerChange, work: _Work) -> None:
    trim = processor_of(processors, "trim")
    if change.trim_db is not None:
        if trim is None:
            work.lost.append(f"{change.name}: its trim of {change.trim_db:.1f} dB; its route has none.")
        else:
            _set_control(trim, "trimcontrol", gain_of(change.trim_db))
            work.counts["trims"] += 1
    phase = control(element, "phase")
    if change.polarity_inverted is not None and phase is not None:
        name = "phase-invert" if "phase-invert" in phase.attrib else "phase_invert"
        phase.set(name, str(int(change.polarity_inverted)) * change.channels)
        phase.set("value", str(int(change.polarity_inverted)))
        work.counts["polarities"] += 1


def _add_plugins(element: Element, change: OwnerChange, work: _Work, box: Plugin | None) -> None:
    """Put our plugins right before the fader."""
    chain = carry_inserts(change.inserts, channels=change.channels, sample_rate_hz=work.changes.sample_rate_hz)
    holder = Element("Route")
    for plugin in [*chain.plugins, *([] if box is None else [box])]:
        add_plugin(holder, work.numbers, plugin)
    _in_own_time(holder, work)
    place = _place_of(element, "amp")
    for offset, made in enumerate(holder):
        element.insert(place + offset, made)
    work.counts.update(chain.counts)
    work.approximate += [f"{change.name}: {what}." for what in chain.approximate]
    work.lost += [f"{change.name}: {what}." for what in chain.lost]


def _in_own_time(made: Element, work: _Work) -> None:
    """Write the times of new automation as this version of the format does."""
    for events in () if _has_superclocks(work) else made.iter("events"):
        words = (events.text or "").split()
        pairs = zip(words[::2], words[1::2], strict=True)
        events.text = "".join(f"{_time(int(at.removeprefix('a')), work)} {value}\n" for at, value in pairs)


def _place_of(element: Element, kind: str) -> int:
    """Return where the first processor of a type stands among a route's children."""
    found = (place for place, child in enumerate(element) if child.tag == "Processor" and child.get("type") == kind)
    return next(found, len(element))


def _set_control(holder: Element, name: str, value: float) -> None:
    found = control(holder, name)
    if found is not None:
        found.set("value", number(value))


def _set_mute(element: Element, *, muted: bool) -> None:
    master = element.find("MuteMaster")
    if master is not None:
        master.set("muted", str(int(muted)))
    _set_control(element, "mute", float(muted))


def _set_pan(element: Element, pan: Lane, work: _Work) -> None:
    holder = pannable(element)
    if holder is None:
        work.lost.append(f"{element.get('name')}: its pan; its route has no panner.")
        return
    value = plain_value(pan)
    points = (
        []
        if pan.is_constant
        else linear_points(lambda time_s, side: (1 + value(time_s, side)) / 2, [pan], error=SHARE_ERROR)
    )
    for one in [holder, *(found for found in element.iter("Pannable") if found is not holder)]:
        _set_control(one, "pan-azimuth", (1 + pan.points[0].value) / 2)
        _set_lane(one, "pan-azimuth", points, "Linear", work)
    work.counts["pans"] += 1
    work.counts["pan lanes"] += bool(points)


def _set_lane(holder: Element, name: str, points: Points, style: Interpolation, work: _Work) -> None:
    """Set what a control does over time; without points it stands still."""
    parent = holder.find("Automation")
    if parent is None:
        parent = Element("Automation")
        holder.insert(0, parent)
    found = next((one for one in parent.findall("AutomationList") if one.get("automation-id") == name), None)
    if found is None:
        if not points:
            return
        found = Element("AutomationList", {"automation-id": name, "id": work.numbers.take()})
        parent.append(found)
    found.set("state", "Play" if points else "Off")
    if not points:
        return
    found.set("interpolation-style", style)
    for old in found.findall("events"):
        found.remove(old)
    events = Element("events")
    events.text = "".join(f"{_time(at, work)} {number(value)}\n" for at, value in points)
    found.insert(0, events)


def _time(superclocks: int, work: _Work) -> str:
    """Return a time as this version of the format writes it."""
    if _has_superclocks(work):
        return f"a{superclocks}"
    rate = int(work.root.get("sample-rate", "48000"))
    return number(superclocks * rate / SUPERCLOCK_HZ)


def _has_superclocks(work: _Work) -> bool:
    version = work.root.get("version", "")
    return version.isdigit() and int(version) >= _SUPERCLOCKS_FROM


def _target_of(bus_id: str, work: _Work) -> str | None:
    return work.new_ids.get(bus_id) or work.changes.known_buses.get(bus_id)


def _set_sends(element: Element, change: OwnerChange, work: _Work) -> None:
    for send in change.sends:
        target = _target_of(send.bus, work)
        if target is None:
            continue
        level = _level(send.level_db)
        there = next(
            (p for p in element.findall("Processor") if p.get("type") == "intsend" and p.get("target") == target), None
        )
        if there is not None:
            _set_control(there, "gaincontrol", level.gain)
            _set_lane(there, "send", level.points, "Exponential", work)
        else:
            holder = Element("Route")
            add_send(holder, work.numbers, SendOut(work.names[target], target, work.slot, level))
            _in_own_time(holder, work)
            work.slot += 1
            element.insert(_place_of(element, "amp") + 1, holder[0])
        work.counts["sends"] += 1
        work.counts["send lanes"] += bool(level.points)


def _reroute(element: Element, to: str) -> None:
    """Lead the outputs of a route to another one."""
    for io in element.findall("IO"):
        if io.get("direction") != "Output" or io.get("default-type", "audio") == "midi":
            continue
        for place, port in enumerate(io.findall("Port"), 1):
            for old in port.findall("Connection"):
                port.remove(old)
            port.append(Element("Connection", {"other": f"{to}/audio_in {min(place, 2)}"}))


def _add_bus(routes: Element, bus: Bus, work: _Work) -> None:
    """Add a new group or return, with its own plugins and sends."""
    track = work.new_ids[bus.id]
    master = next((e for e in work.root.findall("Routes/Route") if "MasterOut" in flags_of(e)), None)
    out = work.new_ids.get(bus.output) or work.changes.known_buses.get(bus.output)
    to = work.names[out] if out is not None else ("Master" if master is None else master.get("name", "Master"))
    route = Route(f"bus:{bus.id}", work.names[track], track, "AudioBus", 2, to)
    chain = carry_inserts(bus.inserts, channels=2, sample_rate_hz=work.changes.sample_rate_hz)
    route.plugins += chain.plugins
    set_fader(route, bus, work.changes.sample_rate_hz)
    route.is_return = bus.kind == "effect"
    for send in bus.sends:
        target = _target_of(send.bus, work)
        if target is not None:
            route.sends.append(SendOut(work.names[target], target, work.slot, _level(send.level_db)))
            work.slot += 1
    add_route(routes, work.numbers, route, order=len(routes), playlist_id=None)
    _in_own_time(routes[-1], work)
    work.counts["group buses" if bus.kind == "group" else "effect buses"] += 1
    work.counts.update(chain.counts)
    work.counts.update(route.counts)
    work.approximate += [f"{bus.name}: {what}." for what in chain.approximate]
    work.lost += [f"{bus.name}: {what}." for what in chain.lost]


def _set_master(root: Element, work: _Work) -> None:
    master = next((e for e in root.findall("Routes/Route") if "MasterOut" in flags_of(e)), None)
    if master is None:
        return
    change = OwnerChange(master.get("id", ""), master.get("name", MASTER), 2, inserts=work.changes.master)
    _add_plugins(master, change, work, None)
