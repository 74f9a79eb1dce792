"""Tempo and the grid of beats, from the onsets of all tracks."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.analysis import fourier
from tonmeister.model import Model, Seconds, Share

SLOWEST_BPM, FASTEST_BPM = 55.0, 210.0
"""Range of tempos that are looked for."""
PREFERRED_BPM, PREFERENCE_OCTAVES = 120.0, 0.9
"""People tap near 120; the width is that of Ellis 2007 (Beat Tracking by Dynamic Programming)."""
LEAST_CONFIDENCE = 0.1
"""Below, there is no beat worth a grid."""
_RATE, _LIMIT_DB = 100, 20.0
_FEWEST_S = 6.0


class Tempo(Model):
    """A steady tempo and where its beats fall; there is none when nothing repeats."""

    bpm: float = Field(gt=0)
    """Beats per minute."""
    first_beat_s: Seconds = Field(ge=0)
    """The earliest beat of the grid, less than one beat after the start of the song."""
    first_bar_s: Seconds = Field(ge=0)
    """The earliest bar line of the grid, less than one bar after the start of the song."""
    beats_per_bar: int = Field(default=4, ge=2, le=7)
    """Assumed, not measured."""
    confidence: Share
    """Correlation of the onsets with themselves one beat to sixteen beats later, 0..1."""
    bar_confidence: Share
    """How far the chosen first beat of the bar stands out of the other three, 0..1."""

    @property
    def beat_s(self) -> Seconds:
        """Length of a beat."""
        return 60 / self.bpm

    @property
    def bar_s(self) -> Seconds:
        """Length of a bar."""
        return self.beats_per_bar * self.beat_s


def measure_tempo(onset_10ms: Sequence[NDArray[np.float32]]) -> Tempo | None:
    """Return the tempo of a song from `TrackCurves.onset_10ms` of its tracks; None when no beat is found."""
    onsets = _combine(onset_10ms)
    if onsets.size < _FEWEST_S * _RATE or not onsets.any():
        return None
    similarity = _autocorrelate(onsets)
    period = _find_period(similarity)
    confidence = float(np.clip(_comb(similarity, np.array([period]), 16)[0], 0, 1))
    if confidence < LEAST_CONFIDENCE:
        return None
    bpm = round(60 * _RATE / period, 2)
    period = 60 * _RATE / bpm
    phase = _find_phase(onsets, period)
    beat, standing = _find_bar(onsets, period, phase)
    return Tempo(
        bpm=bpm,
        first_beat_s=round(phase / _RATE, 3),
        first_bar_s=round((phase + beat * period) / _RATE, 3),
        confidence=round(confidence, 3),
        bar_confidence=round(standing, 3),
    )


def _combine(curves: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
    """Return one onset curve: each track counts alike, a rise of 20 dB as much as any higher one."""
    total = np.zeros(max((curve.size for curve in curves), default=0))
    for curve in curves:
        rises = np.minimum(curve, _LIMIT_DB)
        total[: curve.size] += np.where(rises > 3, rises, 0)
    return total


def _autocorrelate(onsets: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the correlation coefficient of the smoothed curve with itself at each lag, up to half its length."""
    smooth = np.convolve(onsets, [0.25, 0.5, 0.25], "same")
    centred = smooth - smooth.mean()
    size = fourier.fast_size(2 * centred.size)
    product = fourier.irfft(np.square(np.abs(fourier.rfft(centred, size))), size)[: centred.size // 2]
    overlap = centred.size - np.arange(product.size)
    similarity: NDArray[np.float64] = product / overlap / (product[0] / centred.size)
    return similarity


def _comb(similarity: NDArray[np.float64], periods: NDArray[np.float64], beats: int) -> NDArray[np.float64]:
    """Return the mean similarity at one to so many periods."""
    lags = periods[:, None] * np.arange(1, beats + 1)
    inside = lags < similarity.size - 1
    values = np.interp(lags, np.arange(similarity.size), similarity) * inside
    mean: NDArray[np.float64] = values.sum(axis=1) / np.maximum(inside.sum(axis=1), 1)
    return mean


def _find_period(similarity: NDArray[np.float64]) -> float:
    """Return the beat in steps: coarsely with the preference for 120, then sharper over ever more beats."""
    bpm = np.geomspace(SLOWEST_BPM, FASTEST_BPM, 600)
    periods = 60 * _RATE / bpm
    preference = np.exp(-0.5 * np.square(np.log2(bpm / PREFERRED_BPM) / PREFERENCE_OCTAVES))
    # Half a beat must not be as good: what repeats every half beat repeats every beat as well.
    score = (_comb(similarity, periods, 4) + 0.5 * _comb(similarity, periods * 4, 4)) * preference
    best = float(periods[int(np.argmax(score))])
    for beats, width in ((8, 0.01), (16, 0.004), (64, 0.001)):
        near = best * (1 + np.linspace(-width, width, 81))
        best = float(near[int(np.argmax(_comb(similarity, near, beats)))])
    return best


def _find_phase(onsets: NDArray[np.float64], period: float) -> float:
    """Return the first beat in steps: where the onsets gather when they are folded at the beat."""
    bins = 96
    position = (np.arange(onsets.size) / period) % 1.0
    folded = np.bincount((position * bins).astype(np.int64) % bins, weights=onsets, minlength=bins)
    smooth = np.convolve(np.concatenate([folded[-3:], folded, folded[:3]]), np.hanning(9)[1:-1], "valid")
    phase = (int(np.argmax(smooth)) + 0.5) / bins * period
    return phase if period - phase > 2 else 0.0  # a beat 20 ms before the first whole one is the start


def _find_bar(onsets: NDArray[np.float64], period: float, phase: float) -> tuple[int, float]:
    """Return which of the first four beats begins a bar, and how far it stands out.

    The beat with the strongest onsets of most tracks together wins; stems that a workstation exported begin on a bar
    line, so a beat within 30 ms of the start gets a bonus.
    """
    beats = np.round(phase + np.arange(int((onsets.size - phase) / period)) * period).astype(np.int64)
    around = np.stack([onsets[np.clip(beats + shift, 0, onsets.size - 1)] for shift in (-1, 0, 1, 2)])
    strength = np.square(around.max(axis=0))
    score = np.array([strength[beat::4].mean() if strength[beat::4].size else 0.0 for beat in range(4)])
    score /= max(float(score.max()), 1e-12)
    if phase <= 0.03 * _RATE:
        score[0] += 0.5
    order = np.argsort(-score, kind="stable")
    return int(order[0]), float(np.clip((score[order[0]] - score[order[1]]) / score[order[0]], 0, 1))
