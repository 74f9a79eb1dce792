"""Sounds made of recordings of free licence: hits, notes, phrases, loops and whole stems, arranged anew and treated.

The person gives a folder WAY/ROLE/SOURCE/files (WAV, FLAC, Ogg); docs/roles.md says what stood in ours.  A source is what
is held out as one: a song, a singer's pack, an instrument.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from bench.training import score
from bench.training.electronic import RATE_HZ, Mono, place
from bench.training.score import Chance, Note
from bench.training.treatment import Sound, amplify, echo, level, reverberate, treat

PIECE_OF = {"kick": "kick", "snare": "snare", "hi-hat": "hat", "cymbals": "crash", "toms": "tom", "claps": "clap"}
"""Which line of a groove a role's hits follow; all others follow the percussion."""
LOW_END = frozenset({"bass", "kick", "drums", "toms"})
PIECES_OF_STEM = 4
"""Pieces of each whole stem, besides the stem itself."""
COUNTS = {"hits": 25, "notes": 40, "loops": 30, "phrases": 90}
"""Sounds of each source, by the way in which it is played."""
_NOTE = re.compile(r"(?:^|_| )([A-Ga-g])([b#s]?)(\d)(?=_|\.|-|\D*$)")
_SEMITONES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}


@dataclass(frozen=True, slots=True)
class Box:
    """The files of one source for one role, and how they are played."""

    way: str
    role: str
    source: str
    files: tuple[Path, ...]


def open_boxes(folder: Path) -> list[Box]:
    """Return what stands in a folder WAY/ROLE/SOURCE."""
    found = []
    for source in sorted(path for path in folder.glob("*/*/*") if path.is_dir()):
        files = tuple(sorted(path for path in source.iterdir() if path.suffix.lower() in (".wav", ".flac", ".ogg")))
        way, role = source.parts[-3:-1]
        if files:
            found.append(Box(way, role, source.name, files))
    return found


def plan(boxes: list[Box], share: float) -> list[tuple[Box, int]]:
    """Return (box, seed) of every sound; a seed of a stem also says which file. Tracks come once each, as they are."""
    found = []
    for box in boxes:
        if box.way == "tracks":
            found += [(box, seed) for seed in range(len(box.files))]
            continue
        count = len(box.files) * (1 + PIECES_OF_STEM) if box.way == "stems" else COUNTS[box.way]
        found += [(box, seed) for seed in range(max(1, round(count * share)))]
    return found


def perform(box: Box, seed: int) -> tuple[Sound, int]:
    """Return (channels, frames) and their rate; of a stem, seeds below the number of files are the files as they are."""
    if box.way in ("stems", "tracks") and seed < len(box.files):
        samples, rate = soundfile.read(box.files[seed], always_2d=True)
        return samples.T, int(rate)
    chance = np.random.default_rng([seed, *f"{box.way} {box.role} {box.source}".encode()])
    ways: dict[str, Callable[[Box, Chance], Sound]] = {
        "loops": _loop, "hits": _hits, "notes": _notes, "phrases": _phrases,
    }  # fmt: skip
    sound = _piece(box.files[seed % len(box.files)], chance) if box.way == "stems" else ways[box.way](box, chance)
    rawness = 0.7 if box.way == "stems" else float(chance.choice([0.0, 0.0, 0.7]))
    return treat(sound, chance, bleed=None, low_end=box.role in LOW_END, rawness=rawness), RATE_HZ


@lru_cache(maxsize=64)
def _read(path: Path) -> Sound:
    samples, rate = soundfile.read(path, always_2d=True)
    whole = samples if rate == RATE_HZ else soxr.resample(samples, rate, RATE_HZ)
    return np.ascontiguousarray(np.asarray(whole)[:, :2].T)


def _tune(mono: Mono, semitones: float) -> Mono:
    """Return a sound faster and higher, or slower and lower."""
    if abs(semitones) < 0.01:
        return mono
    return np.asarray(soxr.resample(mono, RATE_HZ * 2 ** (semitones / 12), RATE_HZ, quality="HQ"))


def _pick(box: Box, chance: Chance) -> Sound:
    return _read(box.files[int(chance.integers(len(box.files)))])


def _piece(path: Path, chance: Chance) -> Sound:
    """Return 8 to 40 s of a stem, from where it sounds; as it was or a little faster or slower."""
    busy, rate, frames = _busy(path)
    size = min(frames, int(chance.uniform(8, 40) * rate))
    start = int(chance.choice(busy)) * rate - int(chance.integers(0, size // 2))
    start = int(np.clip(start, 0, frames - size))
    samples, _ = soundfile.read(path, start=start, frames=size, always_2d=True)
    part = np.asarray(samples if rate == RATE_HZ else soxr.resample(samples, rate, RATE_HZ)).T
    semitones = float(chance.choice([0.0, 0.0, chance.uniform(-2.5, 2.5)]))
    return np.stack([_tune(channel, semitones) for channel in part])


@lru_cache(maxsize=1024)
def _busy(path: Path) -> tuple[NDArray[np.int64], int, int]:
    """Return the seconds in which a file sounds, its rate and its length in frames."""
    samples, rate = soundfile.read(path, always_2d=True, dtype="float32")
    power = np.square(samples[: len(samples) // rate * rate]).mean(axis=1).reshape(-1, rate).mean(axis=1)
    return np.flatnonzero(power > 0.01 * power.max()), int(rate), len(samples)


def _loop(box: Box, chance: Chance) -> Sound:
    loop = _pick(box, chance)
    semitones = float(chance.uniform(-3, 3))
    tuned = np.stack([_tune(channel, semitones) for channel in loop])
    frames = int(chance.uniform(8, 20) * RATE_HZ)
    return np.tile(tuned, (1, frames // tuned.shape[1] + 1))[:, :frames]


def _hits(box: Box, chance: Chance) -> Sound:
    """Return one to three hits of a source, struck by a random groove."""
    seconds = float(chance.uniform(8, 14))
    hits = score.groove(chance, seconds)
    lines = [PIECE_OF.get(box.role, "percussion")]
    if box.role == "hi-hat":
        lines = ["hat", "open hat"]
    elif box.role == "cymbals" and chance.random() < 0.4:
        lines = ["ride"]
    count = int(chance.integers(1, 4)) if box.role in ("percussion", "toms") else len(lines)
    out = np.zeros(int(seconds * RATE_HZ))
    for i in range(count):
        hit = _tune(_pick(box, chance).mean(axis=0), float(chance.uniform(-3, 3)))
        line = [one for one in hits[lines[i % len(lines)]] if count == 1 or chance.random() < 0.7]
        out += place(hit / (np.abs(hit).max() + 1e-9), line, out.size, choke=box.role == "hi-hat")
    return out[None]


@lru_cache(maxsize=16)
def _pitches(box: Box) -> tuple[tuple[int, ...], tuple[Path, ...]]:
    """Return the pitch that each file's name says, and those files; octaves count as the names do."""
    found = [(match, path) for path in box.files if (match := _NOTE.search(path.stem.split("__")[-1]))]
    pitches = tuple(
        _SEMITONES[match[1].lower()] + {"": 0, "b": -1, "#": 1, "s": 1}[match[2]] + 12 * (int(match[3]) + 1)
        for match, _ in found
    )
    return pitches, tuple(path for _, path in found)


def _notes(box: Box, chance: Chance) -> Sound:
    """Return a random part on a sampled instrument."""
    pitches, files = _pitches(box)
    low, high = min(pitches), max(pitches)
    seconds = float(chance.uniform(8, 14))
    if box.role == "bass":
        notes = score.bass_line(chance, seconds)
        shift = 12 * round((low + 5 - min(note.pitch for note in notes)) / 12)
        notes = [Note(note.start_s, note.length_s, note.pitch + shift, note.velocity) for note in notes]
    else:
        low += int(chance.integers(0, max(1, (high - low) // 2)))
        alone = box.role in ("woodwind", "brass", "strings") or chance.random() < 0.4
        write = score.melody if alone else (score.chords, score.chords, score.arpeggio)[int(chance.integers(3))]
        notes = write(chance, seconds, low=low, high=min(high, low + 24))
    out = np.zeros(int((seconds + 1) * RATE_HZ))
    near = np.array(pitches)
    best = int(chance.integers(1 << 30))
    for note in notes:
        close = np.flatnonzero(np.abs(near - note.pitch) == np.abs(near - note.pitch).min())
        index = int(close[best % close.size])
        sample = _tune(_read(files[index]).mean(axis=0), note.pitch - pitches[index])
        _add(out, sample, note)
    out = out[None]
    if box.role == "electric guitar" and chance.random() < 0.5:
        return amplify(out, chance)
    return out


def _add(out: Mono, sample: Mono, note: Note) -> None:
    start, fade = int(note.start_s * RATE_HZ), int(0.06 * RATE_HZ)
    size = min(sample.size, int(note.length_s * RATE_HZ) + fade, out.size - start)
    if size > fade:
        part = sample[:size] * (note.velocity / 127)
        part[-fade:] *= np.linspace(1, 0, fade)
        out[start : start + size] += part


def _phrases(box: Box, chance: Chance) -> Sound:
    """Return sung phrases one after the other, or one chopped and struck in rhythm; backing voices are stacked."""
    seconds = float(chance.uniform(9, 20))
    backing = box.role == "backing vocal" or chance.random() < 0.3
    if backing and chance.random() < 0.3:
        return _chop(box, seconds, chance)
    out = np.zeros((2, int(seconds * RATE_HZ)))
    at, semitones = int(chance.uniform(0, 1) * RATE_HZ), float(chance.uniform(-4, 4))
    copies = [0.0] if not backing else list(chance.choice([0.0, 0.0, 3, 4, 7, -5, 12], int(chance.integers(1, 5))))
    while at < out.shape[1]:
        phrase = _pick(box, chance).mean(axis=0)
        for shift in copies:
            sung = _tune(phrase, semitones + shift)
            late = at + int(chance.uniform(0, 0.03 if len(copies) > 1 else 1e-4) * RATE_HZ)
            size = max(0, min(sung.size, out.shape[1] - late))
            side = float(chance.uniform(0, 1)) if len(copies) > 1 else 0.5
            out[:, late : late + size] += np.outer([side, 1 - side], sung[:size])
        at += int(phrase.size + chance.exponential(0.8) * RATE_HZ)
    if backing and chance.random() < 0.5:
        out = reverberate(level(out), chance, wet=float(chance.uniform(0.1, 1.0)))
    if backing and chance.random() < 0.3:
        out = echo(out, chance)
    return out


def _chop(box: Box, seconds: float, chance: Chance) -> Sound:
    """Return a short piece of a phrase, struck in rhythm."""
    phrase = _tune(_pick(box, chance).mean(axis=0), float(chance.uniform(-5, 7)))
    size = min(phrase.size, int(chance.uniform(0.1, 0.7) * RATE_HZ))
    loud: NDArray[np.float64] = np.convolve(np.square(phrase), np.ones(2000), "same")
    start = int(np.clip(np.argmax(loud) - 1000, 0, phrase.size - size))
    piece = phrase[start : start + size] * np.minimum(1, np.arange(size)[::-1] / 800)
    line = str(chance.choice(["percussion", "kick", "tom", "crash", "open hat"]))
    return place(piece, score.groove(chance, seconds)[line], int(seconds * RATE_HZ))[None]
