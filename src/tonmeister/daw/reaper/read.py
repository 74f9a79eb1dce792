"""A REAPER project as a session (.rpp of REAPER 4 to 7)."""

from collections.abc import Sequence
from math import log10
from pathlib import Path

from tonmeister.daw.opening import read_text_bytes, text_of
from tonmeister.daw.reading import Unread, held, in_db, make_lane, meters_of, number, seconds, stepped, whole
from tonmeister.daw.reaper.effects_in import read_effects
from tonmeister.daw.reaper.items_in import points_of, read_item
from tonmeister.daw.reaper.tree import Line, Node, parse
from tonmeister.daw.session import DawSession, Marker, Meter, SessionSend, SessionTrack, Tempo, TrackKind
from tonmeister.document.lane import Lane, add_lanes, constant

MASTER_ID = "master"
_SQUARE = 1
_PRE_FADER = (1, 3)
_TRIM_AND_READ = 0
_METER_BASE = 65536


def read_reaper(path: Path) -> DawSession:
    """Read a REAPER project.

    Raises:
        SessionError: If it is none, or breaks off.
    """
    root = parse(text_of(read_text_bytes(path)), path)
    unread = Unread()
    nodes = root.blocks("TRACK")
    ids = [_id(node, place) for place, node in enumerate(nodes)]
    sends = _sends(nodes, ids, unread)
    parents = _parents(nodes, ids)
    tracks = [
        _track(node, ids[place], parents[place], sends.get(place, ()), unread) for place, node in enumerate(nodes)
    ]
    rate = whole((root.line("SAMPLERATE") or ["0"])[0])
    return DawSession(
        format="reaper",
        program=f"REAPER {root.words[1]}" if len(root.words) > 1 else "REAPER",
        title=(root.line("TITLE") or [""])[0],
        sample_rate_hz=rate if 1000 <= rate <= 1_000_000 else None,
        mono_centre_db=_centre_db(root),
        tracks=(*tracks, _master(root)),
        tempos=_tempos(root),
        meters=_meters(root),
        markers=_markers(root),
        unread=unread.sentences,
    )


def _id(node: Node, place: int) -> str:
    return (node.words[0] if node.words else "") or f"track-{place + 1}"


def _centre_db(root: Node) -> float:
    """Return the pan law: a gain at the centre; a negative one is made up for."""
    law = number((root.line("PANLAW") or ["1"])[0], 1.0)
    return round(held(20 * log10(law), -12.0, 0.0), 3) if 0 < law < 1 else 0.0


def _track(node: Node, track_id: str, parent: str | None, sends: Sequence[SessionSend], unread: Unread) -> SessionTrack:
    levels = [*node.line("VOLPAN"), "1", "0"]
    mutes = [*node.line("MUTESOLO"), "0", "0"]
    clips = [clip for item in node.blocks("ITEM") if (clip := read_item(item, unread)) is not None]
    has_notes = bool(node.blocks("ITEM")) and not clips
    kind: TrackKind = "audio"
    if not node.blocks("ITEM"):
        if node.line("ISBUS")[:1] == ["1"]:
            kind = "group"
        elif node.has("AUXRECV"):
            kind = "return"
    if has_notes:
        kind = "notes"
    goes_on = node.line("MAINSEND")[:1] != ["0"]
    return SessionTrack(
        id=track_id,
        name=(node.line("NAME") or [""])[0] or "Track",
        kind=kind,
        polarity_inverted=node.line("IPHASE")[:1] == ["1"],
        fader_db=_fader(node, in_db(number(levels[0], 1.0))),
        pan=_pan(node, round(held(number(levels[1]), -1.0, 1.0), 6)),
        mute=_mute(node, is_muted=mutes[0] not in ("0", "")),
        is_soloed=mutes[1] not in ("0", ""),
        output=parent,
        is_heard=goes_on,
        sends=tuple(sends),
        devices=read_effects(node.block("FXCHAIN")) if node.line("FX")[:1] != ["0"] else (),
        clips=tuple(clips),
    )


def _envelope(node: Node, name: str) -> list[tuple[float, float, bool]]:
    """Return the points (seconds, value, held) of an envelope that is in use."""
    envelope = node.block(name)
    if envelope is None or envelope.line("ACT")[:1] == ["0"]:
        return []
    return [
        (number(words[0]), number(words[1]), len(words) > 2 and whole(words[2]) == _SQUARE)
        for words in points_of(envelope)
    ]


def _fader(node: Node, fader_db: float) -> Lane:
    """Return the fader; in trim and read mode, which is REAPER's usual one, envelope and fader add up."""
    points, holds = stepped(_envelope(node, "VOLENV2"))
    if not points:
        return constant(fader_db)
    lane = make_lane([(t, in_db(v)) for t, v in points], law="hold" if holds else "linear_gain", otherwise=0.0)
    adds_up = whole((node.line("AUTOMODE") or ["0"])[0]) == _TRIM_AND_READ
    return add_lanes(lane, constant(fader_db)) if adds_up and fader_db else lane


def _pan(node: Node, pan: float) -> Lane:
    """Return the pan; REAPER's envelopes count left as +1, its pan itself counts it as -1."""
    points, holds = stepped(_envelope(node, "PANENV2"))
    if not points:
        return constant(pan, law="linear_gain")
    values = [(t, round(held(-v, -1.0, 1.0), 6)) for t, v in points]
    return make_lane(values, law="hold" if holds else "linear_gain", otherwise=0.0)


def _mute(node: Node, *, is_muted: bool) -> Lane:
    points = _envelope(node, "MUTEENV")
    if not points or is_muted:
        return constant(float(is_muted), law="hold")
    return make_lane([(t, 0.0 if v >= 0.5 else 1.0) for t, v, _ in points], law="hold", otherwise=0.0)


def _sends(nodes: Sequence[Node], ids: Sequence[str], unread: Unread) -> dict[int, list[SessionSend]]:
    """Return what each track sends, by its place: REAPER writes it where it arrives, its envelope behind it."""
    found: dict[int, list[SessionSend]] = {}
    for place, node in enumerate(nodes):
        last: list[SessionSend] | None = None
        for row in node.rows:
            if isinstance(row, Node):
                if row.name == "AUXVOLENV" and last and row.line("ACT")[:1] != ["0"]:
                    last[-1] = _with_envelope(last[-1], row)
                continue
            if row.name != "AUXRECV":
                continue
            words = [*row.words, *["0"] * 12]
            source = whole(words[0], -1)
            last = None
            if not 0 <= source < len(nodes) or source == place:
                unread.add("A receive comes from a track that is not there.")
                continue
            last = found.setdefault(source, [])
            last.append(
                SessionSend(
                    to=ids[place],
                    level_db=constant(in_db(number(words[2], 1.0))),
                    is_pre_fader=whole(words[1]) in _PRE_FADER,
                    is_on=words[4] in ("0", ""),
                )
            )
    return found


def _with_envelope(send: SessionSend, envelope: Node) -> SessionSend:
    """Return a send whose level moves; envelope and level add up."""
    points = [(number(words[0]), in_db(number(words[1], 1.0))) for words in points_of(envelope)]
    if not points:
        return send
    lane = make_lane(points, law="linear_gain", otherwise=0.0)
    return send.model_copy(update={"level_db": add_lanes(lane, send.level_db)})


def _parents(nodes: Sequence[Node], ids: Sequence[str]) -> list[str | None]:
    """Return the folder that each track lies in."""
    parents: list[str | None] = []
    stack: list[str] = []
    for place, node in enumerate(nodes):
        parents.append(stack[-1] if stack else None)
        kind, change = (whole(word) for word in [*node.line("ISBUS"), "0", "0"][:2])
        if kind == 1:
            stack.append(ids[place])
        elif kind == 2:
            del stack[max(0, len(stack) + min(change, 0)) :]
    return parents


def _master(root: Node) -> SessionTrack:
    levels = [*root.line("MASTER_VOLUME"), "1", "0"]
    return SessionTrack(
        id=MASTER_ID,
        name="Master",
        kind="master",
        fader_db=constant(in_db(number(levels[0], 1.0))),
        pan=constant(round(held(number(levels[1]), -1.0, 1.0), 6), law="linear_gain"),
        devices=read_effects(root.block("MASTERFXLIST")) if root.line("MASTER_FX")[:1] != ["0"] else (),
    )


def _tempos(root: Node) -> tuple[Tempo, ...]:
    envelope = root.block("TEMPOENVEX")
    rows = [] if envelope is None else points_of(envelope)
    found = [
        Tempo(
            time_s=round(max(0.0, seconds(number(words[0]))), 6),
            bpm=round(held(number(words[1], 120.0), 1.0, 10_000.0), 6),
            is_ramp=len(words) > 2 and whole(words[2]) != _SQUARE,
        )
        for words in rows
    ]
    bpm = held(number((root.line("TEMPO") or ["120"])[0], 120.0), 1.0, 10_000.0)
    return tuple(found) or (Tempo(time_s=0.0, bpm=round(bpm, 6)),)


def _meters(root: Node) -> tuple[Meter, ...]:
    words = [*root.line("TEMPO"), "120", "4", "4"]
    found = [(0.0, number(words[1], 4), number(words[2], 4))]
    envelope = root.block("TEMPOENVEX")
    for point in [] if envelope is None else points_of(envelope):
        packed = whole(point[3]) if len(point) > 3 else 0
        if packed > _METER_BASE:
            found.append((number(point[0]), packed % _METER_BASE, packed // _METER_BASE))
    return meters_of(found)


def _markers(root: Node) -> tuple[Marker, ...]:
    """Return markers, and regions of which REAPER writes start and end as two lines of one number."""
    found: list[Marker] = []
    open_regions: dict[str, Marker] = {}
    for row in root.rows:
        if not isinstance(row, Line) or row.name != "MARKER":
            continue
        words = [*row.words, "", "", "", ""]
        marker = Marker(time_s=round(seconds(number(words[1])), 6), name=words[2])
        if whole(words[3]) & 1 == 0:
            found.append(marker)
        elif words[0] in open_regions:
            start = open_regions.pop(words[0])
            found.append(start.model_copy(update={"end_s": marker.time_s}))
        else:
            open_regions[words[0]] = marker
    return tuple(sorted([*found, *open_regions.values()], key=lambda marker: marker.time_s))
