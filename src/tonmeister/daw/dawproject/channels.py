"""Strips, buses and the master as DAWproject's tracks with their channels, and the lanes that move them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from tonmeister.daw.account import Account
from tonmeister.daw.dawproject.devices import add_device
from tonmeister.daw.dawproject.xml import HIGHEST_VOLUME, Ids, add, add_bool, add_real, number
from tonmeister.daw.desk import Desk, Level, desk_of
from tonmeister.daw.lanes import Line
from tonmeister.daw.names import printable_text
from tonmeister.daw.pans import balance_of
from tonmeister.document.mix import Mix, Track
from tonmeister.document.strip import MASTER, Bus, Insert, Strip

_COLOURS = {
    "vocal": "#d94a6a", "drums": "#d9a24a", "bass": "#8a5cd9", "guitar": "#4aa86a", "keys": "#4a90d9", "synth": "#4ac0d9",
    "strings": "#b0684a", "brass": "#c9b14a", "woodwind": "#7aa84a", "effects": "#8a8a9a", "mix": "#8a8a9a",
    "unknown": "#8a8a9a",
}  # fmt: skip


@dataclass(slots=True)
class Board:
    """Ids by which tracks, channels and lanes know each other."""

    ids: Ids
    account: Account
    sample_rate_hz: int
    channels: dict[str, str] = field(default_factory=dict)
    """`track:ID`, `bus:ID` → id of the channel."""
    tracks: dict[str, str] = field(default_factory=dict)
    """The same → id of the track."""
    lanes: dict[str, list[tuple[str, str, Line]]] = field(default_factory=dict)
    """The same → parameter, unit, points of what moves."""


def make_board(mix: Mix, account: Account) -> Board:
    """Return a board with an id for every channel, as they refer to each other both ways."""
    board = Board(Ids(), account, mix.song.sample_rate_hz)
    keys = [f"track:{track.id}" for track in mix.tracks if track.used]
    for key in (*keys, *(f"bus:{bus.id}" for bus in mix.buses), f"bus:{MASTER}"):
        board.tracks[key], board.channels[key] = board.ids.take(), board.ids.take()
        board.lanes[key] = []
    return board


def add_structure(root: Element, mix: Mix, board: Board) -> None:
    """Add all tracks: what goes to a group lies in it, effects come behind, the master last."""
    structure = add(root, "Structure")
    _add_members(structure, MASTER, mix, board)
    for bus in mix.buses:
        if bus.kind == "effect":
            _add_bus(structure, bus, board)
    key = f"bus:{MASTER}"
    element = _track(structure, key, "Master", "audio notes", board, colour=None)
    channel = _channel(element, key, None, "master", board)
    _add_devices(channel, mix.master.inserts, "Master", board)
    still = Desk(Level(1.0), 0.0, [], muted=False, sends=())
    _add_desk(channel, key, still, board)


def _add_members(parent: Element, output: str, mix: Mix, board: Board) -> None:
    for bus in mix.buses:
        if bus.kind == "group" and bus.output == output:
            element = _add_bus(parent, bus, board)
            _add_members(element, bus.id, mix, board)
    for track in mix.tracks:
        if track.used and track.strip.output == output:
            _add_track(parent, track, board)


def _add_track(parent: Element, track: Track, board: Board) -> None:
    key = f"track:{track.id}"
    element = _track(parent, key, track.name, "audio", board, colour=_COLOURS[track.family])
    channel = _channel(element, key, track.strip.output, "regular", board)
    board.account.counts["tracks"] += 1
    board.account.counts["delays of a track"] += track.strip.delay_frames != 0
    _fill(channel, key, track.strip, track.name, track.channels, board)


def _add_bus(parent: Element, bus: Bus, board: Board) -> Element:
    key, is_group = f"bus:{bus.id}", bus.kind == "group"
    element = _track(parent, key, bus.name, "tracks" if is_group else "audio", board, colour=None)
    channel = _channel(element, key, bus.output, "submix" if is_group else "effect", board)
    board.account.counts["group buses" if is_group else "effect buses"] += 1
    _fill(channel, key, bus, bus.name, 2, board)
    return element


def _fill(channel: Element, key: str, owner: Strip | Bus, name: str, channels: int, board: Board) -> None:
    _add_devices(channel, owner.inserts, name, board)
    desk = desk_of(owner, name=name, channels=channels, law=balance_of, loudest=HIGHEST_VOLUME, account=board.account)
    _add_desk(channel, key, desk, board)


def _track(parent: Element, key: str, name: str, content: str, board: Board, *, colour: str | None) -> Element:
    what = {"contentType": content, "loaded": "true", "id": board.tracks[key], "name": printable_text(name)}
    what |= {} if colour is None else {"color": colour}
    return add(parent, "Track", what)


def _channel(parent: Element, key: str, output: str | None, role: str, board: Board) -> Element:
    way = {} if output is None else {"destination": board.channels[f"bus:{output}"]}
    return add(
        parent, "Channel", {"audioChannels": "2", **way, "role": role, "solo": "false", "id": board.channels[key]}
    )


def _add_devices(channel: Element, inserts: Sequence[Insert], name: str, board: Board) -> None:
    if inserts:
        devices = add(channel, "Devices")
        for insert in inserts:
            rate = board.sample_rate_hz
            add_device(devices, board.ids, insert, owner=name, sample_rate_hz=rate, account=board.account)


def _add_desk(channel: Element, key: str, desk: Desk, board: Board) -> None:
    ids, lanes = board.ids, board.lanes[key]
    add_bool(channel, ids, "Mute", value=desk.muted, name="Mute")
    pan = add_real(channel, ids, "Pan", 0.5 + desk.pan / 2, "normalized", reach=(0.0, 1.0), name="Pan")
    if desk.pan_line:
        lanes.append((pan, "normalized", [(at, 0.5 + value / 2) for at, value in desk.pan_line]))
    if desk.sends:
        sends = add(channel, "Sends")
        for bus, level in desk.sends:
            what = {"destination": board.channels[f"bus:{bus}"], "type": "post", "id": ids.take()}
            element = add(sends, "Send", what)
            add_bool(element, ids, "Enable", value=True)
            volume = add_real(element, ids, "Volume", level.gain, "linear", reach=(0.0, HIGHEST_VOLUME), name="Send")
            if level.line:
                lanes.append((volume, "linear", level.line))
    volume = add_real(channel, ids, "Volume", desk.fader.gain, "linear", reach=(0.0, HIGHEST_VOLUME), name="Volume")
    if desk.fader.line:
        lanes.append((volume, "linear", desk.fader.line))


def add_points(parent: Element, ids: Ids, target: str, unit: str, line: Line) -> None:
    """Add the points of one parameter, in seconds."""
    points = add(parent, "Points", {"unit": unit, "timeUnit": "seconds", "id": ids.take()})
    add(points, "Target", {"parameter": target})
    for at, value in line:
        add(points, "RealPoint", {"value": number(value), "interpolation": "linear", "time": number(at)})
