"""A mix put back into the REAPER project that it came from: faders, pans, mutes, polarities, envelopes, receives, our plugins.

The project is edited line by line: what the mix does not set stays as REAPER wrote it, to the byte.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tonmeister.daw.account import Account
from tonmeister.daw.changes import TAKES_FOLDER, Changes, OwnerChange, Take
from tonmeister.daw.desk import Level
from tonmeister.daw.handback import Handback, count
from tonmeister.daw.lanes import Line, gain_line, gain_value, heard, plain_line, plain_value
from tonmeister.daw.opening import read_text_bytes, text_of
from tonmeister.daw.reaper.devices import Device, builds, device_of
from tonmeister.daw.reaper.lines import block, chain, envelope, guid, item, number, quoted, receive
from tonmeister.daw.reaper.tree import parse, split_words
from tonmeister.daw.words import summary_of, title_of
from tonmeister.document.lane import Lane
from tonmeister.document.mix import Song
from tonmeister.document.strip import Bus, Insert
from tonmeister.files.atomic import output_errors

_LOUDEST = 10 ** (12 / 20)


@dataclass(slots=True)
class _Track:
    """A track's lines, the first `<TRACK …` and the last `>`."""

    lines: list[str]

    @property
    def name(self) -> str:
        """The id by which the reader knows it."""
        words = split_words(self.lines[0].strip()[1:])
        return words[1] if len(words) > 1 else ""


@dataclass(slots=True)
class _Work:
    """A project on its way."""

    changes: Changes
    song: Song
    tracks: list[_Track]
    new: list[list[str]] = field(default_factory=list)
    """Lines within each new track."""
    new_places: dict[str, int] = field(default_factory=dict)
    """Bus of the document → its place among the new tracks."""
    account: Account = field(default_factory=Account)
    printed: list[str] = field(default_factory=list)

    def place_of(self, track_id: str) -> int | None:
        """Return the number of a track."""
        return next((k for k, one in enumerate(self.tracks) if _id(one, k) == track_id), None)


def _id(track: _Track, place: int) -> str:
    return track.name or f"track-{place + 1}"


def patch_reaper(path: Path, changes: Changes, to: Path, stage: Callable[[str], Path]) -> Handback:
    """Write the project at `path` with the changes into another file, printed returns where `stage` says.

    Raises:
        SessionError: If the project can no longer be read.
        OutputError: If the file cannot be written.
    """
    text = text_of(read_text_bytes(path))
    parse(text, path)
    lines = text.splitlines()
    spans = _track_spans(lines)
    tracks = [_Track(lines[first : last + 1]) for first, last in spans]
    work = _Work(changes, Song(sample_rate_hz=changes.sample_rate_hz, frames=0), tracks)
    _open_buses(work)
    for change in changes.owners:
        place = work.place_of(change.track)
        if place is None:
            work.account.lost.append(f"{change.name}: its track is not in the project any more.")
            continue
        _set_owner(tracks[place], place, change, work)
        if change.track in changes.takes:
            _play_take(tracks[place].lines, changes.takes[change.track], work)
    _add_prints(stage, work)
    head = lines[: spans[0][0]] if spans else lines[:-1]
    tail = lines[spans[-1][1] + 1 :] if spans else lines[-1:]
    _set_master(head, work)
    made = [*head, *(line for track in tracks for line in track.lines)]
    for inner in work.new:
        made += [f"  {line}" for line in inner]
    ending = "\r\n" if "\r\n" in text else "\n"
    with output_errors(to):
        to.write_bytes((ending.join([*made, *tail]) + ending).encode("utf-8"))
    account = work.account
    return Handback(
        path=to, carried=count(account.counts), approximate=tuple(account.approximate), errors_db=dict(account.errors_db),
        printed=tuple(work.printed), lost=(*changes.lost, *account.lost),
    )  # fmt: skip


def _track_spans(lines: list[str]) -> list[tuple[int, int]]:
    """Return the first and last line of every track: the blocks of that name right within the project."""
    spans, depth, first = [], 0, 0
    for place, raw in enumerate(lines):
        line = raw.strip()
        if line.startswith("<"):
            if depth == 1 and split_words(line[1:])[:1] == ["TRACK"]:
                first = place
            depth += 1
        elif line == ">" and depth:
            depth -= 1
            if depth == 1 and first and split_words(lines[first].strip()[1:])[:1] == ["TRACK"]:
                spans.append((first, place))
                first = 0
    return spans


def _top_lines(lines: list[str], name: str) -> list[int]:
    """Return where lines or blocks of a name stand right within a track."""
    found, depth = [], 0
    for place, raw in enumerate(lines):
        line = raw.strip()
        is_block = line.startswith("<")
        words = split_words(line[1:] if is_block else line)
        if depth == 1 and words[:1] == [name]:
            found.append(place)
        depth += is_block
        depth -= line == ">"
    return found


def _end_of(lines: list[str], start: int) -> int:
    """Return the last line of a block."""
    depth = 0
    for place in range(start, len(lines)):
        line = lines[place].strip()
        depth += line.startswith("<")
        depth -= line == ">"
        if depth == 0:
            return place
    return len(lines) - 1


def _set_words(lines: list[str], name: str, words: dict[int, str], otherwise: str) -> None:
    """Set some words behind the name of a line; a track without such a line gets one behind its first."""
    places = _top_lines(lines, name)
    if not places:
        lines.insert(1, f"    {otherwise}")
        places = [1]
    raw = lines[places[0]]
    indent = raw[: len(raw) - len(raw.lstrip())]
    parts = raw.split()
    for at, word in words.items():
        while len(parts) <= at + 1:
            parts.append("0")
        parts[at + 1] = word
    lines[places[0]] = indent + " ".join(parts)


def _set_block(lines: list[str], name: str, made: list[str]) -> None:
    """Put a block in the place of the one of its name, or before the track's first item or effects; empty takes it away."""
    for start in reversed(_top_lines(lines, name)):
        del lines[start : _end_of(lines, start) + 1]
    if made:
        before = [place for kind in ("FXCHAIN", "ITEM") for place in _top_lines(lines, kind)]
        place = min(before, default=len(lines) - 1)
        lines[place:place] = [f"    {line}" for line in made]


def _set_owner(track: _Track, place: int, change: OwnerChange, work: _Work) -> None:
    lines, counts = track.lines, work.account.counts
    moving_mute = change.mute if change.mute is not None and not change.mute.is_constant else None
    if change.fader_db is not None:
        level = _level(change.fader_db, moving_mute, change.name, work)
        _set_words(lines, "VOLPAN", {0: number(1.0 if level.line else level.gain)}, "VOLPAN 1 0 -1 -1 1")
        _set_block(lines, "VOLENV2", envelope("VOLENV2", change.track, level.line) if level.line else [])
        counts["faders"] += 1
        counts["fader lanes"] += bool(level.line)
    elif moving_mute is not None:
        work.account.lost.append(f"{change.name}: its moving mute.")
    if change.pan is not None:
        line = plain_line(plain_value(change.pan), change.pan)
        _set_words(lines, "VOLPAN", {1: number(0.0 if line else change.pan.points[0].value)}, "VOLPAN 1 0 -1 -1 1")
        turned = [(at, -value) for at, value in line]
        _set_block(lines, "PANENV2", envelope("PANENV2", change.track, turned) if line else [])
        counts["pans"] += 1
        counts["pan lanes"] += bool(line)
    if change.mute is not None and change.mute.is_constant:
        _set_words(lines, "MUTESOLO", {0: str(int(change.mute.points[0].value >= 1))}, "MUTESOLO 0 0 0")
        counts["mutes"] += 1
    if change.polarity_inverted is not None:
        _set_words(lines, "IPHASE", {0: str(int(change.polarity_inverted))}, "IPHASE 0")
        counts["polarities"] += 1
    if change.width is not None:
        work.account.lost.append(f"{change.name}: its stereo width.")
    _add_devices(lines, _devices(change.inserts, change.name, change.channels, work), change.track, "FXCHAIN")
    for send in change.sends:
        _add_receive(place, send.bus, send.level_db, change.name, work)
    if change.output is not None and change.output in work.new_places:
        _set_words(lines, "MAINSEND", {0: "0"}, "MAINSEND 1 0")
        inner = work.new[work.new_places[change.output]]
        inner[-1:-1] = [f"  {line}" for line in receive(place, change.output, Level(1.0))]
        counts["ways to new groups"] += 1


def _play_take(lines: list[str], take: Take, work: _Work) -> None:
    """Let a track play another take; its items stay, muted."""
    for start in reversed(_top_lines(lines, "ITEM")):
        end = _end_of(lines, start) + 1
        muted = lines[start:end]
        _set_words(muted, "MUTE", {0: "1"}, "MUTE 1 0")
        lines[start:end] = muted
    file = f"{TAKES_FOLDER}/{take.media.name}"
    made = item(
        f"take/{take.name}", take.name, start_s=take.start_s, length_s=take.length_s, skip_s=0.0, gain=1.0, file=file
    )
    lines[-1:-1] = [f"    {line}" for line in made]
    work.account.counts["new takes"] += 1


def _level(lane: Lane, mute: Lane | None, name: str, work: _Work) -> Level:
    lanes, values = [lane], [gain_value(lane)]
    if mute is not None:
        lanes.append(mute)
        values.append(heard(mute))
    gain, line = gain_line(lanes, values)
    if max([gain, *(value for _, value in line)]) > _LOUDEST:
        work.account.lost.append(f"{name}: its fader above 12 dB.")
    held: Line = [(at, min(value, _LOUDEST)) for at, value in line]
    return Level(min(gain, _LOUDEST), held)


def _devices(inserts: tuple[Insert, ...], name: str, channels: int, work: _Work) -> list[Device]:
    found = []
    for insert in inserts:
        if insert.key is not None or not builds(insert, channels):
            work.account.lost.append(f"{name}: its {title_of(insert)} ({insert.id}): {summary_of(insert.processor)}.")
        else:
            found.append(device_of(insert, owner=name, song=work.song, account=work.account))
    return found


def _add_devices(lines: list[str], devices: list[Device], owner: str, kind: str) -> None:
    """Put our plugins behind those of the chain that is there."""
    if not devices:
        return
    made = chain(kind, f"{owner}/tonmeister", devices)
    there = _top_lines(lines, kind)
    if there:
        end = _end_of(lines, there[0])
        inner = [line for line in made[1:-1] if line.split()[0] not in ("SHOW", "LASTSEL", "DOCKED")]
        lines[end:end] = [f"    {line}" for line in inner]
    else:
        _set_block(lines, kind, made)


def _add_receive(source: int, bus: str, lane: Lane, name: str, work: _Work) -> None:
    """Let a new return, or one that is there, receive from a track."""
    level = _level(lane, None, f"{name}: its send to {bus}", work)
    made = receive(source, bus, level)
    if bus in work.new_places:
        inner = work.new[work.new_places[bus]]
        inner[-1:-1] = [f"  {line}" for line in made]
    else:
        place = work.place_of(work.changes.known_buses.get(bus, ""))
        if place is None:
            return
        lines = work.tracks[place].lines
        for start in reversed(_top_lines(lines, "AUXRECV")):
            if lines[start].split()[1:2] == [str(source)]:
                follows = start + 1 < len(lines) and lines[start + 1].strip().startswith("<AUXVOLENV")
                del lines[start : (_end_of(lines, start + 1) + 1) if follows else start + 1]
        before = [k for kind in ("MIDIOUT", "MAINSEND") for k in _top_lines(lines, kind)]
        behind = min(before, default=1)
        lines[behind:behind] = [f"    {line}" for line in made]
    work.account.counts["sends"] += 1


def _open_buses(work: _Work) -> None:
    """Make the tracks of new groups and returns; they stand at the end, so that no track gets another number."""
    for bus in work.changes.buses:
        missing = [insert for insert in bus.inserts if not builds(insert, 2)]
        if bus.kind == "effect" and bus.id in work.changes.prints:
            continue
        if bus.kind == "effect" and missing:
            told = "; ".join(f"{title_of(insert)}: {summary_of(insert.processor)}" for insert in missing)
            work.account.lost.append(
                f"{bus.name}: the return and the sends to it, as none of our known plugins does this ({told})."
            )
            continue
        work.new_places[bus.id] = len(work.new)
        work.new.append(_bus_lines(bus, work))
        work.account.counts["group buses" if bus.kind == "group" else "effect buses"] += 1


def _add_prints(stage: Callable[[str], Path], work: _Work) -> None:
    """Add a track for every return that is there as sound."""
    for bus in work.changes.buses:
        sound = work.changes.prints.get(bus.id)
        if sound is None:
            continue
        file = f"{TAKES_FOLDER}/tonmeister-{bus.id}.wav"
        target = stage(file)
        with output_errors(target):
            shutil.copyfile(sound.path, target)
        dry = bus.model_copy(update={"inserts": (), "name": f"{bus.name} (printed)"})
        lines = _bus_lines(dry, work)
        made = item(f"same/{bus.id}", dry.name, start_s=0.0, length_s=sound.duration_s, skip_s=0.0, gain=1.0, file=file)
        lines[-1:-1] = [f"  {line}" for line in made]
        work.new.append(lines)
        work.printed.append(f"{bus.name} plays as sound, on “{dry.name}”: REAPER brings no plugin that does the same.")


def _bus_lines(bus: Bus, work: _Work) -> list[str]:
    own = guid("track", f"same/{bus.id}")
    moving = bus.mute if not bus.mute.is_constant else None
    level = _level(bus.fader_db, moving, bus.name, work)
    muted = moving is None and bus.mute.points[0].value >= 1
    lines = [
        f"NAME {quoted(bus.name)}", "AUTOMODE 0", f"VOLPAN {number(1.0 if level.line else level.gain)} 0 -1 -1 1",
        f"MUTESOLO {int(muted)} 0 0", "IPHASE 0", "ISBUS 0 0", "NCHAN 2", "FX 1", f"TRACKID {own}", "MAINSEND 1 0",
    ]  # fmt: skip
    lines += envelope("VOLENV2", bus.id, level.line) if level.line else []
    lines += chain("FXCHAIN", f"{bus.id}/tonmeister", _devices(bus.inserts, bus.name, 2, work))
    return block(f"TRACK {own}", lines)


def _set_master(head: list[str], work: _Work) -> None:
    """Put our plugins behind the master's own."""
    devices = _devices(work.changes.master, "Master", 2, work)
    if not devices:
        return
    made = chain("MASTERFXLIST", "master/tonmeister", devices)
    there = [k for k, line in enumerate(head) if line.strip().startswith("<MASTERFXLIST")]
    if there:
        end = _end_of(head, there[0])
        inner = [line for line in made[1:-1] if line.split()[0] not in ("SHOW", "LASTSEL", "DOCKED")]
        head[end:end] = [f"  {line}" for line in inner]
    else:
        head += [f"  {line}" for line in made]
