"""From the mix document to a graph of nodes: what is computed from what, each with a hash of everything that makes its sound.

source → inserts of `cleanup` (tap of keys) → other inserts (strip) → place (fader, pan, width, mute) → sum of the bus
→ inserts → place → sum of the mix;  place → send → sum of the effect → inserts → place → sum of the mix.

No name and no id enters a hash, and sums are ordered by the sources' hashes, so a renamed file gives the same bytes.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from tonmeister.document.lane import SILENT_DB, Lane
from tonmeister.document.mix import Mix, Track
from tonmeister.document.strip import MASTER, Bus, Insert, Strip
from tonmeister.errors import DocumentError
from tonmeister.model import Model
from tonmeister.processing import Debleed, Processor
from tonmeister.processing.in_song import Placing, in_song
from tonmeister.render.amount import is_unheard
from tonmeister.render.place import Placement

DSP_VERSION = 5
"""Part of every hash; raised with any change of a processor or of the renderer that changes a byte."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Node:
    """One computation; two nodes of the same hash give the same sound."""

    hash: str
    channels: int
    inputs: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SourceNode(Node):
    """A stem in song time, with trim and polarity."""

    track_id: str
    """Under which id the sources know it; no part of the hash."""
    sha256: str
    stream: int
    start_frame: int
    gain_db: float
    inverted: bool
    end_frame: int


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class InsertNode(Node):
    """A processor; the second input, if there is one, is its key."""

    processor: Processor
    amount: Lane | None = None
    """How much of it is heard over the song; None is all of it."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PlaceNode(Node):
    """A strip or bus, placed in two channels."""

    placement: Placement


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SendNode(Node):
    """A placed strip, at the level of a send."""

    level_db: Lane


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SumNode(Node):
    """Two signals added."""

    leaves: int
    """How many placed strips, buses or sends it adds up."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SilenceNode(Node):
    """Nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """A mix, ready to be pulled at any of its points."""

    sample_rate_hz: int
    song_frames: int
    points: dict[str, Node] = field(default_factory=dict)
    """`mix`; of each track `source:ID`, `tap:ID` (where keys listen), `strip:ID` (before the fader), `track:ID` (as it goes to
    its bus); of each bus `sum:ID`, `chain:ID` (before its fader), `bus:ID`; `insert:track:ID:INSERT` and
    `insert:bus:ID:INSERT` behind each insert."""
    strips: frozenset[str] = frozenset()
    """Hashes of the ends of strips that process anything."""
    chains: frozenset[str] = frozenset()
    """Hashes of the ends of bus chains that process anything."""

    def node(self, point: str) -> Node:
        """Return the node of a point.

        Raises:
            DocumentError: If the mix has no such point.
        """
        try:
            return self.points[point]
        except KeyError:
            raise DocumentError(
                f"the mix has no {point!r} to listen to; it has {', '.join(sorted(self.points))}"
            ) from None


@dataclass(frozen=True, slots=True, eq=False)
class _Member:
    """Something that goes into a sum: its place in the order does not depend on faders."""

    order: str
    node: Node | None
    """None is never heard; it keeps its place, so that the other sums stay what they are."""


def build_graph(mix: Mix) -> Graph:
    """Return the graph of a mix.

    Raises:
        DocumentError: If buses feed each other in a circle.
    """
    return _Builder(mix).build()


def build_chain(inserts: Sequence[Insert], *, sample_rate_hz: int, channels: int, frames: int) -> Graph:
    """Return the graph of one sound and a chain without keys, such as the master's.

    Its points are `source`, `last` (what goes into the last insert) and `end`.
    """
    node: Node = SourceNode(
        hash=_hash("chain", None, ()), channels=channels, track_id="", sha256="", stream=0, start_frame=0, gain_db=0.0,
        inverted=False, end_frame=frames,
    )  # fmt: skip
    points = {"source": node, "last": node}
    for insert in inserts:
        if not is_unheard(insert):
            points["last"] = node
            node = _inserted(node, insert)
    return Graph(sample_rate_hz, frames, {**points, "end": node})


def place_repairs(mix: Mix, track: Track) -> tuple[Insert, ...]:
    """Return the inserts of a track as they run: those of `cleanup`, and what takes bleed out, are written for the file as it is.

    So no setting goes stale when a person moves a trim, turns a track over or shifts it.
    """
    trims = {other.id: other.strip.trim_db for other in mix.tracks}
    strip, rate = track.strip, mix.song.sample_rate_hz
    placing = Placing(
        start_s=(track.start_frame + strip.delay_frames) / rate, trim_db=strip.trim_db, inverted=strip.polarity_inverted
    )

    def place(insert: Insert) -> Insert:
        if insert.slot != "cleanup" and not isinstance(insert.processor, Debleed):
            return insert
        keyed = placing.model_copy(update={"key_trim_db": trims.get(insert.key or "", 0.0)})
        return insert.model_copy(update={"processor": in_song(insert.processor, keyed)})

    return tuple(place(insert) for insert in strip.inserts)


class _Builder:
    def __init__(self, mix: Mix) -> None:
        self._mix = mix
        self._nodes: dict[str, Node] = {}
        self._points: dict[str, Node] = {}
        self._strip_ends: set[str] = set()
        self._chain_ends: set[str] = set()
        self._tracks = [track for track in mix.tracks if track.used]
        self._strips: dict[str, _Member] = {}
        self._buses: dict[str, _Member] = {}
        self._open: set[str] = set()

    def build(self) -> Graph:
        for track in self._tracks:
            self._tap(track)
        for track in self._tracks:
            self._strips[track.id] = self._track(track)
        for bus in self._mix.buses:
            self._bus(bus)
        self._points["mix"] = self._total(MASTER, [self._bus(bus) for bus in self._mix.buses if bus.output == MASTER])
        song = self._mix.song
        return Graph(
            song.sample_rate_hz, song.frames, self._points, frozenset(self._strip_ends), frozenset(self._chain_ends)
        )

    def _tap(self, track: Track) -> None:
        strip, song = track.strip, self._mix.song
        node = SourceNode(
            hash="",
            channels=track.channels,
            track_id=track.id,
            sha256=track.sha256,
            stream=track.stream,
            start_frame=track.start_frame + strip.delay_frames,
            gain_db=strip.trim_db,
            inverted=strip.polarity_inverted,
            end_frame=song.frames + max(0, strip.delay_frames),
        )
        what = {name: value for name, value in asdict(node).items() if name not in ("hash", "inputs", "track_id")}
        named = replace(node, hash=_hash("source", {**what, "rate": song.sample_rate_hz}, ()))
        source = self._nodes.setdefault(named.hash, named)
        self._points[f"source:{track.id}"] = source
        placed = place_repairs(self._mix, track)
        cleanup = [insert for insert in placed if insert.slot == "cleanup"]
        self._points[f"tap:{track.id}"] = self._chain(f"track:{track.id}", source, cleanup)

    def _chain(self, owner: str, node: Node, inserts: Sequence[Insert]) -> Node:
        for insert in inserts:
            if not is_unheard(insert) and not isinstance(node, SilenceNode):
                made = _inserted(node, insert, *(() if insert.key is None else (self._key(insert.key),)))
                node = self._nodes.setdefault(made.hash, made)
            self._points[f"insert:{owner}:{insert.id}"] = node
        return node

    def _key(self, track_id: str) -> Node:
        return self._points.get(f"tap:{track_id}") or self._silence(1)  # a track that is not used makes no sound

    def _track(self, track: Track) -> _Member:
        strip = track.strip
        rest = [insert for insert in place_repairs(self._mix, track) if insert.slot != "cleanup"]
        end = self._chain(f"track:{track.id}", self._points[f"tap:{track.id}"], rest)
        if isinstance(end, InsertNode):
            self._strip_ends.add(end.hash)
        self._points[f"strip:{track.id}"] = end
        placed = self._place(end, Placement(strip.fader_db, strip.mute, strip.width, strip.pan))
        self._points[f"track:{track.id}"] = placed or self._silence(2)
        return _Member(f"{_source(track)}:{end.hash}", placed)

    def _bus(self, bus: Bus) -> _Member:
        if bus.id in self._buses:
            return self._buses[bus.id]
        if bus.id in self._open:
            raise DocumentError(f"bus {bus.id!r} feeds itself by way of a send")
        self._open.add(bus.id)
        groups = [self._bus(other) for other in self._mix.buses if other.output == bus.id]
        total = self._total(bus.id, [*groups, *self._sent(bus)])
        self._points[f"sum:{bus.id}"] = total
        end = self._chain(f"bus:{bus.id}", total, bus.inserts)
        if isinstance(end, InsertNode):
            self._chain_ends.add(end.hash)
        self._points[f"chain:{bus.id}"] = end
        placed = None
        if not isinstance(end, SilenceNode):
            placed = self._place(end, Placement(bus.fader_db, bus.mute, bus.width))
        self._points[f"bus:{bus.id}"] = placed or self._silence(2)
        inserts = _digest([_plain(insert.processor) for insert in bus.inserts])
        self._buses[bus.id] = _Member(f"~{bus.kind}:{self._sources(bus.id)}:{inserts}", placed)
        return self._buses[bus.id]

    def _total(self, output: str, buses: Sequence[_Member]) -> Node:
        """Return the sum of the tracks that go to an output, and of other members."""
        tracks = _in_order([self._strips[track.id] for track in self._going_to(output)])
        members = [_Member("", self._tree(tracks)), *buses] if tracks else buses
        return self._tree(_in_order(members)) or self._silence(2)

    def _going_to(self, output: str) -> list[Track]:
        return [track for track in self._tracks if track.strip.output == output]

    def _sources(self, bus: str) -> str:
        """Return the same for the same sounds, whatever becomes of them: buses are ordered by it."""
        tracks = [track for track in self._tracks if bus in (track.strip.output, *(s.bus for s in track.strip.sends))]
        return _digest(sorted(_source(track) for track in tracks))

    def _sent(self, effect: Bus) -> list[_Member]:
        """Return what is sent to an effect: the tracks of each output by a tree of the same shape as their own sum.

        So the neighbours of an edited track are the same in all sums, and are placed only once.
        """
        members = []
        for output in (MASTER, *(bus.id for bus in self._mix.buses)):
            tracks = self._going_to(output)
            sends = [self._send(self._strips[track.id], track.strip, effect.id) for track in tracks]
            if any(send.bus == effect.id for track in tracks for send in track.strip.sends):
                members.append(_Member(self._sources(output), self._tree(_in_order(sends))))
        for bus in self._mix.buses:
            if any(send.bus == effect.id for send in bus.sends):
                members.append(self._send(self._bus(bus), bus, effect.id))
        return members

    def _place(self, node: Node, placement: Placement) -> Node | None:
        if placement.is_off:
            return None
        lanes = (placement.fader_db, placement.mute, placement.pan)
        what = [None if lane is None else _plain(lane) for lane in lanes]
        mark = _hash("place", {"lanes": what, "width": _width_mark(placement.width, node.channels)}, (node,))
        return self._nodes.setdefault(mark, PlaceNode(hash=mark, channels=2, inputs=(node,), placement=placement))

    def _send(self, member: _Member, owner: Strip | Bus, effect: str) -> _Member:
        level_db = next((send.level_db for send in owner.sends if send.bus == effect), None)
        if member.node is None or level_db is None or all(point.value <= SILENT_DB for point in level_db.points):
            return _Member(member.order, None)
        mark = _hash("send", _plain(level_db), (member.node,))
        made = SendNode(hash=mark, channels=2, inputs=(member.node,), level_db=level_db)
        return _Member(member.order, self._nodes.setdefault(mark, made))

    def _tree(self, nodes: list[Node | None]) -> Node | None:
        """Add up over a balanced binary tree, so that one changed leaf changes log2 of them."""
        if len(nodes) <= 1:
            return nodes[0] if nodes else None
        half = len(nodes) // 2
        first, second = self._tree(nodes[:half]), self._tree(nodes[half:])
        if first is None or second is None:
            return first or second
        mark = _hash("sum", None, (first, second))
        leaves = sum(node.leaves if isinstance(node, SumNode) else 1 for node in (first, second))
        return self._nodes.setdefault(mark, SumNode(hash=mark, channels=2, inputs=(first, second), leaves=leaves))

    def _silence(self, channels: int) -> Node:
        mark = _hash("silence", channels, ())
        return self._nodes.setdefault(mark, SilenceNode(hash=mark, channels=channels))


def _width_mark(width: Lane, channels: int) -> Any:
    """Return what tells one width from another: one channel has none, and a still one is its number."""
    if channels == 1:
        return 1.0
    return width.points[0].value if width.is_constant else _plain(width)


def _inserted(node: Node, insert: Insert, *keys: Node) -> InsertNode:
    inputs, amount = (node, *keys), insert.amount
    what = _plain(insert.processor) if amount is None else [_plain(insert.processor), _plain(amount)]
    mark = _hash("insert", what, inputs)
    return InsertNode(hash=mark, channels=node.channels, inputs=inputs, processor=insert.processor, amount=amount)


def _in_order(members: Sequence[_Member]) -> list[Node | None]:
    ordered = sorted(members, key=lambda member: (member.order, member.node.hash if member.node else ""))
    return [member.node for member in ordered]


def _source(track: Track) -> str:
    return f"{track.sha256}:{track.stream:04}:{track.start_frame:012}"


def _plain(model: Model) -> Any:
    return model.model_dump(mode="json")


def _digest(what: object) -> str:
    text = json.dumps(what, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()


def _hash(kind: str, what: object, inputs: tuple[Node, ...]) -> str:
    return _digest([DSP_VERSION, kind, what, [node.hash for node in inputs]])
