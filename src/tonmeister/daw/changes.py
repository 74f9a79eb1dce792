"""What a mix changes in the session that it came from, in the words of that session's DAW: only that is written back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field

from tonmeister.daw.base import MOVES, OF_SESSION
from tonmeister.daw.media import Media
from tonmeister.daw.pans_in import converted, law_of, session_pan
from tonmeister.daw.prepare import shifted
from tonmeister.daw.session import DawSession
from tonmeister.document.fold import fold
from tonmeister.document.lane import Lane, add_lanes, constant
from tonmeister.document.mix import Mix, Track
from tonmeister.document.strip import Bus, Insert, Send, Strip
from tonmeister.files.probe import SoundFile
from tonmeister.model import Db, Model
from tonmeister.processing.registry import is_neutral

TAKES_FOLDER = "Media"
"""Where new takes and printed returns lie beside a session that has no folder of its own for sound."""


class SessionLink(Model):
    """The way back from a mix to the session that it came from."""

    path: str
    """Where the session is on this machine."""
    sha256: str
    """Hash of its file; another one is another session."""
    tracks: dict[str, str]
    """Track id of the document → the session's."""
    buses: dict[str, str]
    """Bus id of the document → the session's track id."""
    stems: dict[str, str] = Field(default_factory=dict)
    """Track id of the document → hash of its clips, laid out; a track of another hash plays another take."""


@dataclass(frozen=True, slots=True)
class Take:
    """Another sound in the place of a track's clips."""

    name: str
    media: Media
    path: Path
    """The file, in the place from which the writer takes it."""
    start_s: float
    sample_rate_hz: int

    @property
    def length_s(self) -> float:
        """How long it is."""
        return self.media.frames / self.sample_rate_hz


@dataclass(slots=True)
class OwnerChange:
    """What is to be set on one track or group of a session; None is left as it is."""

    track: str
    """The session's id."""
    name: str
    channels: int
    fader_db: Lane | None = None
    pan: Lane | None = None
    """Positions of the DAW's own pan pot."""
    mute: Lane | None = None
    trim_db: Db | None = None
    polarity_inverted: bool | None = None
    width: Lane | None = None
    inserts: tuple[Insert, ...] = ()
    """New ones; they stand behind what is there."""
    sends: tuple[Send, ...] = ()
    """New or changed ones, to buses of the document."""
    output: str | None = None
    """A new group bus of the document that it now goes to."""


@dataclass(slots=True)
class Changes:
    """All that a mix changes in its session."""

    owners: list[OwnerChange] = field(default_factory=list)
    buses: list[Bus] = field(default_factory=list)
    """New groups and returns."""
    known_buses: Mapping[str, str] = field(default_factory=dict)
    """Bus id of the document → the session's track id, for those that are there."""
    prints: Mapping[str, SoundFile] = field(default_factory=dict)
    """Returns that the DAW has no device for, as sound: bus of the document → its file."""
    takes: Mapping[str, Take] = field(default_factory=dict)
    """The session's track id → the take that it plays now."""
    master: tuple[Insert, ...] = ()
    """New plugins of the master."""
    sample_rate_hz: int = 48_000
    lost: list[str] = field(default_factory=list)
    """What the session cannot be given, in sentences."""


def find_changes(mix: Mix, session: DawSession, link: SessionLink, *, has_trim: bool) -> Changes:
    """Return what the mix changes; where the balance was made anew, all faders, pans and mutes are set.

    A DAW without a trim before its devices has it in their thresholds and the fader, which sounds the same.
    """
    kept = tuple(move for move in mix.moves if move.id.startswith(MOVES) and move.set_by == "person")
    before = fold(mix.model_copy(update={"moves": kept}))
    anew = mix.stems == "raw"
    found = Changes(known_buses=dict(link.buses), sample_rate_hz=mix.song.sample_rate_hz)
    found.buses = [bus for bus in mix.buses if bus.id not in link.buses and not _is_plain(bus)]
    for track in mix.tracks:
        if not track.used or track.id not in link.tracks:
            continue
        was = before.track(track.id).strip
        here = track if has_trim else _without_trim(track, was)
        change = _track_change(here, was, session, link.tracks[track.id], anew=anew)
        _add_ways(change, track.strip, before.track(track.id).strip, found)
        found.owners.append(change)
        found.lost += _lost(track, before.track(track.id).strip)
    old_buses = {bus.id: bus for bus in before.buses}
    for bus in mix.buses:
        if bus.id in link.buses and bus.id in old_buses:
            change = _bus_change(bus, old_buses[bus.id], link.buses[bus.id], anew=anew)
            _add_ways(change, bus, old_buses[bus.id], found)
            found.owners.append(change)
    found.master = tuple(insert for insert in mix.master.inserts if not is_neutral(insert.processor))
    return found


def _without_trim(track: Track, before: Strip) -> Track:
    """Return the track with what its trim gained since put behind the devices that are new."""
    strip = track.strip
    gained_db = strip.trim_db - before.trim_db
    if gained_db == 0:
        return track
    known = {insert.id for insert in before.inserts}
    inserts = tuple(one if one.id in known else shifted(one, -gained_db) for one in strip.inserts)
    fader_db = add_lanes(strip.fader_db, constant(gained_db))
    return track.model_copy(
        update={"strip": strip.model_copy(update={"inserts": inserts, "fader_db": fader_db, "trim_db": before.trim_db})}
    )


def _is_plain(bus: Bus) -> bool:
    """Say whether a new group changes no sound: then the session needs none."""
    still = bus.fader_db.is_constant and bus.fader_db.points[0].value == 0
    wide = all(point.value == 1 for point in bus.width.points)
    heard = all(point.value == 0 for point in bus.mute.points)
    runs = any(not is_neutral(insert.processor) for insert in bus.inserts)
    return bus.kind == "group" and still and wide and heard and not runs and not bus.sends


def _new(after: tuple[Insert, ...], before: tuple[Insert, ...]) -> tuple[Insert, ...]:
    """Return the inserts that the session does not have; cleanup runs first, as in our own renderer."""
    known = {insert.id for insert in before}
    found = [i for i in after if i.id not in known and not i.id.startswith(OF_SESSION) and not is_neutral(i.processor)]
    return tuple(sorted(found, key=lambda insert: insert.slot != "cleanup"))


def _track_change(track: Track, before: Strip, session: DawSession, there: str, *, anew: bool) -> OwnerChange:
    strip, known = track.strip, session.track(there)
    channels = (known.channels if known is not None else None) or track.channels
    change = OwnerChange(there, track.name, channels, inserts=_new(strip.inserts, before.inserts))
    if anew or strip.fader_db != before.fader_db or strip.pan != before.pan:
        law = law_of(session, channels)
        pan, fader = converted(strip.pan, strip.fader_db, lambda at: session_pan(at, track.channels, law))
        change.fader_db = fader
        change.pan = pan if anew or strip.pan != before.pan else None
    if strip.mute != before.mute:
        change.mute = strip.mute
    if strip.trim_db != before.trim_db or (anew and known is not None and known.trim_db != strip.trim_db):
        change.trim_db = strip.trim_db
    if strip.polarity_inverted != before.polarity_inverted:
        change.polarity_inverted = strip.polarity_inverted
    if track.channels == 2 and any(point.value != 1 for point in strip.width.points):
        change.width = strip.width
    return change


def _bus_change(bus: Bus, before: Bus, there: str, *, anew: bool) -> OwnerChange:
    change = OwnerChange(there, bus.name, 2, inserts=_new(bus.inserts, before.inserts))
    if bus.fader_db != before.fader_db or (anew and bus.kind == "group"):
        change.fader_db = bus.fader_db
    if bus.mute != before.mute:
        change.mute = bus.mute
    if any(point.value != 1 for point in bus.width.points):
        change.width = bus.width
    return change


def _add_ways(change: OwnerChange, after: Strip | Bus, before: Strip | Bus, found: Changes) -> None:
    known = {send.bus: send for send in before.sends}
    there = {bus.id for bus in found.buses} | set(found.known_buses)
    change.sends = tuple(send for send in after.sends if send != known.get(send.bus) and send.bus in there)
    if after.output != before.output and after.output in {bus.id for bus in found.buses}:
        change.output = after.output


def _lost(track: Track, before: Strip) -> list[str]:
    shift = track.strip.delay_frames - before.delay_frames
    if not shift:
        return []
    return [f"{track.name}: its shift by {shift} samples; clips stay where they are. Move them, or set a track delay."]
