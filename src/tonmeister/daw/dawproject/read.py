"""A DAWproject file as a session (format 1.0, as Bitwig, Studio One, Cubase and others write it)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from xml.etree.ElementTree import Element

from tonmeister.daw.dawproject.channels_in import devices_of, gain_db, level_db, pan_of
from tonmeister.daw.dawproject.clips_in import read_clip
from tonmeister.daw.opening import SessionError, open_zip, parse_xml, read_member
from tonmeister.daw.reading import (
    Beat,
    TempoMap,
    Unread,
    is_yes,
    make_lane,
    meters_of,
    number,
    seconds,
    stepped,
    tempo_map,
)
from tonmeister.daw.session import Clip, DawSession, Marker, Meter, SessionSend, SessionTrack, TrackKind
from tonmeister.document.lane import Lane, Law, constant

PROJECT = "project.xml"
METADATA = "metadata.xml"
_DEEPEST = 64
_What = Literal["volume", "pan", "mute", "send"]


@dataclass(slots=True)
class _Parameter:
    """A parameter that automation can aim at."""

    track: str
    what: _What
    place: int = 0


@dataclass(slots=True)
class _Found:
    """What is gathered on the way through the file."""

    tempo: TempoMap
    unread: Unread = field(default_factory=Unread)
    channels: dict[str, str] = field(default_factory=dict)
    """Channel id → track id."""
    parameters: dict[str, _Parameter] = field(default_factory=dict)
    clips: dict[str, list[Clip]] = field(default_factory=dict)
    lanes: dict[tuple[str, str, int], Lane] = field(default_factory=dict)


def read_dawproject(path: Path) -> DawSession:
    """Read a DAWproject file.

    Raises:
        SessionError: If it is no DAWproject, damaged, hostile, or of another version.
    """
    with open_zip(path) as archive:
        root = parse_xml(read_member(archive, PROJECT, path), path, what=PROJECT)
        title = (
            _title(parse_xml(read_member(archive, METADATA, path), path, what=METADATA))
            if METADATA in archive.namelist()
            else ""
        )
    if root.tag != "Project":
        raise SessionError(path, f"Its {PROJECT} begins with {root.tag[:40]}, not with Project", "Export it again.")
    version = root.get("version", "1.0")
    if not version.startswith(("1.", "0.")) and version != "1":
        raise SessionError(path, f"It is DAWproject {version[:20]}", "Version 1 is read; export it as that.")
    return project_session(root, title=title)


def project_session(root: Element, *, title: str = "") -> DawSession:
    """Return the session of a parsed project.xml."""
    found = _Found(tempo=_tempo(root))
    structure = root.find("Structure")
    rows = [] if structure is None else list(_rows(structure, None))
    for element, _ in rows:
        channel = element.find("Channel")
        if channel is not None:
            _note_channel(element, channel, found)
    arrangement = root.find("Arrangement")
    if arrangement is not None:
        _walk(arrangement, arrangement.get("timeUnit", "beats"), None, found, depth=0)
    if root.find("Scenes/Scene//Clip") is not None:
        found.unread.add("Clips of the launcher (scenes) are left out: only the arrangement is mixed.")
    tracks = tuple(_track(element, parent, found) for element, parent in rows)
    application = root.find("Application")
    program = "" if application is None else f"{application.get('name', '')} {application.get('version', '')}".strip()
    return DawSession(
        format="dawproject",
        program=program,
        title=title,
        tracks=tracks,
        tempos=found.tempo.tempos,
        meters=_meters(root, found.tempo),
        markers=() if arrangement is None else _markers(arrangement, found.tempo),
        unread=found.unread.sentences,
    )


def _title(root: Element) -> str:
    found = root.find("Title")
    return "" if found is None else (found.text or "").strip()


def _rows(holder: Element, parent: str | None, depth: int = 0) -> Iterator[tuple[Element, str | None]]:
    """Yield every track with the id of the track that it lies in."""
    for element in holder.findall("Track"):
        yield element, parent
        if depth < _DEEPEST:
            yield from _rows(element, element.get("id"), depth + 1)


def _track_id(element: Element) -> str:
    return element.get("id") or element.get("name") or "track"


def _note_channel(element: Element, channel: Element, found: _Found) -> None:
    track = _track_id(element)
    found.channels[channel.get("id", "")] = track
    kinds: tuple[tuple[str, _What], ...] = (("Volume", "volume"), ("Pan", "pan"), ("Mute", "mute"))
    for tag, what in kinds:
        control = channel.find(tag)
        if control is not None and control.get("id"):
            found.parameters[str(control.get("id"))] = _Parameter(track, what)
    for place, send in enumerate(channel.findall("Sends/Send")):
        volume = send.find("Volume")
        if volume is not None and volume.get("id"):
            found.parameters[str(volume.get("id"))] = _Parameter(track, "send", place)


def _track(element: Element, parent: str | None, found: _Found) -> SessionTrack:
    track, channel = _track_id(element), element.find("Channel")
    kind = _kind(element, channel)
    base = {
        "id": track,
        "name": element.get("name") or "Track",
        "kind": kind,
        "clips": tuple(found.clips.get(track, ())),
    }
    if channel is None:
        return SessionTrack.model_validate({**base, "output": parent})
    pan, mute = channel.find("Pan"), channel.find("Mute")
    destination = found.channels.get(channel.get("destination", ""))
    is_muted = mute is not None and is_yes(mute.get("value"))
    at = 0.0 if pan is None else pan_of(number(pan.get("value"), 0.5), pan.get("unit", "normalized"))
    return SessionTrack.model_validate(
        {
            **base,
            "channels": {"1": 1, "2": 2}.get(channel.get("audioChannels", "")),
            "fader_db": found.lanes.get((track, "volume", 0), constant(gain_db(channel.find("Volume")))),
            "pan": found.lanes.get((track, "pan", 0), constant(at, law="linear_gain")),
            "mute": found.lanes.get((track, "mute", 0), constant(float(is_muted), law="hold")),
            "is_soloed": is_yes(channel.get("solo")),
            "output": destination if destination != track else None,
            "sends": tuple(_sends(channel, track, found)),
            "devices": devices_of(channel),
        }
    )


def _sends(channel: Element, track: str, found: _Found) -> Iterator[SessionSend]:
    for place, send in enumerate(channel.findall("Sends/Send")):
        to, enable = found.channels.get(send.get("destination", "")), send.find("Enable")
        if to is None:
            found.unread.add("A send leads to a channel that is not there.")
            continue
        level = found.lanes.get((track, "send", place), constant(gain_db(send.find("Volume"))))
        is_on = enable is None or is_yes(enable.get("value"), otherwise=True)
        yield SessionSend(to=to, level_db=level, is_pre_fader=send.get("type") == "pre", is_on=is_on)


def _kind(element: Element, channel: Element | None) -> TrackKind:
    role = None if channel is None else channel.get("role")
    content = element.get("contentType", "").split()
    if role == "master":
        return "master"
    if role == "effect":
        return "return"
    if role == "submix" or "tracks" in content or element.find("Track") is not None:
        return "group"
    return "notes" if "notes" in content and "audio" not in content else "audio"


def _walk(element: Element, unit: str, track: str | None, found: _Found, *, depth: int) -> None:
    """Gather clips and automation below an element of the arrangement."""
    for child in element:
        inner = child.get("timeUnit") or unit
        if child.tag == "Lanes" and depth < _DEEPEST:
            _walk(child, inner, child.get("track") or track, found, depth=depth + 1)
        elif child.tag == "Clips":
            for clip in child.findall("Clip"):
                place = child.get("track") or track
                if place is not None:
                    found.clips.setdefault(place, []).extend(read_clip(clip, inner, found.tempo, found.unread))
        elif child.tag == "Points":
            _automation(child, inner, found)


def _automation(element: Element, unit: str, found: _Found) -> None:
    target = element.find("Target")
    parameter = None if target is None else found.parameters.get(target.get("parameter", ""))
    if parameter is None:
        if len(element) > 1:
            found.unread.add("Automation of a device stays in the session; it is not heard here.")
        return
    key = (parameter.track, parameter.what, parameter.place)

    def at(point: Element) -> float:
        time = number(point.get("time"))
        return found.tempo.seconds(time) if unit == "beats" else seconds(time)

    if parameter.what == "mute":
        states = [(at(p), float(is_yes(p.get("value")))) for p in element.findall("BoolPoint")]
        if states:
            found.lanes[key] = make_lane(states, law="hold", otherwise=0.0)
        return
    said = element.get("unit") or ("normalized" if parameter.what == "pan" else "linear")
    points = [(at(p), number(p.get("value")), p.get("interpolation") == "hold") for p in element.findall("RealPoint")]
    if not points:
        return
    plain, holds = stepped(points)
    if parameter.what == "pan":
        values = [(t, pan_of(v, said)) for t, v in plain]
        found.lanes[key] = make_lane(values, law="hold" if holds else "linear_gain", otherwise=0.0)
    else:
        values = [(t, level_db(v, said)) for t, v in plain]
        law: Law = "linear_db" if said == "decibel" else "linear_gain"
        found.lanes[key] = make_lane(values, law="hold" if holds else law, otherwise=0.0)


def _tempo(root: Element) -> TempoMap:
    tempo = root.find("Transport/Tempo")
    bpm = 120.0 if tempo is None else number(tempo.get("value"), 120.0)
    points = root.find("Arrangement/TempoAutomation")
    if points is None:
        return tempo_map((), bpm=bpm)
    unit = points.get("timeUnit") or "beats"
    if unit == "seconds":
        return tempo_map((), bpm=bpm)
    rows = points.findall("RealPoint")
    marks = [Beat(number(p.get("time")), number(p.get("value")), p.get("interpolation") == "linear") for p in rows]
    return tempo_map(marks, bpm=bpm)


def _meters(root: Element, tempo: TempoMap) -> tuple[Meter, ...]:
    first = root.find("Transport/TimeSignature")
    found = [] if first is None else [(0.0, number(first.get("numerator")), number(first.get("denominator")))]
    for point in root.findall("Arrangement/TimeSignatureAutomation/TimeSignaturePoint"):
        at_s = tempo.seconds(number(point.get("time")))
        found.append((at_s, number(point.get("numerator")), number(point.get("denominator"))))
    return meters_of(found)


def _markers(arrangement: Element, tempo: TempoMap) -> tuple[Marker, ...]:
    holder = arrangement.find("Markers")
    if holder is None:
        return ()
    around = arrangement.find("Lanes")
    unit = holder.get("timeUnit") or (None if around is None else around.get("timeUnit")) or "beats"
    found = []
    for marker in holder.findall("Marker"):
        time = number(marker.get("time"))
        at_s = tempo.seconds(time) if unit == "beats" else seconds(time)
        found.append(Marker(time_s=round(at_s, 6), name=marker.get("name") or ""))
    return tuple(sorted(found, key=lambda marker: marker.time_s))
