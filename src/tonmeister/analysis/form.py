"""The form of a song in bars: where it changes, and what comes back.

Each bar of each track is described by its bands, its rhythm and its pitch classes; bars that hold the same music are alike.
Sections are then the cheapest way to tell the song: a section costs a fixed price and the part of it that is neither heard
elsewhere nor even in itself, and is cheaper where much changes at its start (novelty of Foote 2000, lag structure of Serra
et al. 2014) and where it lasts as long as sections do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.spectrum import CHROMA_PER_S

Floats = NDArray[np.float64]
SECTION_PRICE, STRANGE_PRICE, CHANGE_WORTH, EVENNESS_WORTH = 0.5, 0.5, 0.3, 0.6
"""Price of a section, price of a bar that is heard nowhere else, worth of a change at the start (in standard deviations),
worth of evenness against a true repeat; set on songs rearranged by code, see `bench sections`."""
ALIKE = 0.45
"""Sections whose bars are alike this much, in order, share a letter."""
LENGTH_WORTH = {
    1: -2.0,
    2: -0.5,
    4: 0.0,
    6: -0.6,
    8: 0.6,
    10: -0.3,
    12: 0.0,
    14: -0.3,
    16: 0.6,
    20: 0.0,
    24: 0.2,
    32: 0.2,
}
"""How common a section of so many bars is; others are rare."""
LONGEST_BARS = 48
_RARE, _ODD = -0.8, -1.0
_REACH = 4


class BarSource(Protocol):
    """What is read of a track: see `TrackCurves`."""

    @property
    def rms_10ms(self) -> NDArray[np.float32]: ...  # noqa: D102 - its name says it
    @property
    def onset_10ms(self) -> NDArray[np.float32]: ...  # noqa: D102 - its name says it
    @property
    def erb_power(self) -> NDArray[np.float32]: ...  # noqa: D102 - its name says it
    @property
    def chroma_125ms(self) -> NDArray[np.float32]: ...  # noqa: D102 - its name says it


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """Sections in bars."""

    cuts: tuple[int, ...]
    """First bars of the sections, and the number of bars last."""
    groups: tuple[int, ...]
    """Sections that hold the same music share a number, in order of appearance."""
    clarity: tuple[float, ...]
    """For each section, how much changes at its start, 0..1; 1 for the first."""


def find_form(tracks: Sequence[BarSource], pitched: Sequence[bool], lines_s: Floats) -> Form:
    """Return the form of a song whose bar lines are known.

    Args:
        tracks: Curves of all tracks.
        pitched: Which of them tell of harmony.
        lines_s: (bars + 1,) where bars begin, and the end of the last.
    """
    bars = lines_s.size - 1
    if bars < 4:
        return Form((0, bars), (0,), (1.0,))
    coarse = _coarse(tracks, pitched, lines_s)
    fine = _fine(tracks, pitched, lines_s)
    alike = _similarity(fine)
    change = _standard(_lag_change(alike)) + 0.5 * _standard(_jump(fine)) + 0.5 * _standard(_contrast(coarse))
    change /= np.sqrt(1.5)
    cuts = _cheapest(change, _repeats(alike), _evenness(alike))
    cuts, groups = _merge(cuts, _group(alike, cuts))
    clarity = (1.0, *(float(np.clip(change[cut] / 3, 0, 1)) for cut in cuts[1:-1]))
    return Form(tuple(cuts), tuple(groups), clarity)


def mean_between(curve: NDArray[np.float32] | Floats, lines: Floats) -> Floats:
    """Return (bars, …) the mean of a curve between lines given in its own steps."""
    total = np.concatenate([np.zeros((1, *curve.shape[1:])), np.cumsum(curve, axis=0, dtype=np.float64)])
    index = np.clip(np.round(lines).astype(np.int64), 0, len(curve))
    length = np.maximum(np.diff(np.round(lines)), 1).reshape(-1, *[1] * (curve.ndim - 1))
    mean: Floats = np.diff(total[index], axis=0) / length
    return mean


def activity_by_bar(rms_10ms: NDArray[np.float32], lines_s: Floats) -> Floats:
    """Return (bars,) how much a track plays: 1 at its own usual level, 0 from 30 dB below."""
    power = mean_between(np.square(rms_10ms, dtype=np.float64), lines_s * 100)
    loud = float(np.square(power).sum() / max(float(power.sum()), 1e-20))
    active: Floats = np.clip(1 + 10 * np.log10((power + 1e-20) / max(loud, 1e-20)) / 30, 0, 1)
    return active


def _divide(lines: Floats, parts: int) -> Floats:
    """Return the lines with so many even parts between each two."""
    return np.interp(np.arange(parts * (lines.size - 1) + 1) / parts, np.arange(lines.size), lines)


def _weigh(features: Floats) -> Floats:
    """Return the features about their mean, of mean length 1 (nothing is blown up that hardly changes)."""
    rest = features - features.mean(axis=0)
    out: Floats = rest / max(float(np.sqrt(np.square(rest).sum(axis=1).mean())), 0.05)
    return out


def _chroma(tracks: Sequence[BarSource], pitched: Sequence[bool], lines_s: Floats) -> Floats:
    chosen = [track for track, tells in zip(tracks, pitched, strict=True) if tells] or tracks
    total = sum(
        (mean_between(t.chroma_125ms, lines_s * CHROMA_PER_S) for t in chosen), np.zeros((lines_s.size - 1, 12))
    )
    root = np.sqrt(total)
    unit: Floats = root / (np.linalg.norm(root, axis=1, keepdims=True) + 1e-9)
    return unit


def _coarse(tracks: Sequence[BarSource], pitched: Sequence[bool], lines_s: Floats) -> Floats:
    """Return (bars, features): who plays, the bands of the mix, its pitch classes."""
    activity = np.stack([activity_by_bar(track.rms_10ms, lines_s) for track in tracks], axis=1)
    bands = sum((mean_between(t.erb_power, lines_s * 2) for t in tracks), np.zeros((lines_s.size - 1, 40)))
    bands = bands.reshape(len(bands), 8, 5).sum(axis=2)
    levels = np.log10(bands + max(float(bands.max()), 1e-12) * 1e-6)
    return np.concatenate([_weigh(activity), _weigh(levels), _weigh(_chroma(tracks, pitched, lines_s))], axis=1)


def _fine(tracks: Sequence[BarSource], pitched: Sequence[bool], lines_s: Floats) -> Floats:
    """Return (bars, features): of each track, eight bands in half bars and onsets in eighths of a bar; pitch classes."""
    bars = lines_s.size - 1
    halves, eighths = _divide(lines_s, 2), _divide(lines_s, 8)
    parts = []
    for track in tracks:
        rises = np.where(track.onset_10ms > 3, np.minimum(track.onset_10ms, 20), 0)
        rhythm = mean_between(rises, eighths * 100).reshape(bars, 8)
        bands = mean_between(track.erb_power, halves * 2).reshape(bars, 2, 8, 5).sum(axis=3).reshape(bars, 16)
        levels = np.log10(bands + float(bands.max()) * 1e-3 + 1e-20)
        parts += [0.4 * (levels - levels.mean(axis=0)), 0.12 * (rhythm - rhythm.mean(axis=0))]
    chroma = _chroma(tracks, pitched, halves).reshape(bars, 24)
    return np.concatenate([_weigh(np.concatenate(parts, axis=1)), _weigh(chroma)], axis=1)


def _similarity(features: Floats) -> Floats:
    """Return (bars, bars) 1 for the same music, towards 0 from a third of the usual distance on."""
    square = np.square(features).sum(axis=1)
    distance = np.maximum(square[:, None] + square[None] - 2 * features @ features.T, 0)
    usual = float(np.median(distance[np.triu_indices(len(features), 1)])) + 1e-9
    alike: Floats = np.exp(-distance / (0.35 * usual))
    return alike


def _standard(change: Floats) -> Floats:
    inside = change[2:-2] if change.size > 6 else change
    out: Floats = (change - inside.mean()) / (float(inside.std()) + 1e-9)
    return out


def _lag_change(alike: Floats) -> Floats:
    """Return (bars + 1,) how much the lags at which music repeats differ between the two bars before and after."""
    bars = len(alike)
    lags = np.zeros((bars, 2 * bars))
    for bar in range(bars):
        lags[bar, bars - bar : 2 * bars - bar] = alike[bar]
    lags[:, bars] = 0
    out = np.zeros(bars + 1)
    for bar in range(1, bars):
        reach = min(2, bar, bars - bar)
        out[bar] = np.linalg.norm(lags[bar - reach : bar].mean(axis=0) - lags[bar : bar + reach].mean(axis=0))
    return out


def _jump(fine: Floats) -> Floats:
    """Return (bars + 1,) how far a bar is from the one before, against the median."""
    step = np.linalg.norm(np.diff(fine, axis=0), axis=1)
    return np.concatenate([[0.0], step / (float(np.median(step)) + 1e-9), [0.0]])


def _contrast(coarse: Floats) -> Floats:
    """Return (bars + 1,) distance of the means of four bars before and after, over the spread within."""
    bars = len(coarse)
    out = np.zeros(bars + 1)
    for bar in range(1, bars):
        reach = min(_REACH, bar, bars - bar)
        before, after = coarse[bar - reach : bar], coarse[bar : bar + reach]
        apart = float(np.square(before.mean(axis=0) - after.mean(axis=0)).sum())
        within = float(before.var(axis=0).sum() + after.var(axis=0).sum()) / 2
        out[bar] = np.sqrt(apart / (within + 0.1) * reach / _REACH)
    return out


def _repeats(alike: Floats) -> Floats:
    """Return (bars, lengths) how well the bars from here on, so many, are heard elsewhere in the same order."""
    bars = len(alike)
    out = np.zeros((bars, LONGEST_BARS + 1))
    for lag in range(2 - bars, bars - 1):
        along = np.concatenate([[0.0], np.cumsum(np.diagonal(alike, lag))])
        first = max(0, -lag)
        for length in range(2, min(LONGEST_BARS, along.size - 1, abs(lag) if abs(lag) < 8 else LONGEST_BARS) + 1):
            mean = (along[length:] - along[:-length]) / length
            at = out[first : first + mean.size, length]
            np.maximum(at, mean, out=at)
    return out


def _evenness(alike: Floats) -> Floats:
    """Return (bars, lengths) how alike the bars from here on, so many, are among themselves."""
    bars = len(alike)
    total = np.pad(alike.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    out = np.zeros((bars, LONGEST_BARS + 1))
    for length in range(2, min(LONGEST_BARS, bars) + 1):
        start = np.arange(bars - length + 1)
        end = start + length
        square = total[end, end] - total[start, end] - total[end, start] + total[start, start]
        out[start, length] = (square - length) / (length * length - length)
    return out


def _cheapest(change: Floats, repeats: Floats, evenness: Floats) -> list[int]:
    """Return the cuts of the cheapest way to tell the song; a single bar may only stand at either end."""
    bars = len(repeats)
    known = np.maximum(repeats, EVENNESS_WORTH * evenness)
    best, back = np.full(bars + 1, -np.inf), np.zeros(bars + 1, np.int64)
    best[0] = 0.0
    for end in range(1, bars + 1):
        for length in range(1, min(LONGEST_BARS, end) + 1):
            start = end - length
            if length == 1 and start > 0 and end < bars:
                continue
            worth = LENGTH_WORTH.get(length, _ODD if length % 2 and length < 10 else _RARE)
            worth += CHANGE_WORTH * change[start] if start else 0.0
            value = best[start] + worth - SECTION_PRICE - STRANGE_PRICE * length * (1 - known[start, length])
            if value > best[end]:
                best[end], back[end] = value, start
    cuts = [bars]
    while cuts[-1] > 0:
        cuts.append(int(back[cuts[-1]]))
    return cuts[::-1]


def _group(alike: Floats, cuts: Sequence[int]) -> list[int]:
    """Return a number for each section; what holds the same bars in the same order shares it."""
    spans = list(pairwise(cuts))
    groups: list[int] = []
    for number, span in enumerate(spans):
        likeness = [_likeness(alike, span, other) for other in spans[:number]]
        best = int(np.argmax(likeness)) if likeness else -1
        known = best >= 0 and likeness[best] > ALIKE
        groups.append(groups[best] if known else max(groups, default=-1) + 1)
    return groups


def _likeness(alike: Floats, one: tuple[int, int], other: tuple[int, int]) -> float:
    """Return how alike two sections are where the shorter one fits the longer one best."""
    short, long = sorted((one, other), key=lambda span: span[1] - span[0])
    length = short[1] - short[0]
    bars = np.arange(length)
    return max(float(alike[short[0] + bars, start + bars].mean()) for start in range(long[0], long[1] - length + 1))


def _merge(cuts: Sequence[int], groups: Sequence[int]) -> tuple[list[int], list[int]]:
    """Join neighbours that hold the same music."""
    kept = [place for place, group in enumerate(groups) if place == 0 or group != groups[place - 1]]
    return [*(cuts[place] for place in kept), cuts[-1]], [groups[place] for place in kept]
