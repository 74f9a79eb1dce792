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
    "tempo": 1.41, "slow": -0.41, "steady": 0.41, "strength": 0.46, "bars": 2.89, "clear_bars": 0.52, "threes": 0.76,
    "turns": 0.27, "thirds": 1.05, "kicks": 1.52, "empty": -2.29, "chords": 2.43, "chords_off_1": -9.95,
    "chords_off_2": -5.40, "chords_off_4": 36.00, "chords_bar": 0.04, "notes_off_1": 2.61, "notes_off_2": 14.87,
    "notes_off_4": 10.78, "notes_bar": 0.48, "all_on": 3.07, "all_lead": 4.80, "all_turn": -0.51,
    "all_starts": -0.17, "drums_on": 1.13, "drums_lead": -1.32, "drums_turn": -0.65, "drums_starts": -0.11,
    "kick_on": 1.82, "kick_lead": 0.12, "kick_turn": 0.48, "kick_starts": -0.04, "snare_on": 1.27,
    "snare_lead": 0.71, "snare_turn": 1.17, "snare_starts": -0.02, "bass_on": 0.29, "bass_lead": 0.32,
    "bass_turn": -0.11, "bass_starts": 0.03, "others_on": 1.57, "others_lead": 0.53, "others_turn": -1.37,
    "others_starts": -0.09,
}  # fmt: skip
"""Worth of each figure of a pulse: conditional logistic regression over the pulses of 211 songs, see
`bench/training/pulses.py`."""
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
    weights = np.array([weight * (1.0 if name == "tempo" else sure) for name, weight in WEIGHTS.items()])
    figures = np.array([[figures[name] for name in WEIGHTS] for figures in describe_pulses(pulses, accents)])
    worth: Floats = figures @ weights
    return worth


def _confidence(curve: Floats, times: Floats) -> float:
    """Return how much higher the onsets are at the beats than on average, in standard deviations, held to 0..1."""
    mean = float(height_at(curve, times, reach=1).mean())
    return float(np.clip(mean / max(float(curve.std()), 1e-9) / 2.0, 0, 1))
