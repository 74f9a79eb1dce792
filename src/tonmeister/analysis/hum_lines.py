"""The lines of a hum: phase of the series, refined by all lines together, and the amplitude of each as it wanders."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.hum_amplitudes import CELL_S, first_weights, fit_amplitudes, smooth_bends
from tonmeister.analysis.hum_phase import find_path
from tonmeister.kernels import njit

STANDS_OUT_DB = 15.0
"""Power of a line over the variance of its estimate, so that it is certain. Music without it gives 0 to 5 dB; once, in half a
minute of metal, three lines came to 13 and 14."""
WORTHWHILE_DB = 6.0
"""The same for a line of a series that is certain: above, taking it away does more good than harm."""
LEAST_AGREEMENT = 0.6
"""First and second half must give the same line, level and phase: 1 - |a - b| / (|a| + |b|)."""
WANDERING = (0.003, 0.03, 0.1, 0.3)
"""Relative changes of a line in a second that are tried; the one that best foretells what it was not shown is taken."""
LEAST_NOISE = 1e-4
"""Power of what no model of a hum tells, over the line's: no pause counts more than that allows."""
LEAST_GAIN = 0.05
"""So much better, in nats a cell, must more wandering foretell."""
_KNOTS_S = (10.0, 2.0, 0.5, 0.2)
_COARSE, _FIRST_MULTIPLES = 0.02, 4
_STIFFER = 0.3, 0.3, 0.1, 0.1, 0.03, 0.03, 0.01, 0.01, 0.003, 0.001, 1e-4, *([1e-5] * 5)
_SETTLING, _TRUST = 5, 0.3
"""Steps; and how much a cell counts of what it would if notes did not go on from cell to cell."""
_TRIED_HZ = np.arange(-30, 31) * 0.0025
_SPAN_S, _HOP_S = 6.0, 1.0
_PHASE_DRIFT = 0.15  # radians of the fundamental that its rate of turning may change in a second
_DRIFT_CHANGE = 0.06  # radians that this change may differ from one second to the next
_EVEN_RATE = 1 / (_PHASE_DRIFT**2 * CELL_S**3), 2
_EVEN_DRIFT = 1 / (_DRIFT_CHANGE**2 * CELL_S**5), 3
"""Stiffness and order of differences: the rate stays as it is, or goes on changing as it does."""


@dataclass(frozen=True, slots=True, eq=False)
class HumAmplitudes:
    """One multiple of a hum."""

    multiple: int
    """Of the fundamental."""
    knot_s: float
    """Seconds from knot to knot, the first at the start of the sound."""
    values: NDArray[np.complex128]
    """(channels, knots): the line is the real part of value * exp(2j * pi * multiple * phase in turns)."""
    over_db: float
    """How far it stands above what chance would give."""
    certain: bool
    """Whether it would be believed alone, being the same in both halves; the others belong to a series that is certain."""


def fit_lines(
    beats: NDArray[np.complex128], turns: NDArray[np.float64], times: NDArray[np.float64], sounding: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], tuple[HumAmplitudes, ...]]:
    """Refine the phase and fit the lines.

    Args:
        beats: (channels, multiples, cells) means of the signal turned back by the phase so far.
        turns: (cells,) that phase over a steady fundamental, in turns.
        times: (cells,) middles of the cells, in seconds.
        sounding: (cells,) where there is sound at all.

    Returns:
        The better phase, and the lines that are there.
    """
    beats = beats.copy()
    multiples = np.arange(1, beats.shape[1] + 1)
    for _ in range(2):
        step = _local_turns(beats, times, sounding)
        beats *= np.exp(-2j * np.pi * multiples[:, None] * step)
        turns = turns + step
    noise = _noise(beats, sounding)
    turns, beats = _refine(beats, noise, turns, sounding)
    turns, beats = _on_one_path(beats, noise, turns, sounding)
    return turns, _accepted(beats, noise, sounding, times)


def _on_one_path(
    beats: NDArray[np.complex128], noise: NDArray[np.float64], turns: NDArray[np.float64], sounding: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
    """Return phase and beats with the phase sought anew, everywhere at once, under lines that keep their level."""
    multiples = np.arange(1, beats.shape[1] + 1)
    start = first_weights(beats, noise, sounding)
    for _ in range(2):
        amplitude, weight = fit_amplitudes(beats, start, noise, sounding, WANDERING[0])
        lines = (weight * amplitude).sum(axis=2) / weight.sum(axis=2)
        step = find_path(beats, lines, noise, sounding)
        beats = beats * np.exp(-1j * multiples[:, None] * step)
        turns = turns + step / (2 * np.pi)
    return _settle(beats, lines, noise, turns, sounding)


def _settle(
    beats: NDArray[np.complex128],
    lines: NDArray[np.complex128],
    noise: NDArray[np.float64],
    turns: NDArray[np.float64],
    sounding: NDArray[np.bool_],
) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
    """Return phase and beats moved to the top of that fit by which the path was chosen (Student's t), and no further."""
    multiples = np.arange(1, beats.shape[1] + 1)
    lines = lines[:, :, None]
    for _ in range(_SETTLING):
        weight = np.where(sounding, 2 * _TRUST / (noise + np.square(np.abs(beats - lines))), 0.0)
        hold = (weight * np.square(np.abs(lines)) * multiples[:, None] ** 2).sum(axis=(0, 1)) + 1e-9
        step = _smooth_step(_pull(beats, lines, weight), hold, turns, _EVEN_DRIFT)
        beats = beats * np.exp(-1j * multiples[:, None] * step)
        turns = turns + step / (2 * np.pi)
    return turns, beats


def _refine(
    beats: NDArray[np.complex128],
    noise: NDArray[np.float64],
    turns: NDArray[np.float64],
    sounding: NDArray[np.bool_],
) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
    """Return the phase that fits all lines, and the beats turned back by it.

    What is louder or softer than the line is not the line and must not pull at it; so a phase gone astray is called back.
    """
    multiples = np.arange(1, beats.shape[1] + 1)
    start = first_weights(beats, noise, sounding)
    for wandering in _STIFFER:  # what all lines share must go to the phase, not to each amplitude
        amplitude, _ = fit_amplitudes(beats, start, noise, sounding, wandering)
        other = np.abs(beats) - np.abs(amplitude)
        weight = np.where(sounding, noise / np.square(noise + _smooth(np.square(other), 2)), 0.0)
        if wandering > _COARSE:  # high multiples turn too far to tell which way
            weight[:, _FIRST_MULTIPLES:] = 0
        step = _phase_step(beats, amplitude, weight, turns)
        beats = beats * np.exp(-1j * multiples[:, None] * step)
        turns = turns + step / (2 * np.pi)
    return turns, beats


def _local_turns(
    beats: NDArray[np.complex128], times: NDArray[np.float64], sounding: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the phase to add: the rate of turning that fits all lines best within 6 s, along the best path."""
    weight = _cautious_weight(beats, sounding)
    size, hop = min(len(times), round(_SPAN_S / CELL_S)), round(_HOP_S / CELL_S)
    starts = np.arange(0, len(times) - size + 1, hop)
    window, local = np.hanning(size + 2)[1:-1], (np.arange(size) - size / 2) * CELL_S
    score = np.zeros((len(starts), _TRIED_HZ.size))
    spans = np.lib.stride_tricks.sliding_window_view
    for k in range(beats.shape[1]):
        turn = np.exp(-2j * np.pi * (k + 1) * np.outer(local, _TRIED_HZ))
        for channel in range(beats.shape[0]):
            weighted = spans(weight[channel, k], size)[::hop] * window
            total = np.abs((weighted * spans(beats[channel, k], size)[::hop]) @ turn) ** 2
            score += np.log1p(total / (weighted.sum(axis=1, keepdims=True) + 1e-9) / 4)
    change = np.subtract.outer(_TRIED_HZ, _TRIED_HZ) / 0.006
    path = best_path(score, np.square(change) / 2)
    rate = np.interp(times, times[starts] + size / 2 * CELL_S, _TRIED_HZ[path])
    width = round(1.5 / CELL_S)
    window = np.hanning(2 * width + 1)
    rate = np.convolve(np.pad(rate, width, mode="edge"), window / window.sum(), "same")[width:-width]
    return np.asarray(np.cumsum(rate) * CELL_S)


def _cautious_weight(beats: NDArray[np.complex128], sounding: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return one over the variance of what else sounds; more than the line can be counts as something else."""
    size = np.abs(beats)
    usual = np.percentile(size[:, :, sounding], 30, axis=2)[:, :, None]
    power = _smooth(np.square(np.abs(beats - _running_mean(beats))), 3) + np.square(np.maximum(size - 2 * usual, 0))
    return np.where(sounding, 1 / (power + 1e-16), 0.0)


def _noise(beats: NDArray[np.complex128], sounding: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the least variance of each cell: what changes within a tenth of a second."""
    change = np.square(np.abs(beats[:, :, 2:] - beats[:, :, :-2])) / 2
    change = np.pad(change, ((0, 0), (0, 0), (1, 1)), mode="edge")
    usual = np.percentile(np.square(np.abs(beats))[:, :, sounding], 30, axis=2)[:, :, None]
    return np.where(sounding, _smooth(change, 2) + LEAST_NOISE * usual + 1e-16, 1e12)


def _running_mean(beats: NDArray[np.complex128]) -> NDArray[np.complex128]:
    return np.asarray(_smooth(beats.real, 20) + 1j * _smooth(beats.imag, 20))


def _smooth(values: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """Return the means over reach cells to both sides, along the last axis."""
    padded = np.pad(values, ((0, 0), (0, 0), (reach + 1, reach)), mode="edge")
    total = np.cumsum(padded, axis=2)
    return np.asarray((total[:, :, 2 * reach + 1 :] - total[:, :, : -2 * reach - 1]) / (2 * reach + 1))


def _phase_step(
    beats: NDArray[np.complex128],
    amplitude: NDArray[np.complex128],
    weight: NDArray[np.float64],
    turns: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return what to add to the phase of the fundamental, in radians, so that it runs smoothly (one Gauss-Newton step)."""
    multiples = np.arange(1, beats.shape[1] + 1)[:, None]
    clear = weight * np.square(np.abs(amplitude))
    weight = weight * clear / (10 + clear)  # beats with a note go on for long: many moments then tell no more than one
    strong = weight * np.square(np.abs(amplitude))
    counts = strong.sum(axis=2, keepdims=True) > 30
    hold = np.where(counts, strong * multiples**2, 0).sum(axis=(0, 1)) + 1e-9
    return _smooth_step(_pull(beats, amplitude, np.where(counts, weight, 0.0)), hold, turns, _EVEN_RATE)


def _pull(
    beats: NDArray[np.complex128], amplitude: NDArray[np.complex128], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the slope of the fit over the phase of the fundamental, at each cell."""
    multiples = np.arange(1, beats.shape[1] + 1)[:, None]
    return np.asarray((weight * multiples * (beats * amplitude.conj()).imag).sum(axis=(0, 1)))


def _smooth_step(
    pull: NDArray[np.float64], hold: NDArray[np.float64], turns: NDArray[np.float64], smooth: tuple[float, int]
) -> NDArray[np.float64]:
    """Return what to add to the phase, in radians, by slope and bend of the fit, so that it runs smoothly (`smooth_bends`)."""
    phase = 2 * np.pi * turns
    wanted = phase + np.clip(pull / hold, -0.5, 0.5)
    return np.asarray(smooth_bends(wanted, hold, *smooth) - phase)


def _accepted(
    beats: NDArray[np.complex128], noise: NDArray[np.float64], sounding: NDArray[np.bool_], times: NDArray[np.float64]
) -> tuple[HumAmplitudes, ...]:
    start = first_weights(beats, noise, sounding)
    amplitude, weight = fit_amplitudes(beats, start, noise, sounding, WANDERING[0])
    over = np.square(np.abs(amplitude)).mean(axis=2) * weight.sum(axis=2) / 4
    over_db = 10 * np.log10(over.max(axis=0) + 1e-9)
    loudest = np.argmax(over, axis=0)
    there = [k for k in range(beats.shape[1]) if over_db[k] >= WORTHWHILE_DB]
    if not there:
        return ()
    strong = sorted(there, key=lambda k: -float(over_db[k]))[:6]
    best = _wandering(beats[:, strong], noise[:, strong], sounding)
    amplitude, _ = fit_amplitudes(beats[:, there], start[:, there], noise[:, there], sounding, WANDERING[best])
    knots = np.arange(0, times[-1] + CELL_S + _KNOTS_S[best], _KNOTS_S[best])
    found = []
    for place, k in enumerate(there):
        agrees = _agreement(beats[loudest[k], k], weight[loudest[k], k]) >= LEAST_AGREEMENT
        rows = amplitude[:, place]
        values = np.stack([np.interp(knots, times, row.real) + 1j * np.interp(knots, times, row.imag) for row in rows])
        certain = bool(agrees and over_db[k] >= STANDS_OUT_DB)
        found.append(HumAmplitudes(k + 1, _KNOTS_S[best], values, float(over_db[k]), certain))
    return tuple(found)


def _wandering(beats: NDArray[np.complex128], noise: NDArray[np.float64], sounding: NDArray[np.bool_]) -> int:
    """Return which wandering foretells best; a freer one must earn it, for it follows the music too."""
    best, least = 0, np.inf
    for place, wandering in enumerate(WANDERING):
        badness = _foretold(beats, noise, sounding, wandering)
        if badness < least - (LEAST_GAIN if place else 0.0):
            best, least = place, badness
    return best


def _agreement(beats: NDArray[np.complex128], weight: NDArray[np.float64]) -> float:
    half = int(np.searchsorted(np.cumsum(weight), weight.sum() / 2))
    half = min(max(half, 1), len(weight) - 1)
    first = (beats * weight)[:half].sum() / weight[:half].sum()
    second = (beats * weight)[half:].sum() / weight[half:].sum()
    return float(1 - abs(first - second) / max(abs(first) + abs(second), 1e-30))


def _foretold(
    beats: NDArray[np.complex128], noise: NDArray[np.float64], sounding: NDArray[np.bool_], wandering: float
) -> float:
    """Return how badly every other second is told by the seconds between (Student's t, so that notes count little)."""
    held = (np.arange(beats.shape[2]) * CELL_S).astype(np.int64) % 2 == 0
    total, count = 0.0, 0
    for part in (held, ~held):
        heard = sounding & part
        start = first_weights(beats, noise, heard)
        amplitude, _ = fit_amplitudes(beats, start, noise, heard, wandering)
        error = np.log1p(np.square(np.abs(beats - amplitude)) / noise)[:, :, sounding & ~part]
        total, count = total + float(error.sum()), count + error.size
    return total / max(1, count)


@njit(nogil=True, cache=True)
def best_path(score: NDArray[np.float64], cost: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the state of each step whose scores, less the costs of going [to, from], sum highest (Viterbi)."""
    steps, states = score.shape
    came = np.zeros((steps, states), np.int64)
    total = score[0].copy()
    for step in range(1, steps):
        fresh = np.empty(states)
        for state in range(states):
            best, where = -1e300, 0
            for other in range(states):
                value = total[other] - cost[state, other]
                if value > best:
                    best, where = value, other
            fresh[state], came[step, state] = best + score[step, state], where
        total = fresh
    path = np.zeros(steps, np.int64)
    path[-1] = np.argmax(total)
    for step in range(steps - 1, 0, -1):
        path[step - 1] = came[step, path[step]]
    return path
