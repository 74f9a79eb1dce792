"""What is known of a pulse: figures that tell the beat from its half, its double, its thirds and the off-beat.

Every part of the song is asked (all that starts, drums, kicks, snares, basses, everybody else): how loud it is on the pulse,
whether it leads into the next pulse rather than away from the last, whether every other pulse is louder, and how often something
starts from one pulse to the next.  Besides: how fast the pulse is, whether kick and snare take turns, whether bars stand out, how
much chords and bass notes change at it, and how much more than halfway to the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tonmeister.analysis.accents import RATE, Accents, Kit, height_at, to_usual
from tonmeister.analysis.bars import change_of_chroma, clarity_of_bars
from tonmeister.analysis.pulse import Pulse

Floats = NDArray[np.float64]
USUAL_BPM: dict[Kit, float] = {"played": 135.0, "unknown": 107.0, "absent": 85.0}
"""The tempo in the middle: songs with a drum kit are faster than those without; midway where nobody knows."""
STARTS = 0.25
"""Something starts at a pulse if the onsets there are so high against the loud ones of the song."""
KICKS = 0.3
"""Height of a kick that counts."""
QUARTERS = (0.0, 0.25, 0.5, 0.75)
_APART, _REACH = 4, 3
_LOUD_PERCENT = 90
_FEWEST = 1 / 16


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some of those who play."""

    heights: Floats
    """Their onsets, 1 where they are loud: at every step the highest within 30 ms; empty where there are none."""
    starts: int
    """How often something starts."""


def describe_pulses(pulses: Sequence[Pulse], accents: Accents) -> list[dict[str, float]]:
    """Return what is known of each pulse, by the names of `WEIGHTS`; where nobody plays that tells it, 0."""
    curves = {
        "all": to_usual(accents.onsets, _LOUD_PERCENT), "drums": accents.drums, "kick": accents.kick,
        "snare": accents.snare, "bass": accents.basses, "others": accents.others,
    }  # fmt: skip
    parts = {name: Part(_spread(curve), _count_starts(curve, STARTS)) for name, curve in curves.items()}
    return [_whole(pulse, accents) | _by_part(pulse.times_s, parts) for pulse in pulses]


def _whole(pulse: Pulse, accents: Accents) -> dict[str, float]:
    """Return figures of the song as a whole."""
    times = pulse.times_s
    gap = np.diff(times)
    off = times[:-1] + gap / 2
    thirds = np.concatenate([times[:-1] + gap / 3, times[:-1] + 2 * gap / 3])
    bpm = float(60 / np.median(gap))
    on, halfway = height_at(accents.onsets, times), height_at(accents.onsets, off)
    turns = _turn(accents.kick, times, off) * _turn(accents.snare, times, off)
    bars = clarity_of_bars(times, accents)
    return {
        "tempo": -float(np.square(np.log2(bpm / USUAL_BPM[accents.kit]))),
        "slow": -float(np.log2(bpm)),
        "steady": float(pulse.is_steady),
        "strength": pulse.strength,
        "bars": bars.fours,
        "clear_bars": bars.gap,
        "threes": bars.threes,
        "turns": float(np.sqrt(max(0.0, -turns))),
        "thirds": _lean(halfway, height_at(accents.onsets, thirds)),
        "kicks": float((height_at(accents.kick, times) > KICKS).mean()),
        "empty": float((on < STARTS * _loud(accents.onsets)).mean()),
        "chords": float(change_of_chroma(accents.chroma, times, 1).mean()),
        **_chords(times, off, accents),
    }


def _chords(times: Floats, off: Floats, accents: Accents) -> dict[str, float]:
    """Return how much more chords and bass notes change at pulses than halfway between, and at the best of four."""
    figures = {}
    for name, chroma in (("chords", accents.chroma), ("notes", accents.bass_chroma)):
        for pulses in (1, 2, 4):
            change, between = (change_of_chroma(chroma, at, pulses) for at in (times, off))
            figures[f"{name}_off_{pulses}"] = float(change.mean() - between.mean())
        folds = [float(change[k::4].mean()) for k in range(min(4, change.size))]
        mean = float(np.mean(folds)) if folds else 0.0
        figures[f"{name}_bar"] = (max(folds, default=0.0) - mean) / (mean + 0.02)
    return figures


def _by_part(times: Floats, parts: Mapping[str, Part]) -> dict[str, float]:
    """Return how each part goes with a pulse."""
    gap = np.diff(times)
    beats = max(float((times[-1] - times[0]) / np.median(gap)), 1.0)
    figures: dict[str, float] = {}
    for name, part in parts.items():
        on, after, half, before = (float(_at(part.heights, times[:-1] + q * gap).mean()) for q in QUARTERS)
        figures[f"{name}_on"] = on
        figures[f"{name}_lead"] = (before - after) / (on + after + half + before + 1e-3)
        at = _at(part.heights, times)
        figures[f"{name}_turn"] = abs(float(at[::2].sum() - at[1::2].sum())) / (float(at.sum()) + 0.01 * at.size)
        usual = float(np.log2(max(part.starts / beats, _FEWEST))) if part.starts else 0.0
        figures[f"{name}_starts"] = usual * usual
    return figures


def _spread(curve: Floats) -> Floats:
    """Return the highest of the steps within `_REACH` of each; where the curve ends, of what there is."""
    if curve.size <= 2 * _REACH + 1:
        return np.zeros(0)
    inner = np.lib.stride_tricks.sliding_window_view(curve, 2 * _REACH + 1).max(axis=1)
    return np.pad(inner, _REACH, mode="edge")


def _at(heights: Floats, times: Floats) -> Floats:
    """Return the height at each moment; zeros of an empty curve."""
    if not heights.size:
        return np.zeros(times.size)
    return heights[np.clip(np.round(times * RATE).astype(np.int64), 0, heights.size - 1)]


@njit(nogil=True, cache=True)
def _count_starts(curve: Floats, least: float) -> int:
    """Return the number of peaks that are so high and 40 ms apart."""
    count, last = 0, -_APART
    for step in range(1, curve.size - 1):
        high = curve[step] > least and curve[step] >= curve[step - 1] and curve[step] > curve[step + 1]
        if high and step - last >= _APART:
            count, last = count + 1, step
    return count


def _lean(one: Floats, other: Floats) -> float:
    """Return how much more there is of one than of the other, -1..1."""
    first, second = float(one.mean()), float(other.mean())
    return (first - second) / (first + second) if first + second > 1e-3 else 0.0


def _loud(onsets: Floats) -> float:
    """Return how high the loud onsets of a song are."""
    some = onsets[onsets > 0]
    return float(np.percentile(some, _LOUD_PERCENT)) if some.size else 1.0


def _turn(curve: Floats, times: Floats, off: Floats) -> float:
    """Return how far the even pulses stand out of the odd ones and of what lies between, -1..1."""
    heights, between = height_at(curve, times), height_at(curve, off)
    total = float(heights.sum() + between.sum())
    return float(heights[::2].sum() - heights[1::2].sum()) / total if total > 1e-3 * heights.size else 0.0
