"""Songs rearranged by code from real stems, so that the form is known exactly.

A song's bars are cut into stretches of eight in which every stem either plays or rests.  A new form is drawn (verses,
choruses, a bridge), each kind of section gets a stretch of its own, and the stems are put together anew with joints of
15 ms.  At a share of the boundaries only stems that play on both sides are kept, so that nobody enters or leaves there.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from bench.midi import Played
from bench.sound import Sound, read

FORMS = (
    "iVCVCBCo", "VPCVPCBC", "iVVCVCBCC", "VCVCBVC", "iVPCVPCBPC", "VCBVCBC", "iVCBCVo", "ABACABA", "iABABCBo",
)  # fmt: skip
"""Letters are kinds; lower-case ones come once and are short."""
KEPT_SHARE = 0.4
"""Kinds are levelled until at least this share of the boundaries has the same stems on both sides."""
JOINT_S = 0.015
_STRETCH_BARS, _SOUNDS_DB = 8, -45.0


@dataclass(frozen=True)
class Grid:
    """Where the bars of a song lie."""

    bpm: float
    first_bar_s: float = 0.0
    beats_per_bar: int = 4

    @property
    def bar_s(self) -> float:
        """Length of a bar."""
        return 60 * self.beats_per_bar / self.bpm

    def played(self, duration_s: float, folder: Path, *, first_bar_s: float | None = None) -> Played:
        """Return the beats and bars of a song that lasts so long."""
        first = self.first_bar_s if first_bar_s is None else first_bar_s
        last = duration_s - 0.01
        return Played(folder, np.arange(first, last, 60 / self.bpm), np.arange(first, last, self.bar_s))


GRIDS = {
    "eif_caesium": Grid(130.0),
    "eif_francium": Grid(128.0),
    "fof_metal_madness": Grid(150.0, 0.01),
    "mdn_funk": Grid(150.0, 0.803),
}
"""Published tempos, and where the first bar begins: 0 where stems begin on a bar line; from the chart that came with the song
(fof_metal_madness), where guitar, chords and kicks agree with its bars; where bass and drums begin to play (mdn_funk)."""


@dataclass(frozen=True)
class Piece:
    """One section of the new song: bars of the old one, and which stems play."""

    kind: str
    first_bar: int
    bars: int
    stems: frozenset[str]


@dataclass(frozen=True)
class Form:
    """A new song on paper."""

    grid: Grid
    pieces: tuple[Piece, ...]

    @property
    def boundaries_s(self) -> NDArray[np.float64]:
        """Edges of all sections, the song's start and end among them."""
        return np.concatenate([[0], np.cumsum([piece.bars for piece in self.pieces])]) * self.grid.bar_s

    @property
    def labels(self) -> tuple[str, ...]:
        """Kind of each section."""
        return tuple(piece.kind for piece in self.pieces)

    @property
    def steady_share(self) -> float:
        """Share of inner boundaries at which no stem enters or leaves."""
        inner = list(pairwise(self.pieces))
        return sum(a.stems == b.stems for a, b in inner) / max(1, len(inner))


def draw_form(
    levels_db: dict[str, NDArray[np.float64]], colours: NDArray[np.float64], grid: Grid, *, seed: int
) -> Form:
    """Draw a form and the stretches that fill it.

    Args:
        levels_db: Level of each stem in each bar of the old song.
        colours: (bars, features) what each bar sounds like, for stretches that differ.
        grid: Bars of the old song.
        seed: Chance.
    """
    chance = np.random.default_rng([seed, *"".join(levels_db).encode()])
    form = str(chance.choice(FORMS))
    kinds = list(dict.fromkeys(form))
    starts = _stretches(levels_db, colours, len(kinds), chance)
    kinds = kinds[: len(starts)]
    form = "".join(letter for letter in form if letter in kinds)
    start = dict(zip(kinds, starts, strict=False))
    playing = {k: frozenset(n for n, level in levels_db.items() if _plays(level, start[k])) for k in kinds}
    levelled = _level(form, playing, chance)
    bars = {k: int(chance.choice([2, 4]) if k in "io" else chance.choice([4, 8, 8, 8, 16])) for k in kinds}
    pieces = [Piece(k, start[k], bars[k], levelled[k]) for k in form]
    merged = [piece for i, piece in enumerate(pieces) if i == 0 or pieces[i - 1].kind != piece.kind]
    return Form(grid, tuple(merged))


def _plays(levels_db: NDArray[np.float64], start: int) -> bool:
    return bool((levels_db[start : start + _STRETCH_BARS] > _SOUNDS_DB).mean() >= 0.5)


def _stretches(
    levels_db: dict[str, NDArray[np.float64]], colours: NDArray[np.float64], wanted: int, chance: np.random.Generator
) -> list[int]:
    """Return first bars of stretches that are even within and unlike each other."""
    sounding = np.stack([level > _SOUNDS_DB for level in levels_db.values()])
    whole = range(0, sounding.shape[1] - _STRETCH_BARS, _STRETCH_BARS // 2)
    even = [b for b in whole if sounding[:, b : b + _STRETCH_BARS].any(axis=0).all()]
    changes = {b: float(np.abs(np.diff(sounding[:, b : b + _STRETCH_BARS].astype(int), axis=1)).sum()) for b in even}
    busy = {b: float((sounding[:, b : b + _STRETCH_BARS].mean(axis=1) >= 0.5).sum()) for b in even}
    usual = float(np.median(list(busy.values()))) if busy else 0.0
    even.sort(key=lambda b: (busy[b] < usual, changes[b] / max(1.0, busy[b]) + 0.5 * chance.random()))
    chosen: list[int] = []
    for b in even:
        far = [_distance(colours, b, other) for other in chosen]
        if (
            len(chosen) < wanted
            and all(abs(b - other) >= _STRETCH_BARS for other in chosen)
            and min(far, default=1) > 0.25
        ):
            chosen.append(b)
    return chosen


def _distance(colours: NDArray[np.float64], one: int, other: int) -> float:
    """Return how unlike two stretches are, 0..2: correlation distance of their mean colours."""
    a, b = (colours[start : start + _STRETCH_BARS].mean(axis=0) for start in (one, other))
    return float(1 - (a @ b) / max(1e-9, float(np.linalg.norm(a) * np.linalg.norm(b))))


def _level(form: str, playing: dict[str, frozenset[str]], chance: np.random.Generator) -> dict[str, frozenset[str]]:
    """Return who plays in each kind, after pairs of kinds that often meet were given the stems that play in both."""
    stems = dict(playing)
    meetings = Counter(frozenset(pair) for pair in pairwise(form) if pair[0] != pair[1])
    inner = sum(meetings.values())
    settled: set[str] = set()
    kept = 0
    for pair, count in sorted(meetings.items(), key=lambda item: (-item[1], chance.random())):
        common = frozenset.intersection(*(stems[kind] for kind in pair))
        fewest = min(len(stems[kind]) for kind in pair)
        if kept < KEPT_SHARE * inner and not pair & settled and len(common) >= max(2, fewest / 2):
            stems |= dict.fromkeys(pair, common)
            settled |= pair
            kept += count
    return stems


def write_stem(source: Path, target: Path, form: Form) -> bool:
    """Put one stem together anew; return whether it plays at all."""
    name = source.stem
    if not any(name in piece.stems for piece in form.pieces):
        return False
    sound, rate = read(source)
    edges = np.round(form.boundaries_s * rate).astype(np.int64)
    joint = round(JOINT_S * rate)
    out = np.zeros((sound.shape[0], int(edges[-1])), np.float32)
    for piece, start, end in zip(form.pieces, edges, edges[1:], strict=False):
        if name in piece.stems:
            _lay(out, _loop(sound, piece, form.grid, rate, int(end - start + joint)), int(start), joint)
    soundfile.write(target, out.T, rate, subtype="PCM_16")
    return True


def _loop(sound: Sound, piece: Piece, grid: Grid, rate: int, frames: int) -> Sound:
    """Return the stretch from its first bar on, from the start again where the section is longer."""
    first = round((grid.first_bar_s + piece.first_bar * grid.bar_s) * rate)
    length = round(_STRETCH_BARS * grid.bar_s * rate)
    index = first + np.arange(frames) % length
    return np.where(index < sound.shape[1], sound[:, np.minimum(index, sound.shape[1] - 1)], np.float32(0))


def _lay(out: Sound, part: Sound, start: int, joint: int) -> None:
    """Add a part with crossfades at its two ends; the fade-out reaches into the next section."""
    end = min(out.shape[1], start + part.shape[1])
    part = part[:, : end - start].copy()
    fade = np.linspace(0, 1, joint, dtype=np.float32)
    if start > 0:
        part[:, :joint] *= fade
    if end < out.shape[1]:
        part[:, -joint:] *= fade[::-1]
    out[:, start:end] += part


def look_at_bars(
    files: dict[str, Path], grid: Grid, progress: Callable[[str], None] | None = None
) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.float64]]:
    """Return the level of each stem in each bar (dBFS), and what each bar sounds like: levels of stems and of pitches."""
    levels: dict[str, NDArray[np.float64]] = {}
    chromas: list[NDArray[np.float64]] = []
    for name, path in files.items():
        sound, rate = read(path)
        mono = sound.mean(axis=0)
        bar = grid.bar_s * rate
        first = grid.first_bar_s * rate
        bars = [
            mono[round(first + k * bar) : round(first + (k + 1) * bar)] for k in range(int((mono.size - first) / bar))
        ]
        levels[name] = np.array([10 * np.log10(np.mean(np.square(part, dtype=np.float64)) + 1e-12) for part in bars])
        chromas.append(np.stack([_chroma(part, rate) for part in bars]))
        if progress is not None:
            progress(name)
    count = min(level.size for level in levels.values())
    levels = {name: level[:count] for name, level in levels.items()}
    chroma = sum((part[:count] for part in chromas), np.zeros((count, 12)))
    chroma = chroma / np.maximum(chroma.sum(axis=1, keepdims=True), 1e-12)
    loud = np.clip((np.stack(list(levels.values()), axis=1) + 60) / 60, 0, 1)
    colours = np.concatenate([loud - loud.mean(axis=0), 2 * (chroma - chroma.mean(axis=0))], axis=1)
    return levels, colours


def _chroma(part: NDArray[np.float32], rate: int) -> NDArray[np.float64]:
    power = np.square(np.abs(np.fft.rfft(part * np.hanning(part.size))))
    frequency = np.fft.rfftfreq(part.size, 1 / rate)
    inside = (frequency > 110) & (frequency < 2000)
    pitch = np.round(12 * np.log2(frequency[inside] / 440) + 9).astype(np.int64) % 12
    return np.bincount(pitch, weights=power[inside], minlength=12).astype(np.float64)
