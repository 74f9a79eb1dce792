"""Beats: which of the pulses of a song people would tap to.

For every tempo that a song may have there is a pulse (`analysis/pulse.py`) and its off-beat.  Each is described by figures
(`analysis/pulse_figures.py`); the one with the highest weighted sum is the beat.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.accents import RATE, Accents, height_at
from tonmeister.analysis.pulse import Pulse, carry_on, find_pulses, level_onsets
from tonmeister.analysis.pulse_figures import describe_pulses

Floats = NDArray[np.float64]
WEIGHTS = {
    "tempo": 1.41, "slow": -0.39, "steady": 0.49, "strength": 0.47, "bars": 2.43, "clear_bars": 0.65, "threes": 0.60,
    "turns": 0.02, "thirds": 1.05, "kicks": 1.64, "empty": -2.29, "chords": 2.24, "chords_off_1": -9.71,
    "chords_off_2": -5.08, "chords_off_4": 38.80, "chords_bar": 0.85, "notes_off_1": 1.63, "notes_off_2": 15.44,
    "notes_off_4": 10.07, "notes_bar": 0.91, "all_on": 3.14, "all_lead": 4.74, "all_turn": -0.48,
    "all_starts": -0.16, "drums_on": 1.13, "drums_lead": -1.49, "drums_turn": -0.57, "drums_starts": -0.11,
    "kick_on": 1.96, "kick_lead": 0.18, "kick_turn": 0.45, "kick_starts": -0.05, "snare_on": 1.61,
    "snare_lead": 0.77, "snare_turn": 1.26, "snare_starts": -0.02, "bass_on": 0.39, "bass_lead": 0.47,
    "bass_turn": -0.15, "bass_starts": 0.02, "others_on": 1.43, "others_lead": 0.35, "others_turn": -1.34,
    "others_starts": -0.10,
}  # fmt: skip
"""Worth of each figure of a pulse: conditional logistic regression over the pulses of 211 songs, see
`bench/training/pulses.py`."""
WHOLE_WEIGHTS = {
    "tempo": 2.42, "strength": 1.43, "bars": 2.61, "clear_bars": 1.2, "threes": 3.54, "turns": 3.49, "thirds": 0.63,
    "kicks": 3.45, "empty": -6.53, "chords": 15.59,
}  # fmt: skip
"""Worth of each figure where a whole mix came as one file, in which nobody knows who plays what."""
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
    best = candidates[int(np.argmax(weigh_pulses(candidates, accents)))]
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


def weigh_pulses(pulses: Sequence[Pulse], accents: Accents) -> Floats:
    """Return how much speaks for each pulse to be the beat."""
    sure = min(1.0, accents.onsets.size / RATE / SURE_S)
    chosen = WHOLE_WEIGHTS if accents.kit == "unknown" else WEIGHTS
    weights = np.array([weight * (1.0 if name == "tempo" else sure) for name, weight in chosen.items()])
    figures = np.array([[figures[name] for name in chosen] for figures in describe_pulses(pulses, accents)])
    worth: Floats = figures @ weights
    return worth


def _confidence(curve: Floats, times: Floats) -> float:
    """Return how much higher the onsets are at the beats than on average, in standard deviations, held to 0..1."""
    mean = float(height_at(curve, times, reach=1).mean())
    return float(np.clip(mean / max(float(curve.std()), 1e-9) / 2.0, 0, 1))
