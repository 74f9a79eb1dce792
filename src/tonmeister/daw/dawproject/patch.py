"""A mix put back into the DAWproject that it came from: faders, pans, mutes, lanes, sends, and our equalisers and compressors.

Only `project.xml` is written anew, and in it only what the mix changed; every other file of the archive is copied.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import log10
from pathlib import Path
from xml.etree.ElementTree import Element
from zipfile import ZipFile, ZipInfo

from tonmeister.daw.account import Account
from tonmeister.daw.changes import Changes, OwnerChange, Take
from tonmeister.daw.dawproject.archive import copy_entry, pack_sound, pack_xml
from tonmeister.daw.dawproject.clips_out import WholeFile, add_whole_file
from tonmeister.daw.dawproject.devices import add_device, builds
from tonmeister.daw.dawproject.read import PROJECT
from tonmeister.daw.dawproject.xml import HIGHEST_VOLUME, Ids, add, add_bool, add_real, number
from tonmeister.daw.handback import Handback, count
from tonmeister.daw.lanes import Line, gain_line, gain_value, heard, plain_line, plain_value
from tonmeister.daw.opening import open_zip, parse_xml, read_member
from tonmeister.daw.words import summary_of, title_of
from tonmeister.document.lane import Lane
from tonmeister.document.strip import Bus, Insert
from tonmeister.files.atomic import output_errors

_ORDER = ("Devices", "Mute", "Pan", "Sends", "Volume")
"""Order of a channel's children, as the schema wants it."""


@dataclass(slots=True)
class _Work:
    """A project on its way."""

    root: Element
    changes: Changes
    ids: Ids
    tracks: dict[str, Element]
    account: Account = field(default_factory=Account)
    new_tracks: dict[str, Element] = field(default_factory=dict)
    """Bus of the document → its new track."""
    printed: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    """Names in the archive."""
    sounds: dict[str, Path] = field(default_factory=dict)
    """Name in the archive → a printed return or a new take."""

    def name_for(self, what: str, file: Path) -> str:
        """Return a free name in the archive, under which a file goes into it."""
        name, number_of = f"audio/tonmeister-{what}.wav", 2
        while name in self.taken or name in self.sounds:
            name, number_of = f"audio/tonmeister-{what}-{number_of}.wav", number_of + 1
        self.sounds[name] = file
        return name

    def channel_of_bus(self, bus_id: str) -> Element | None:
        """Return the channel of a bus of the document."""
        track = self.new_tracks.get(bus_id)
        if track is None:
            track = self.tracks.get(self.changes.known_buses.get(bus_id, ""))
        return None if track is None else track.find("Channel")


def patch_dawproject(path: Path, changes: Changes, to: Path) -> Handback:
    """Write the project at `path` with the changes into another file.

    Raises:
        SessionError: If the project can no longer be read.
        OutputError: If the file cannot be written.
    """
    with open_zip(path) as archive:
        root = parse_xml(read_member(archive, PROJECT, path), path, what=PROJECT)
        work = _patched(root, changes, set(archive.namelist()))
        _add_prints(work)
        with output_errors(to), ZipFile(to, "w") as out:
            for entry in archive.infolist():
                if entry.filename == PROJECT:
                    pack_xml(out, ZipInfo(PROJECT, entry.date_time), root)
                else:
                    copy_entry(archive, entry, out)
            for name, sound in work.sounds.items():
                pack_sound(out, name, sound)
    account = work.account
    return Handback(
        path=to,
        carried=count(account.counts),
        approximate=tuple(account.approximate),
        errors_db=dict(account.errors_db),
        printed=tuple(work.printed),
        lost=(*changes.lost, *account.lost),
    )


def _patched(root: Element, changes: Changes, taken: set[str]) -> _Work:
    tracks = {element.get("id") or element.get("name") or "track": element for element in root.iter("Track")}
    work = _Work(root, changes, Ids(_last_number(root)), tracks, taken=taken)
    built = [bus for bus in changes.buses if _is_built(bus, work)]
    for bus in built:
        _open_bus(bus, work)
    for bus in built:
        _fill_bus(bus, work)
    for change in changes.owners:
        element = tracks.get(change.track)
        channel = None if element is None else element.find("Channel")
        if element is None or channel is None:
            work.account.lost.append(f"{change.name}: its track has no channel in the project.")
            continue
        _set_owner(element, channel, change, work)
        if change.track in changes.takes:
            _play_take(element, changes.takes[change.track], work)
    master = next((c for c in root.iter("Channel") if c.get("role") == "master"), None)
    if master is not None:
        _add_devices(master, changes.master, "Master", 2, work)
    return work


def _last_number(root: Element) -> int:
    texts = (element.get("id", "").removeprefix("id") for element in root.iter())
    return max((int(text) for text in texts if text.isdigit()), default=0)


def _is_built(bus: Bus, work: _Work) -> bool:
    """Say whether a new bus can be built; an effect whose device the format does not know would only repeat the dry sound."""
    missing = [insert for insert in bus.inserts if not builds(insert, 2)]
    if bus.kind == "group" or not missing:
        return True
    if bus.id in work.changes.prints:
        return False
    told = "; ".join(f"{title_of(insert)}: {summary_of(insert.processor)}" for insert in missing)
    work.account.lost.append(f"{bus.name}: the return and the sends to it, as no generic device does this ({told}).")
    return False


def _set_owner(element: Element, channel: Element, change: OwnerChange, work: _Work) -> None:
    counts, lost = work.account.counts, work.account.lost
    _add_devices(channel, change.inserts, change.name, change.channels, work)
    moving_mute = change.mute if change.mute is not None and not change.mute.is_constant else None
    if change.fader_db is not None:
        _set_level(element, _parameter(channel, "Volume", work), change.fader_db, moving_mute, work)
        counts["faders"] += 1
        counts["fader lanes"] += not change.fader_db.is_constant
    elif moving_mute is not None:
        lost.append(f"{change.name}: its moving mute.")
    if change.mute is not None and change.mute.is_constant:
        mute = _switch(channel, "Mute", work)
        mute.set("value", "true" if change.mute.points[0].value >= 1 else "false")
        _drop_points(mute, work)
        counts["mutes"] += 1
    if change.pan is not None:
        _set_pan(element, _parameter(channel, "Pan", work), change.pan, work)
        counts["pans"] += 1
        counts["pan lanes"] += not change.pan.is_constant
    if change.polarity_inverted is not None:
        lost.append(f"{change.name}: its polarity is turned over in the mix; DAWproject has no switch for that.")
    if change.width is not None:
        lost.append(f"{change.name}: its stereo width; DAWproject has no generic device for that.")
    _set_sends(element, channel, change, work)
    group = None if change.output is None else work.channel_of_bus(change.output)
    if group is not None:
        channel.set("destination", group.get("id", ""))
        counts["ways to new groups"] += 1


def _insert(channel: Element, made: Element) -> None:
    """Put a new child where the schema wants it."""
    rank = _ORDER.index(made.tag)
    place = next((k for k, e in enumerate(channel) if e.tag in _ORDER and _ORDER.index(e.tag) > rank), len(channel))
    channel.insert(place, made)


def _parameter(channel: Element, tag: str, work: _Work) -> Element:
    """Return the volume or pan of a channel, made where it has none; it has an id then."""
    found = channel.find(tag)
    if found is None:
        holder = Element("Channel")
        if tag == "Volume":
            add_real(holder, work.ids, tag, 1.0, "linear", reach=(0.0, HIGHEST_VOLUME), name=tag)
        else:
            add_real(holder, work.ids, tag, 0.5, "normalized", reach=(0.0, 1.0), name=tag)
        found = holder[0]
        _insert(channel, found)
    if not found.get("id"):
        found.set("id", work.ids.take())
    return found


def _switch(channel: Element, tag: str, work: _Work) -> Element:
    found = channel.find(tag)
    if found is None:
        holder = Element("Channel")
        add_bool(holder, work.ids, tag, value=False, name=tag)
        found = holder[0]
        _insert(channel, found)
    return found


def _in_unit(gain: float, unit: str) -> float:
    if unit != "decibel":
        return gain
    return max(-120.0, 20 * log10(max(gain, 1e-6)))


def _set_level(track: Element, volume: Element, fader_db: Lane, mute: Lane | None, work: _Work) -> None:
    lanes, values = [fader_db], [gain_value(fader_db)]
    if mute is not None:
        lanes.append(mute)
        values.append(heard(mute))
    start, line = gain_line(lanes, values)
    unit = volume.get("unit", "linear")
    volume.set("value", number(_held(volume, _in_unit(start, unit))))
    _drop_points(volume, work)
    if line:
        _add_points(track, volume, unit, [(at, _held(volume, _in_unit(gain, unit))) for at, gain in line], work)


def _set_pan(track: Element, pan: Element, lane: Lane, work: _Work) -> None:
    unit = pan.get("unit", "normalized")
    scale, shift = (0.5, 0.5) if unit == "normalized" else ((100.0, 0.0) if unit == "percent" else (1.0, 0.0))
    pan.set("value", number(shift + scale * lane.points[0].value))
    _drop_points(pan, work)
    line = plain_line(plain_value(lane), lane)
    if line:
        _add_points(track, pan, unit, [(at, shift + scale * value) for at, value in line], work)


def _held(parameter: Element, value: float) -> float:
    """Return a value within the reach that a parameter says."""
    low, high = parameter.get("min"), parameter.get("max")
    value = value if high is None else min(value, float(high))
    return value if low is None else max(value, float(low))


def _drop_points(parameter: Element, work: _Work) -> None:
    """Take away the automation of a parameter that the mix sets."""
    name = parameter.get("id")
    for holder in list(work.root.iter()):
        for points in holder.findall("Points"):
            target = points.find("Target")
            if name and target is not None and target.get("parameter") == name:
                holder.remove(points)


def _add_points(track: Element, parameter: Element, unit: str, line: Line, work: _Work) -> None:
    lanes = _lanes_of(track, work)
    if lanes is None:
        work.account.lost.append(f"{track.get('name')}: what moves; the project has no arrangement.")
        return
    points = add(lanes, "Points", {"unit": unit, "timeUnit": "seconds", "id": work.ids.take()})
    add(points, "Target", {"parameter": parameter.get("id", "")})
    for at, value in line:
        add(points, "RealPoint", {"value": number(value), "interpolation": "linear", "time": number(at)})


def _lanes_of(track: Element, work: _Work) -> Element | None:
    """Return the lanes of a track in the arrangement, made where there are none."""
    arrangement = work.root.find("Arrangement")
    if arrangement is None:
        return None
    name = track.get("id", "")
    found = next((lanes for lanes in arrangement.iter("Lanes") if lanes.get("track") == name), None)
    if found is not None:
        return found
    top = arrangement.find("Lanes")
    if top is None:
        return None
    return add(top, "Lanes", {"track": name, "id": work.ids.take()})


def _add_devices(channel: Element, inserts: Sequence[Insert], name: str, channels: int, work: _Work) -> None:
    """Put our devices behind those that are there."""
    for insert in inserts:
        if insert.key is not None or not builds(insert, channels):
            told = f"{title_of(insert)} ({insert.id}): {summary_of(insert.processor)}"
            keyed = f", which listens to {insert.key}" if insert.key else ""
            work.account.lost.append(f"{name}: its {told}{keyed}; no generic device does this.")
            continue
        holder = channel.find("Devices")
        if holder is None:
            holder = Element("Devices")
            _insert(channel, holder)
        add_device(
            holder, work.ids, insert, owner=name, sample_rate_hz=work.changes.sample_rate_hz, account=work.account
        )


def _set_sends(track: Element, channel: Element, change: OwnerChange, work: _Work) -> None:
    for send in change.sends:
        target = work.channel_of_bus(send.bus)
        if target is None:
            continue  # said when its bus could not be built
        holder = channel.find("Sends")
        if holder is None:
            holder = Element("Sends")
            _insert(channel, holder)
        found = next(_sends_to(holder, target.get("id", "")), None)
        if found is None:
            found = add(holder, "Send", {"destination": target.get("id", ""), "type": "post", "id": work.ids.take()})
            add_bool(found, work.ids, "Enable", value=True)
            add_real(found, work.ids, "Volume", 1.0, "linear", reach=(0.0, HIGHEST_VOLUME), name="Send")
        enable, volume = found.find("Enable"), found.find("Volume")
        if enable is not None:
            enable.set("value", "true")
        if volume is not None:
            if not volume.get("id"):
                volume.set("id", work.ids.take())
            _set_level(track, volume, send.level_db, None, work)
        work.account.counts["sends"] += 1


def _sends_to(holder: Element, channel_id: str) -> Iterator[Element]:
    return (send for send in holder.findall("Send") if send.get("destination") == channel_id)


def _open_bus(bus: Bus, work: _Work) -> None:
    """Make the track of a new group or return; it stands before the master."""
    structure = work.root.find("Structure")
    if structure is None:
        structure = add(work.root, "Structure")
    is_group = bus.kind == "group"
    what = {"contentType": "tracks" if is_group else "audio", "loaded": "true", "id": work.ids.take(), "name": bus.name}
    track = Element("Track", what)
    channel = add(track, "Channel", {"audioChannels": "2", "role": "submix" if is_group else "effect"})
    channel.set("solo", "false")
    channel.set("id", work.ids.take())
    place = next((k for k, e in enumerate(structure) if _is_master(e)), len(structure))
    structure.insert(place, track)
    work.new_tracks[bus.id] = track
    work.account.counts["group buses" if is_group else "effect buses"] += 1


def _add_prints(work: _Work) -> None:
    """Add a track for every return that is there as sound."""
    for bus in work.changes.buses:
        sound = work.changes.prints.get(bus.id)
        if sound is None:
            continue
        name = work.name_for(bus.id, sound.path)
        dry = bus.model_copy(update={"inserts": (), "sends": (), "kind": "group", "name": f"{bus.name} (printed)"})
        _open_bus(dry, work)
        track = work.new_tracks.pop(bus.id)
        track.set("contentType", "audio")
        next(track.iter("Channel")).set("role", "regular")
        work.new_tracks[dry.id] = track
        _fill_bus(dry, work)
        lanes = _lanes_of(track, work)
        if lanes is not None:
            place = WholeFile(Path(name).stem, 0.0, sound.duration_s, sound.channels, sound.sample_rate_hz)
            add_whole_file(lanes, work.ids, name, place)
        work.account.counts["group buses"] -= 1
        work.printed.append(f"{bus.name} plays as sound, on “{bus.name} (printed)”: the format has no device for it.")


def _play_take(track: Element, take: Take, work: _Work) -> None:
    """Let a track play another take in the place of its clips."""
    lanes = _lanes_of(track, work)
    if lanes is None:
        work.account.lost.append(f"{take.name}; the project has no arrangement.")
        return
    for clips in lanes.findall("Clips"):
        lanes.remove(clips)
    place = WholeFile(take.name, take.start_s, take.length_s, take.media.channels, take.sample_rate_hz)
    add_whole_file(lanes, work.ids, work.name_for(f"take-{len(work.sounds) + 1}", take.path), place)
    work.account.counts["new takes"] += 1


def _is_master(track: Element) -> bool:
    channel = track.find("Channel")
    return channel is not None and channel.get("role") == "master"


def _fill_bus(bus: Bus, work: _Work) -> None:
    track = work.new_tracks[bus.id]
    channel = next(track.iter("Channel"))
    out = work.channel_of_bus(bus.output)
    master = next((c for c in work.root.iter("Channel") if c.get("role") == "master"), None)
    to = out if out is not None else master
    if to is not None and to is not channel:
        channel.set("destination", to.get("id", ""))
    muted = bus.mute if not bus.mute.is_constant else None
    mute = _switch(channel, "Mute", work)
    mute.set("value", "true" if muted is None and bus.mute.points[0].value >= 1 else "false")
    _parameter(channel, "Pan", work)
    change = OwnerChange(track.get("id", ""), bus.name, 2, inserts=bus.inserts, sends=bus.sends)
    change.fader_db, change.mute = bus.fader_db, muted
    change.width = None if all(point.value == 1 for point in bus.width.points) else bus.width
    _set_owner(track, channel, change, work)
