"""Beats: which of the pulses of a song people would tap to.

For every tempo that a song may have there is a pulse (`analysis/pulse.py`) and its off-beat.  Each is described by a few
figures: how fast it is, whether kick and snare take turns, whether bars stand out, on how many of its beats nothing starts, how
much the chord changes from one to the next; the one with the highest weighted sum is the beat.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.accents import RATE, Accents, Kit, height_at
from tonmeister.analysis.bars import change_of_chroma, clarity_of_bars
from tonmeister.analysis.pulse import Pulse, carry_on, find_pulses, level_onsets

Floats = NDArray[np.float64]
USUAL_BPM: dict[Kit, float] = {"played": 135.0, "unknown": 107.0, "absent": 85.0}
"""The tempo in the middle: songs with a drum kit are faster than those without; midway where nobody knows."""
WEIGHTS = {
    "tempo": 2.42, "strength": 1.43, "bars": 2.61, "clear_bars": 1.2, "threes": 3.54, "turns": 3.49, "thirds": 0.63,
    "kicks": 3.45, "empty": -6.53, "chords": 15.59,
}  # fmt: skip
"""Worth of each figure of a pulse: conditional logistic regression over the pulses of 241 songs, see
`bench/training/pulses.py`."""
STARTS = 0.25
"""Something starts at a pulse if the onsets there are so high against the loud ones of the song."""
KICKS = 0.3
"""Height of a kick that counts."""
SURE_S = 10.0
"""In sounds shorter than this, what is measured counts less against the usual tempo."""
PHASES = (0, 1 / 6, 1 / 3, 1 / 2, 2 / 3, 5 / 6)
"""The beat may lie so far after a pulse, in parts of its period: on the off-beat, or elsewhere in triplets..."""
PHASE_SHARE = 0.45
"""...where the onsets are at least so loud as at the loudest of these places."""
_FEWEST_S = 2.5


@dataclass(frozen=True, slots=True, eq=False)
class Beats:
    """The beats of a song, in order."""

    times_s: Floats
    """(beats,) from the start to the end of the song."""
    confidence: float
    """How far the onsets gather at the beats, 0..1."""
    is_steady: bool
    """Whether they are a straight grid."""

    @property
    def bpm(self) -> float:
        """Median tempo; that of the grid when steady."""
        return float(60 / np.median(np.diff(self.times_s)))


def find_beats(accents: Accents) -> Beats | None:
    """Return the beats of a song; None where nothing repeats."""
    onsets = accents.onsets
    if onsets.size < _FEWEST_S * RATE or not onsets.any():
        return None
    candidates = list_pulses(onsets)
    if not candidates:
        return None
    worth = [weigh_pulse(pulse, accents) for pulse in candidates]
    best = candidates[int(np.argmax(worth))]
    return Beats(best.times_s, _confidence(level_onsets(onsets), best.times_s), best.is_steady)


def list_pulses(onsets: Floats) -> list[Pulse]:
    """Return every pulse that may be the beat: at each tempo, from wherever in the beat onsets lie."""
    duration_s = onsets.size / RATE
    found = []
    for pulse in find_pulses(onsets):
        shifted = [carry_on(_shift(pulse.times_s, part), duration_s) for part in PHASES]
        heights = [float(height_at(onsets, times).mean()) for times in shifted]
        loud = PHASE_SHARE * max(heights)
        kept = [times for times, height in zip(shifted, heights, strict=True) if height >= loud and times.size > 1]
        found += [replace(pulse, times_s=times) for times in kept]
    return found


def _shift(times: Floats, part: float) -> Floats:
    return times if part == 0 else times[:-1] + part * np.diff(times)


def weigh_pulse(pulse: Pulse, accents: Accents) -> float:
    """Return how much speaks for a pulse to be the beat."""
    figures = describe_pulse(pulse, accents)
    sure = min(1.0, accents.onsets.size / RATE / SURE_S)
    return sum(WEIGHTS[name] * value * (1.0 if name == "tempo" else sure) for name, value in figures.items())


def describe_pulse(pulse: Pulse, accents: Accents) -> dict[str, float]:
    """Return what is known of a pulse, by the names of `WEIGHTS`; where nobody plays that tells it, 0."""
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
        "strength": pulse.strength,
        "bars": bars.fours,
        "clear_bars": bars.gap,
        "threes": bars.threes,
        "turns": float(np.sqrt(max(0.0, -turns))),
        "thirds": _lean(halfway, height_at(accents.onsets, thirds)),
        "kicks": float((height_at(accents.kick, times) > KICKS).mean()),
        "empty": float((on < STARTS * _loud(accents.onsets)).mean()),
        "chords": float(change_of_chroma(accents.chroma, times, 1).mean()),
    }


def _lean(one: Floats, other: Floats) -> float:
    """Return how much more there is of one than of the other, -1..1."""
    first, second = float(one.mean()), float(other.mean())
    return (first - second) / (first + second) if first + second > 1e-3 else 0.0


def _loud(onsets: Floats) -> float:
    """Return how high the loud onsets of a song are."""
    some = onsets[onsets > 0]
    return float(np.percentile(some, 90)) if some.size else 1.0


def _turn(curve: Floats, times: Floats, off: Floats) -> float:
    """Return how far the even pulses stand out of the odd ones and of what lies between, -1..1."""
    heights, between = height_at(curve, times), height_at(curve, off)
    total = float(heights.sum() + between.sum())
    return float(heights[::2].sum() - heights[1::2].sum()) / total if total > 1e-3 * heights.size else 0.0


def _confidence(curve: Floats, times: Floats) -> float:
    """Return how much higher the onsets are at the beats than on average, in standard deviations, held to 0..1."""
    mean = float(height_at(curve, times, reach=1).mean())
    return float(np.clip(mean / max(float(curve.std()), 1e-9) / 2.0, 0, 1))
