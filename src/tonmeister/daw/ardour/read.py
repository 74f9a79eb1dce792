"""An Ardour session as a session value (.ardour of Ardour 4 to 8; Mixbus writes the same)."""

from pathlib import Path
from xml.etree.ElementTree import Element

from tonmeister.daw.ardour.clips_in import clips_of, sources_of
from tonmeister.daw.ardour.clock import Clock, clock_of, meters_of, tempos_of
from tonmeister.daw.ardour.routes_in import Desk, is_ours, output_of, read_route, send_targets
from tonmeister.daw.opening import SessionError, parse_xml, read_text_bytes
from tonmeister.daw.reading import Unread
from tonmeister.daw.session import Clip, DawSession, Marker

MONO_CENTRE_DB = -3.0
"""Ardour's pan law of a mono track (lanes.py)."""
_OLDEST, _NEWEST = 3000, 8000
_RANGES = ("IsSessionRange", "IsAutoLoop", "IsAutoPunch", "IsSkip", "IsClockOrigin")


def read_ardour(path: Path) -> DawSession:
    """Read an Ardour session.

    Raises:
        SessionError: If it is none, damaged, hostile, or of a version that is not read.
    """
    return ardour_session(parse_ardour(path))


def parse_ardour(path: Path) -> Element:
    """Return the XML of a session that we read; raises as read_ardour does."""
    root = parse_xml(read_text_bytes(path), path, what="text")
    if root.tag != "Session":
        raise SessionError(path, "It does not begin as an Ardour session does", "Give the .ardour file of a session.")
    version = root.get("version", "")
    if not version.isdigit() or not _OLDEST <= int(version) < _NEWEST:
        raise SessionError(path, f"It is of version {version[:20]!r}", "Open and save it in Ardour 7 or 8.")
    return root


def ardour_session(root: Element) -> DawSession:
    """Return the session of parsed XML."""
    clock, unread = clock_of(root), Unread()
    elements = [element for element in root.findall("Routes/Route") if is_ours(element)]
    ids = {element.get("name", ""): element.get("id", "") for element in elements}
    fed = {to for element in elements if (to := output_of(element, ids)[0]) is not None}
    sent_to = {target for element in elements for target in send_targets(element)}
    desk = Desk(clock, unread, _clips(root, elements, clock, unread), ids, frozenset(sent_to), frozenset(fed))
    program = root.find("ProgramVersion")
    made = "" if program is None else program.get("modified-with") or program.get("created-with") or ""
    return DawSession(
        format="ardour",
        program=made,
        title=root.get("name", ""),
        sample_rate_hz=clock.sample_rate_hz,
        mono_centre_db=MONO_CENTRE_DB,
        tracks=tuple(read_route(element, desk) for element in elements),
        tempos=tempos_of(root, clock),
        meters=meters_of(root, clock),
        markers=_markers(root, clock),
        unread=unread.sentences,
    )


def _clips(root: Element, elements: list[Element], clock: Clock, unread: Unread) -> dict[str, tuple[Clip, ...]]:
    """Return the clips of every route by its id: newer sessions name the playlist's id, older ones its name."""
    sources = sources_of(root)
    playlists = root.findall("Playlists/Playlist")
    by_id = {playlist.get("id", ""): playlist for playlist in playlists}
    by_name = {playlist.get("name", ""): playlist for playlist in playlists}
    found = {}
    for element in elements:
        stream = element.find("Diskstream")
        playlist = by_id.get(element.get("audio-playlist", ""))
        if playlist is None and stream is not None:
            playlist = by_name.get(stream.get("playlist", ""))
        if playlist is not None and playlist.get("type", "audio") == "audio":
            found[element.get("id", "")] = clips_of(playlist, sources, clock, unread)
        elif element.get("midi-playlist") or (playlist is not None and playlist.get("type") == "midi"):
            unread.add("A track of notes (MIDI) is not heard: bounce it in Ardour.")
    return found


def _markers(root: Element, clock: Clock) -> tuple[Marker, ...]:
    found = []
    for location in root.findall("Locations/Location"):
        flags = location.get("flags", "")
        if any(kind in flags for kind in _RANGES) or not ("IsMark" in flags or "IsRangeMarker" in flags):
            continue
        start_s, end_s = clock.seconds(location.get("start")), clock.seconds(location.get("end"))
        is_range = "IsRangeMarker" in flags and end_s > start_s
        marker = Marker(
            time_s=round(start_s, 6), name=location.get("name", ""), end_s=round(end_s, 6) if is_range else None
        )
        found.append(marker)
    return tuple(sorted(found, key=lambda marker: marker.time_s))
