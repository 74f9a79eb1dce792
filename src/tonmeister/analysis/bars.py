"""Bar lines: which beats begin a bar, from accents by who plays, changes of chord and of bass, and who enters.

Each beat gets a score from what happens there compared with the beats around it; the bars with the highest sum win, for
three and for four beats a bar.  A shift of the bar within the song is allowed, at a price.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.accents import RATE, Accents, height_at
from tonmeister.analysis.spectrum import CHROMA_PER_S
from tonmeister.kernels import njit

Floats = NDArray[np.float64]
WEIGHTS = np.array([0.15, 0.03, 0.21, 0.17, 0.42, 0.09, 0.12, 0.07, -0.23, 0.32])
"""Low onset, any onset, chord against the last beat, bass note, tracks that enter or leave, chords of four beats, deep drums,
kick, snare (which hits the other beats), bass: conditional logistic regression on MIDI songs and productions, see
`bench sections`."""
JUMP_PRICE = 12.0
"""Price of a bar of another length, in the sum of the scores of all bar lines."""
EXPORT_WORTH, EXPORT_S = 0.35, 0.03
"""Stems that a workstation exported begin on a bar line: worth of a bar grid through the file's start, and how near that is."""
THREE_OVER_FOUR = 1.25
"""How much better three beats a bar must fit than four: most songs have four."""
_LEAST_STANDING, _FEWEST_BEATS = 0.05, 16


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Which beats begin bars."""

    first_beats: NDArray[np.int64]
    """(bars,) numbers of the beats that begin a bar."""
    beats_per_bar: int
    confidence: float
    """How far they stand out of the other beats, 0..1."""


def find_bars(beats_s: Floats, accents: Accents, *, is_steady: bool = False) -> Bars:
    """Return the bars over these beats."""
    score = beat_features(beats_s, accents) @ WEIGHTS
    folds = {
        beats: np.array([score[k::beats].mean() if score[k::beats].size else -9 for k in range(beats)])
        for beats in (3, 4)
    }
    exported = is_steady and beats_s.size > 0 and beats_s[0] < EXPORT_S
    surety = {beats: float(fold.max()) * np.sqrt(score.size / beats) for beats, fold in folds.items()}
    beats = 3 if surety[3] > THREE_OVER_FOUR * max(surety[4], 0.0) and folds[3].max() > _LEAST_STANDING else 4
    if beats_s.size < 2 * beats:
        return Bars(np.arange(0, beats_s.size, beats), beats, 0.0)
    if exported:
        score = score + EXPORT_WORTH * (np.arange(score.size) % beats == 0)
        folds[beats][0] += EXPORT_WORTH
    position = _best_positions(score - score.mean(), beats, JUMP_PRICE)
    fold = np.sort(folds[beats])
    standing = float(np.clip((fold[-1] - fold[-2]) / max(float(score.std()), 1e-9), 0, 1))
    return Bars(np.flatnonzero(position == 0), beats, standing)


@dataclass(frozen=True, slots=True)
class Clarity:
    """How far first beats stand out of the others, in standard deviations of what happens at beats."""

    fours: float = 0.0
    """The best of four places in the bar."""
    threes: float = 0.0
    """The best of three."""
    gap: float = 0.0
    """How far the best of four is before the next."""


def clarity_of_bars(beats_s: Floats, accents: Accents) -> Clarity:
    """Return how clearly bars lie over these beats; nothing where there are too few."""
    if beats_s.size < _FEWEST_BEATS:
        return Clarity()
    score = beat_features(beats_s, accents) @ WEIGHTS
    fours = sorted(float(score[place::4].mean()) for place in range(4))
    return Clarity(fours[-1], max(float(score[place::3].mean()) for place in range(3)), fours[-1] - fours[-2])


@njit(nogil=True, cache=True)
def _best_positions(score: Floats, beats: int, price: float) -> NDArray[np.int64]:
    """Return (beats,) the place of each beat in its bar, 0 first, with the highest sum of scores at first beats."""
    size = score.size
    total, back = np.zeros((size, beats)), np.zeros((size, beats), np.int64)
    for k in range(beats):
        total[0, k] = score[0] if k == 0 else 0.0
    for beat in range(1, size):
        for k in range(beats):
            usual = (k - 1) % beats
            best, source = total[beat - 1, usual], usual
            if k == 0:
                for other in range(beats):
                    if total[beat - 1, other] - price > best:
                        best, source = total[beat - 1, other] - price, other
            total[beat, k] = best + (score[beat] if k == 0 else 0.0)
            back[beat, k] = source
    place = np.zeros(size, np.int64)
    place[-1] = np.argmax(total[-1])
    for beat in range(size - 1, 0, -1):
        place[beat - 1] = back[beat, place[beat]]
    return place


def beat_features(beats_s: Floats, accents: Accents) -> Floats:
    """Return (beats, features) what happens at each beat, less the mean over the beats around, in standard deviations."""
    columns = [
        _largest(accents.low, beats_s), _largest(accents.onsets, beats_s),
        change_of_chroma(accents.chroma, beats_s, 1), change_of_chroma(accents.bass_chroma, beats_s, 1),
        _entries(accents.powers, beats_s), change_of_chroma(accents.chroma, beats_s, 4), _largest(accents.deep, beats_s),
        *(height_at(curve, beats_s) for curve in (accents.kick, accents.snare, accents.bass)),
    ]  # fmt: skip
    return np.stack([_stand_out(column) for column in columns], axis=1)


def _largest(curve: Floats, beats_s: Floats) -> Floats:
    if curve.size < 8:
        return np.zeros(beats_s.size)
    at = np.clip(np.round(beats_s * RATE).astype(np.int64), 3, curve.size - 4)
    near = np.stack([curve[at + shift] for shift in range(-3, 4)])
    largest: Floats = np.where(near.max(axis=0) > -near.min(axis=0), near.max(axis=0), near.min(axis=0))
    return largest


def change_of_chroma(chroma: Floats, beats_s: Floats, beats: int) -> Floats:
    """Return how much the pitch classes of the next so many beats differ from those of the last ones, 0..1."""
    total = np.concatenate([np.zeros((1, 12)), np.cumsum(chroma, axis=0)])
    edges = np.clip(beats_s * CHROMA_PER_S, 0, len(chroma))
    low = np.minimum(edges.astype(np.int64), len(chroma) - 1) if len(chroma) else np.zeros(edges.size, np.int64)
    if not len(chroma):
        return np.zeros(beats_s.size)
    until = total[low] + (edges - low)[:, None] * (total[low + 1] - total[low])
    number = np.arange(beats_s.size)
    before = until - until[np.maximum(number - beats, 0)]
    after = until[np.minimum(number + beats, number[-1])] - until
    before, after = (np.sqrt(np.maximum(part, 0)) for part in (before, after))
    norm = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    change: Floats = np.where(norm > 0, 1 - (before * after).sum(axis=1) / np.maximum(norm, 1e-12), 0.0)
    return change


def _entries(powers: Sequence[Floats], beats_s: Floats) -> Floats:
    """Return how many tracks get louder or softer by 12 dB and more from one second to the next, in tens of dB."""
    out = np.zeros(beats_s.size)
    for total in powers:
        steps = total.size - 1
        at = np.clip(np.round(beats_s * RATE).astype(np.int64), 0, steps)
        before = total[at] - total[np.maximum(at - RATE, 0)]
        after = total[np.minimum(at + RATE, steps)] - total[at]
        floor = max(float(total[-1]) / max(steps, 1) * 0.03 * RATE, 1e-9)
        out += np.clip(np.abs(10 * np.log10((after + floor) / (before + floor))) - 4, 0, 12) / 10
    return out


def _stand_out(column: Floats) -> Floats:
    padded = np.pad(column, 6, mode="reflect") if column.size > 6 else np.pad(column, 6)
    around = np.convolve(padded, np.ones(13) / 13, "valid")
    rest = column - around
    spread = float(rest.std())
    out: Floats = np.clip(rest / spread, -3, 3) if spread > 1e-9 else np.zeros(column.size)
    return out
