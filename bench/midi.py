"""Multitracks whose beats are known exactly: MIDI songs, played by FluidSynth at a tempo that wanders, by human hands."""

import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.case import AbsentError

DRUM_CHANNEL = 9
KIT = {"kick": {35, 36}, "snare": {37, 38, 39, 40}, "hats": {42, 44, 46, 51, 53, 59}}
"""Keys of the General MIDI drum map by stem; all others are one more."""
FAMILIES = (
    "piano", "chromatic", "organ", "guitar", "bass", "strings", "ensemble", "brass", "reed", "pipe", "lead", "pad",
    "effects", "ethnic", "percussive", "sounds",
)  # fmt: skip
SOUND_FONTS = (
    "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "/usr/share/sounds/sf3/MuseScore_General.sf3",
    "/usr/share/sounds/sf2/default-GM.sf2",
    "/usr/share/sounds/sf2/TimGM6mb.sf2",
)
JITTER_S = 0.007
"""Standard deviation of a note's start about the grid; beyond twice that nobody plays on purpose."""
WRITTEN_IN_THREES = frozenset({"busy_schedule", "the_fast_route", "d_e2m6"})
"""Songs whose notes, kicks and snares lie on three quarters of what the file calls a quarter: four such beats a bar."""
LATE_BAR_LINES = {"d_dm03": 2.0}
"""Quarters from the file's bar lines to those of the music, where every chord, bass and kick says so."""
_TICKS_PER_S = 1000


@dataclass(frozen=True)
class Event:
    """A channel message at its place in quarter notes."""

    quarter: float
    status: int
    data: bytes

    @property
    def channel(self) -> int:
        """Which of the sixteen."""
        return self.status & 0x0F


@dataclass(frozen=True)
class Score:
    """A MIDI file: messages, tempo map and meter, all in quarter notes."""

    events: tuple[Event, ...]
    tempos: tuple[tuple[float, float], ...]
    """(quarter, beats per minute)."""
    quarters_per_bar: float
    quarters_per_beat: float = 1.0
    offset: float = 0.0
    """Quarter of the first bar line."""
    lines: tuple[float, ...] = ()
    """Quarters of the bar lines, where somebody annotated them: some songs have bars of two beats among those of four."""

    @property
    def quarters(self) -> float:
        """Length."""
        return max(event.quarter for event in self.events)


@dataclass(frozen=True)
class Played:
    """A score as it was played: stems on disk and the truth about them."""

    folder: Path
    beats_s: NDArray[np.float64]
    downbeats_s: NDArray[np.float64]


def read_score(path: Path) -> Score:
    """Read a MIDI file of format 0 or 1."""
    data = path.read_bytes()
    tracks, division = struct.unpack(">HH", data[10:14])
    position, events = 14, []
    tempos: list[tuple[float, float]] = []
    bars: list[tuple[float, float]] = []
    for _ in range(tracks):
        (length,) = struct.unpack(">I", data[position + 4 : position + 8])
        chunk = data[position + 8 : position + 8 + length]
        position += 8 + length
        for tick, status, kind, body in _messages(chunk):
            quarter = tick / division
            if status < 0xF0:
                events.append(Event(quarter, status, body))
            elif kind == 0x51:
                tempos.append((quarter, 6e7 / int.from_bytes(body, "big")))
            elif kind == 0x58:
                bars.append((quarter, 4 * body[0] / 2 ** body[1]))
    events.sort(key=lambda event: event.quarter)
    tempos = sorted(dict(tempos).items()) or [(0.0, 120.0)]
    if path.stem in WRITTEN_IN_THREES:
        return Score(tuple(events), tuple(tempos), 3.0, 0.75)
    annotated = path.with_name("beat_midi.txt")
    if not annotated.exists():
        late = LATE_BAR_LINES.get(path.stem, 0.0)
        return Score(tuple(events), tuple(tempos), min(bars)[1] if bars else 4.0, offset=late)
    lines = np.loadtxt(annotated)  # time, first of two, first of four
    found = _quarters_at(lines[lines[:, 2] == 1][:, 0], tempos)
    return Score(tuple(events), tuple(tempos), 4.0, 1.0, float(found[0] % 4.0), tuple(map(float, found)))


def _quarters_at(seconds: NDArray[np.float64], tempos: list[tuple[float, float]]) -> NDArray[np.float64]:
    quarters = np.arange(0, 2000, 0.01)
    bpm = np.array([value for _, value in tempos])[np.searchsorted([at for at, _ in tempos], quarters, "right") - 1]
    found: NDArray[np.float64] = np.interp(seconds, np.cumsum(0.6 / bpm) - 0.6 / bpm[0], quarters)
    return found


def _messages(chunk: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield tick, status, kind of meta message, data."""
    index, tick, running = 0, 0, 0

    def number() -> int:
        nonlocal index
        value = 0
        while True:
            byte = chunk[index]
            index += 1
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value

    while index < len(chunk):
        tick += number()
        if chunk[index] & 0x80:
            running = chunk[index]
            index += 1
        kind = 0
        if running == 0xFF:
            kind, index = chunk[index], index + 1
            length = number()
        elif running >= 0xF0:
            length = number()
        else:
            length = 1 if running >> 4 in (0xC, 0xD) else 2
        yield tick, running, kind, chunk[index : index + length]
        index += length


def play(score: Score, folder: Path, *, seed: int, seconds: float) -> Played:
    """Render the beginning of a score, or a later part of it, as stems with human timing and a tempo that changes.

    Raises:
        AbsentError: If there is no FluidSynth or no sound font.
    """
    chance = np.random.default_rng(seed)
    clock = _clock(score, chance)
    start = _start(score, clock, seconds, chance)
    first_s = float(np.interp(start, *clock))
    last = float(np.interp(first_s + seconds, clock[1], clock[0]))
    folder.mkdir(parents=True, exist_ok=True)
    lead_s = float(chance.uniform(0.0, 1.5))  # files rarely begin on the first beat

    def when(quarter: float) -> float:
        return float(np.interp(quarter, *clock)) - first_s + lead_s

    for name, events in _stems(score, chance).items():
        notes = _perform(events, start, last, when, chance)
        if any(message[1] >> 4 == 9 for message in notes):
            _render(notes, folder / f"{name}.wav", seconds=seconds + lead_s)
    end = min(last, score.quarters)
    beats = np.arange(start, end, score.quarters_per_beat)
    lines = np.array(score.lines) if score.lines else np.arange(start, end, score.quarters_per_bar)
    downbeats = lines[(lines >= start - 0.01) & (lines < end)]
    return Played(folder, np.array([when(b) for b in beats]), np.array([when(b) for b in downbeats]))


def _clock(score: Score, chance: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return quarters and their seconds: the written tempo, a slow drift, and in half of the cases one change."""
    quarters = np.arange(0, score.quarters + 8, 0.25)
    written = np.array([bpm for _, bpm in score.tempos])
    index = np.searchsorted([at for at, _ in score.tempos], quarters, "right") - 1
    drift = np.cumsum(chance.normal(0, 0.0012, quarters.size))
    drift = np.convolve(np.pad(drift, 16, "edge"), np.ones(33) / 33, "valid") * (0.15 if chance.random() < 0.3 else 1.0)
    factor = np.exp(np.clip(drift - drift.mean(), -0.06, 0.06)) * chance.uniform(0.92, 1.08)
    if chance.random() < 0.5:
        bars = int(score.quarters / score.quarters_per_bar)
        change = score.quarters_per_bar * int(chance.integers(bars // 4, max(bars // 4 + 1, 3 * bars // 4)))
        factor = np.where(quarters >= change, factor * chance.choice([0.92, 0.95, 1.05, 1.09]), factor)
    seconds = np.concatenate([[0.0], np.cumsum(15.0 / (written[index] * factor))[:-1]])
    return quarters, seconds


def _start(
    score: Score, clock: tuple[NDArray[np.float64], NDArray[np.float64]], seconds: float, chance: np.random.Generator
) -> float:
    """Return a bar line from which on there is enough music."""
    first = min(event.quarter for event in score.events if event.status >> 4 == 9)
    room = float(np.interp(clock[1][-1] - seconds - 5, clock[1], clock[0]))
    lines = np.arange(np.floor(first / score.quarters_per_bar), max(1, room / score.quarters_per_bar)).astype(int)
    return float(chance.choice(lines[: max(1, lines.size // 2)])) * score.quarters_per_bar + score.offset


def _stems(score: Score, chance: np.random.Generator) -> dict[str, list[Event]]:
    """Return the messages by stem; the kit is one stem or several."""
    split = chance.random() < 0.5
    programs: dict[int, int] = {}
    stems: dict[str, list[Event]] = {}
    for event in score.events:
        kind, channel = event.status >> 4, event.channel
        if kind == 0xC:
            programs.setdefault(channel, event.data[0])
        if channel != DRUM_CHANNEL:
            continue
        pieces = [_piece(event.data[0])] if kind in (8, 9) else [*KIT, "percussion"]
        for piece in pieces if split else ["drums"]:
            stems.setdefault(piece, []).append(event)
    for channel in sorted({event.channel for event in score.events} - {DRUM_CHANNEL}):
        name = f"{FAMILIES[programs.get(channel, 0) // 8]} {channel + 1}"
        stems[name] = [event for event in score.events if event.channel == channel]
    return stems


def _piece(key: int) -> str:
    return next((name for name, keys in KIT.items() if key in keys), "percussion")


def _perform(
    events: list[Event], start: float, last: float, when: Callable[[float], float], chance: np.random.Generator
) -> list[tuple[float, int, bytes]]:
    """Return (seconds, status, data) from the start on; what came before sets up the sound."""
    out = [
        (0.0, event.status, event.data) for event in events if event.quarter < start and event.status >> 4 in (0xB, 0xC)
    ]
    sounding: dict[int, float] = {}
    for event in events:
        if not start <= event.quarter < last:
            continue
        kind, at = event.status >> 4, when(event.quarter)
        if kind == 9 and event.data[1] > 0:
            at = max(0.0, at + float(np.clip(chance.normal(0, JITTER_S), -2 * JITTER_S, 2 * JITTER_S)))
            sounding[event.data[0]] = at
        elif kind in (8, 9):
            at = max(at, sounding.get(event.data[0], 0.0) + 0.03)
        out.append((at, event.status, event.data))
    return sorted(out, key=lambda message: message[0])


def sound_font() -> Path:
    """Return the first sound font that is installed.

    Raises:
        AbsentError: If there is none.
    """
    for path in map(Path, SOUND_FONTS):
        if path.exists():
            return path
    raise AbsentError("no General MIDI sound font is installed")


def _render(messages: list[tuple[float, int, bytes]], target: Path, *, seconds: float) -> None:
    program = shutil.which("fluidsynth")
    if program is None:
        raise AbsentError("fluidsynth is not on PATH")
    file = target.with_suffix(".mid")
    # A note that is still held at the end would sound for ever: pedals up, all notes and all sound off, on every channel that was used.
    quiet = [
        (seconds, 0xB0 | channel, bytes([control, 0]))
        for channel in sorted({message[1] & 0x0F for message in messages})
        for control in (64, 66, 69, 123, 120)
    ]
    file.write_bytes(_as_midi([*(message for message in messages if message[0] < seconds), *quiet]))
    font = str(sound_font())
    words = [program, "-ni", "-q", "-R", "0", "-C", "0", "-g", "0.5", "-r", "44100", "-F", str(target), font, str(file)]
    subprocess.run(words, check=True, capture_output=True, timeout=600)
    file.unlink()


def _as_midi(messages: list[tuple[float, int, bytes]]) -> bytes:
    """Return a file whose tick is a millisecond."""
    body = bytearray(b"\x00\xff\x51\x03" + (1_000_000).to_bytes(3, "big"))
    ticks = [0, *(round(at * _TICKS_PER_S) for at, _, _ in messages)]
    for (before, now), (_, status, data) in zip(pairwise(ticks), messages, strict=True):
        body += _variable(now - before) + bytes([status]) + data
    body += b"\x00\xff\x2f\x00"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, _TICKS_PER_S) + b"MTrk" + struct.pack(">I", len(body)) + bytes(body)


def _variable(number: int) -> bytes:
    out = bytes([number & 0x7F])
    while number := number >> 7:
        out = bytes([number & 0x7F | 0x80]) + out
    return out
