"""Fits what makes a beat the first of its bar: the weights of `analysis/bars.py`, called by `bench.training.pulses`.

Of every song whose beats were heard and that has three or four beats a bar, the best pulse is taken. The weights are those under
which the place of the true bar lines is likeliest among the three or four places (conditional logistic regression). Their length
stays that of the weights before, since prices and thresholds of `analysis/bars.py` were set for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bench.structure import BEAT_S, hit_f
from tonmeister.analysis.bars import EXPORT_S, WEIGHTS, clarity_of_score, lay_bars

Floats = NDArray[np.float64]
RIGHT_BEATS, FEWEST_TRUE, FEWEST_BEATS = 0.9, 0.5, 16
RIDGE = 0.1


@dataclass(frozen=True, eq=False)
class BarSong:
    """The pulses of a song as bars see them."""

    times_s: tuple[Floats, ...]
    is_steady: tuple[bool, ...]
    beats: tuple[Floats, ...]
    """(beats, figures) in the order of WEIGHTS, a pulse each."""
    beats_per_bar: float
    downbeats_s: Floats
    span_s: tuple[float, float]
    """The first and the last true beat, and a little more."""


def fit_bars(songs: Sequence[tuple[BarSong, Floats]]) -> Floats:
    """Return the weights of beats, from songs and the beat F of each of their pulses."""
    cases = [case for song, beat_f in songs if (case := _case(song, beat_f)) is not None]

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = 0.0, np.zeros(weights.size)
        for places, true in cases:
            worth = places @ weights
            share = np.exp(worth - worth.max())
            share /= share.sum()
            total -= float(np.log(share[true] + 1e-12))
            slope -= places[true] - share @ places
        ridge = RIDGE * float(weights @ weights)
        return total / len(cases) + ridge, slope / len(cases) + 2 * RIDGE * weights

    found: Floats = minimize(loss, WEIGHTS, jac=True, method="L-BFGS-B").x
    return found * float(np.linalg.norm(WEIGHTS) / np.linalg.norm(found))


def bar_figures(song: BarSong, weights: Floats) -> Floats:
    """Return (pulses, 3) the figures `bars`, `clear_bars` and `threes` of each pulse under these weights."""
    rows = []
    for beats in song.beats:
        if len(beats) < FEWEST_BEATS:
            rows.append((0.0, 0.0, 0.0))
            continue
        clear = clarity_of_score(beats @ weights)
        rows.append((clear.fours, clear.gap, clear.threes))
    return np.array(rows)


def downbeat_f(song: BarSong, pulse: int, weights: Floats) -> float:
    """Return the downbeat F of a pulse."""
    times = song.times_s[pulse]
    bars = lay_bars(song.beats[pulse] @ weights, exported=song.is_steady[pulse] and times[0] < EXPORT_S)
    first = times[bars.first_beats]
    inside = first[(first >= song.span_s[0]) & (first <= song.span_s[1])]
    return hit_f(inside, song.downbeats_s, window_s=BEAT_S)


def _case(song: BarSong, beat_f: Floats) -> tuple[Floats, int] | None:
    """Return what stands at each place of the bar, and the true place."""
    best = int(np.argmax(beat_f))
    if beat_f[best] < RIGHT_BEATS or song.beats_per_bar not in {3, 4}:
        return None
    count = int(song.beats_per_bar)
    times, beats = song.times_s[best], song.beats[best]
    near = np.array([np.abs(song.downbeats_s - time).min() <= BEAT_S for time in times])
    shares = [near[place::count].mean() for place in range(count)]
    if max(shares) < FEWEST_TRUE:
        return None
    means = np.stack([beats[place::count].mean(axis=0) for place in range(count)])
    return means * np.sqrt(times.size / count), int(np.argmax(shares))
