"""Ardour's routes as tracks: kinds, ways, faders, pans, mutes, sends and what runs between."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from xml.etree.ElementTree import Element

from tonmeister.daw.ardour.clock import Clock
from tonmeister.daw.ardour.known import devices_of_plugin, is_plugin
from tonmeister.daw.ardour.rides_in import automation, points_of, ride_of_boxes, silence_of_boxes
from tonmeister.daw.reading import Unread, held, in_db, is_yes, make_lane, number
from tonmeister.daw.session import Clip, Device, SessionSend, SessionTrack, TrackKind
from tonmeister.document.lane import Lane, Law, add_lanes, constant


@dataclass(slots=True)
class Desk:
    """What routes need to know of each other."""

    clock: Clock
    unread: Unread
    clips: Mapping[str, tuple[Clip, ...]]
    """By route id."""
    ids: Mapping[str, str]
    """Name of a route → its id."""
    sent_to: frozenset[str] = frozenset()
    """Ids of routes that a send leads to."""
    fed: frozenset[str] = frozenset()
    """Ids of routes that another route's output leads to."""
    gone: list[str] = field(default_factory=list)


def read_route(element: Element, desk: Desk) -> SessionTrack:
    """Return a route as a track."""
    track, kind = element.get("id", ""), kind_of(element, desk)
    output, is_heard = output_of(element, desk.ids)
    processors = list(element.findall("Processor"))
    devices, is_after = _devices(processors)
    if is_after:
        desk.unread.add(f"{element.get('name', 'A route')}: plugins behind its fader are taken as before it.")
    return SessionTrack(
        id=track,
        name=element.get("name") or "Track",
        kind=kind,
        channels=_channels(element),
        polarity_inverted="1" in _inverted(element),
        trim_db=_trim_db(processors),
        fader_db=_fader(processors, desk.clock),
        pan=_pan(element, desk),
        mute=_mute(element, desk.clock),
        is_soloed=is_yes(_control(element, "solo", "self-solo") or _control(element, "solo", "self_solo")),
        output=output,
        is_heard=is_heard,
        sends=tuple(_sends(processors, desk)),
        devices=tuple(devices),
        clips=desk.clips.get(track, ()),
    )


def kind_of(element: Element, desk: Desk) -> TrackKind:
    """Return what a route is."""
    flags = flags_of(element)
    if "MasterOut" in flags:
        return "master"
    if "MidiTrack" in flags or element.get("default-type") == "midi":
        return "notes"
    if "AudioTrack" in flags or element.get("audio-playlist") or element.find("Diskstream") is not None:
        return "audio"
    track = element.get("id", "")
    return "return" if track in desk.sent_to and track not in desk.fed else "group"


def flags_of(element: Element) -> str:
    """Return the flags of a route."""
    info = element.find("PresentationInfo")
    return element.get("flags", "") if info is None else info.get("flags", "")


def is_ours(element: Element) -> bool:
    """Say whether a route belongs to the song: monitor, audition and surround ways are the studio's."""
    return not any(flag in flags_of(element) for flag in ("MonitorOut", "Auditioner", "FoldbackBus", "SurroundMaster"))


def output_of(element: Element, ids: Mapping[str, str]) -> tuple[str | None, bool]:
    """Return the id of the route that one leads to, and whether it is heard; a way to the sound card is heard."""
    found = [
        connection.get("other", "")
        for io in element.findall("IO")
        if io.get("direction") == "Output" and io.get("default-type", "audio") != "midi"
        for connection in io.iter("Connection")
    ]
    found += [
        connection.get("other", "")
        for io in element.findall("IO")
        if io.get("direction") == "Output" and io.get("default-type") == "midi"
        for connection in io.iter("Connection")
    ]
    for port in found:
        name = port.rpartition("/")[0]
        if name in ids:
            return ids[name], True
    return None, bool(found)


def send_targets(element: Element) -> list[str]:
    """Return the ids of routes that a route sends to."""
    return [processor.get("target", "") for processor in element.findall("Processor") if _is_aux(processor)]


def _is_aux(processor: Element) -> bool:
    return processor.get("type") == "intsend" and processor.get("role", "Aux") == "Aux"


def _channels(element: Element) -> Literal[1, 2] | None:
    flags = flags_of(element)
    if "AudioTrack" not in flags:
        return None
    ports = [
        port
        for io in element.findall("IO")
        if io.get("direction") == "Input"
        for port in io.findall("Port")
        if port.get("type") == "audio"
    ]
    one_or_two: dict[int, Literal[1, 2]] = {1: 1, 2: 2}
    return one_or_two.get(len(ports))


def control(element: Element, name: str) -> Element | None:
    """Return a control of a route or a processor by its name."""
    return next((found for found in element.findall("Controllable") if found.get("name") == name), None)


def _control(element: Element, name: str, attribute: str) -> str | None:
    found = control(element, name)
    return None if found is None else found.get(attribute)


def _inverted(element: Element) -> str:
    return _control(element, "phase", "phase-invert") or _control(element, "phase", "phase_invert") or ""


def _lane(found: Element | None, clock: Clock, *, otherwise: float) -> Lane | None:
    """Return a moving gain: Ardour's exponential way is nearly straight in decibels, its linear one in gain."""
    points = [] if found is None else points_of(found, clock)
    if found is None or not points:
        return None
    laws: dict[str, Law] = {"Discrete": "hold", "Linear": "linear_gain"}
    law = laws.get(found.get("interpolation-style", ""), "linear_db")
    return make_lane([(t, in_db(v)) for t, v in points], law=law, otherwise=otherwise)


def processor_of(processors: list[Element], kind: str) -> Element | None:
    """Return the first processor of a type."""
    return next((found for found in processors if found.get("type") == kind), None)


def _trim_db(processors: list[Element]) -> float:
    trim = processor_of(processors, "trim")
    value = None if trim is None else _control(trim, "trimcontrol", "value") or _control(trim, "gaincontrol", "value")
    return held(in_db(number(value, 1.0)), -40.0, 40.0)


def _fader(processors: list[Element], clock: Clock) -> Lane:
    amp, ride = processor_of(processors, "amp"), ride_of_boxes(processors, clock)
    if amp is None:
        return ride
    still_db = in_db(number(_control(amp, "gaincontrol", "value"), 1.0))
    return add_lanes(_lane(automation(amp, "gain"), clock, otherwise=still_db) or constant(still_db), ride)


def pannable(element: Element) -> Element | None:
    """Return the holder of a route's pan."""
    return element.find("Pannable")


def _pan(element: Element, desk: Desk) -> Lane:
    """Return the pan as Ardour shows it: 0 … 1 there is -1 … +1 here."""
    holder = pannable(element)
    main = next((p for p in element.findall("Processor") if p.get("role") == "Main"), None)
    shell = None if main is None else main.find("PannerShell")
    if holder is None or (shell is not None and is_yes(shell.get("bypassed"))):
        return constant(0.0, law="linear_gain")
    width = number(_control(holder, "pan-width", "value"), 1.0)
    if 0 < abs(width) < 0.99 or width < 0:
        desk.unread.add("The width of a stereo panner is not read; its position is.")
    found = automation(holder, "pan-azimuth")
    points = [] if found is None else points_of(found, desk.clock)
    if points:
        values = [(t, round(held(2 * v - 1, -1.0, 1.0), 6)) for t, v in points]
        return make_lane(values, law="linear_gain", otherwise=0.0)
    azimuth = number(_control(holder, "pan-azimuth", "value"), 0.5)
    return constant(round(held(2 * azimuth - 1, -1.0, 1.0), 6), law="linear_gain")


def _mute(element: Element, clock: Clock) -> Lane:
    master = element.find("MuteMaster")
    is_muted = is_yes(master.get("muted")) if master is not None else number(_control(element, "mute", "value")) > 0
    found = automation(element, "mute")
    points = [] if found is None else points_of(found, clock)
    if points and not is_muted:
        return make_lane([(t, float(v > 0.5)) for t, v in points], law="hold", otherwise=0.0)
    silence = None if is_muted else silence_of_boxes(element.findall("Processor"), clock)
    return silence or constant(float(is_muted), law="hold")


def _sends(processors: list[Element], desk: Desk) -> list[SessionSend]:
    amp = next((place for place, found in enumerate(processors) if found.get("type") == "amp"), len(processors))
    found = []
    for place, processor in enumerate(processors):
        if not _is_aux(processor) or not processor.get("target"):
            continue
        nested = processor.find("Processor")
        holder = processor if control(processor, "gaincontrol") is not None or nested is None else nested
        still_db = in_db(number(_control(holder, "gaincontrol", "value"), 1.0))
        moving = automation(processor, "send") or automation(holder, "gain")
        found.append(
            SessionSend(
                to=processor.get("target", ""),
                level_db=_lane(moving, desk.clock, otherwise=still_db) or constant(still_db),
                is_pre_fader=place < amp,
                is_on=is_yes(processor.get("active"), otherwise=True),
            )
        )
    return found


def _devices(processors: list[Element]) -> tuple[list[Device], bool]:
    """Return the plugins of a route, and whether one that we know stands behind the fader."""
    found: list[Device] = []
    is_after = behind = False
    for processor in processors:
        behind = behind or processor.get("type") == "amp"
        if is_plugin(processor):
            devices = devices_of_plugin(processor)
            is_after = is_after or (behind and any(device.processor is not None for device in devices))
            found += devices
    return found, is_after
