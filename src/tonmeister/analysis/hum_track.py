"""A hum as sinusoids: a fundamental that drifts, followed in phase, and the level and phase of each of its multiples.

What is steady through a song tells from what is played: every estimate weighs each moment by how little else sounds there
(maximum likelihood for a sinusoid in noise of changing level, Kay 1993, chapter 4), so that pauses and quiet notes decide.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis import fourier
from tonmeister.analysis.hum_amplitudes import CELL_S
from tonmeister.analysis.hum_lines import HumAmplitudes, best_path, fit_lines
from tonmeister.analysis.slow import slow_down
from tonmeister.audio import Audio
from tonmeister.kernels import njit

LOWEST_HZ, HIGHEST_HZ = 44.0, 66.0
"""Mains frequencies, give or take the speed of a tape."""
MULTIPLES = 32
LEAST_LINES = 3
"""So many lines of one series make a hum."""
LINE_OVER_DB = 7.0
"""A line of the quiet moments stands so far above its neighbours."""
CERTAIN_DB = 25.0
"""One of the first three lines so far above its neighbours is enough."""
WORTH_A_LOOK_DB = 24.0
"""So many decibels of the first three lines together are followed: whether they are a hum is told by their phase."""
RATE_HZ = 6000
"""At least: the rate at which lines up to the highest multiple are followed."""
KNOT_S = 0.5
"""From knot to knot of the phase."""
_WINDOW_S, _HOP_S, _QUIET = 2, 0.5, 20
_DRIFT = np.arange(-45, 46) * 1e-4
"""Relative deviations of the fundamental that are tried."""
_SILENT = 1e-13
_LEVEL_S, _LEVELLED = 0.1, 0.1
_SOUGHT = 16
_LEAST_WINDOWS = 5
_DRIFT_A_HOP = 1.5e-4


@dataclass(frozen=True, slots=True, eq=False)
class HumTrack:
    """A hum that was found and followed."""

    frequency_hz: float
    """Middle of the fundamental."""
    knot_s: float
    """Seconds from knot to knot of `phase_turns`, the first at the start of the sound."""
    phase_turns: tuple[float, ...]
    """Phase of the fundamental over that of a steady frequency_hz, in turns."""
    lines: tuple[HumAmplitudes, ...]
    """Level and phase of each multiple that is there."""
    level_dbfs: float
    """RMS of all lines together, the louder channel."""


def track_hum(audio: Audio) -> HumTrack | None:
    """Find a hum of 50 or 60 Hz, or off that speed, and follow it; None where there is none, or less than 4 s of sound."""
    slow, rate = slow_down(audio, least_hz=RATE_HZ)
    found = _track(slow, slow, rate)
    # where no two seconds are quiet, the gaps between the notes may tell
    return found if found is not None else _track(slow, _level(slow, rate), rate)


def _track(slow: NDArray[np.float32], heard: NDArray[np.float32], rate: float) -> HumTrack | None:
    """Find a hum in what is heard, which stands in time with the slow sound; follow it and fit its lines in that."""
    power, bin_hz = _spectra(heard, rate)
    frequency = _find_series(power, bin_hz)
    if frequency is None:
        return None
    multiples = [k for k in range(1, MULTIPLES + 1) if k * frequency * 1.01 < 0.4 * rate]
    deviation = _follow(power, bin_hz, frequency, multiples[:_SOUGHT])
    cells = round(CELL_S * rate)
    times = (np.arange(slow.shape[1] // cells) + 0.5) * cells / rate
    turns = _integrate(deviation, times) * frequency
    beats = np.stack([_demodulate(channel, rate, frequency, turns, cells, len(multiples)) for channel in slow])
    turns, lines = fit_lines(beats, turns, times, _cell_power(slow, cells) > _SILENT)
    if not _is_hum(lines):
        return None
    knots = np.arange(0, slow.shape[1] / rate + KNOT_S, KNOT_S)
    phase = tuple(round(float(v), 6) for v in np.interp(knots, times, turns))
    power = np.sum([np.square(np.abs(line.values)).mean(axis=1) / 2 for line in lines], axis=0)
    return HumTrack(frequency, KNOT_S, phase, lines, float(10 * np.log10(power.max() + 1e-20)))


def _find_series(power: NDArray[np.float32], bin_hz: float) -> float | None:
    """Return the fundamental whose multiples stand out in the quiet moments of each frequency, or None."""
    power = power[power.max(axis=1, initial=0) > 0]
    if len(power) < _LEAST_WINDOWS:
        return None
    over = _over_neighbours_db(np.percentile(power, _QUIET, axis=0), bin_hz)
    candidates = np.arange(LOWEST_HZ, HIGHEST_HZ, 0.05)
    lines = _line_heights(over, bin_hz, candidates)
    score = np.clip(lines, 0, 20).sum(axis=1)
    best = int(np.argmax(score))
    low = lines[best, :3]
    called = max((lines[best] >= LINE_OVER_DB).sum() / LEAST_LINES, low.max() / CERTAIN_DB, low.sum() / WORTH_A_LOOK_DB)
    if called < 1:
        return None
    near = np.flatnonzero(score >= 0.97 * score[best])
    near = near[np.abs(near - best) <= 4]
    return float(np.average(candidates[near], weights=score[near]))


def _level(slow: NDArray[np.float32], rate: float) -> NDArray[np.float32]:
    """Return the sound at an even level from moment to moment."""
    reach = round(_LEVEL_S * rate)
    power = np.square(slow, dtype=np.float64).sum(axis=0)
    window = np.hanning(2 * reach + 1)
    size = fourier.fast_size(power.size + 2 * reach)
    smooth = fourier.irfft(fourier.rfft(power, size) * fourier.rfft(window / window.sum(), size), size)
    level = np.sqrt(np.maximum(smooth[reach : reach + power.size], 0)) + 1e-6
    return np.asarray(slow * (_LEVELLED / level), dtype=np.float32)


def _spectra(slow: NDArray[np.float32], rate: float) -> tuple[NDArray[np.float32], float]:
    """Return (windows, bins) power of all channels up to the highest line that is sought, and the width of a bin."""
    size, hop = round(_WINDOW_S * rate), round(_HOP_S * rate)
    starts = range(0, slow.shape[1] - size + 1, hop)
    bin_hz = rate / (2 * size)
    out = np.zeros((len(starts), min(size, round(_SOUGHT * (HIGHEST_HZ + 1) / bin_hz) + 40)), np.float32)
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    for row, start in enumerate(starts):
        part = slow[:, start : start + size]
        if np.square(part).mean(axis=1).max() > _SILENT:
            spectrum = fourier.rfft(part * window, 2 * size)[:, : out.shape[1]]
            out[row] = np.square(np.abs(spectrum)).sum(axis=0) * np.float32(4 / window.sum() ** 2)
    return out, bin_hz


def _over_neighbours_db(quiet: NDArray[np.float32], bin_hz: float) -> NDArray[np.float64]:
    """Return how far each bin stands above the median within 10 Hz around it."""
    reach = round(10 / bin_hz)
    level = 10 * np.log10(quiet.astype(np.float64) + 1e-20)
    padded = np.pad(level, reach, mode="edge")
    around = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)[:, ::2], axis=1)
    return np.asarray(level - around[: level.size])


@njit(nogil=True, cache=True)
def _line_heights(over: NDArray[np.float64], bin_hz: float, frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the height of each of the first multiples of each frequency; a drift of a thousandth may move them."""
    heights = np.zeros((frequencies.size, _SOUGHT))
    for row in range(frequencies.size):
        for k in range(1, _SOUGHT + 1):
            centre, reach = k * frequencies[row] / bin_hz, max(1.0, 0.0005 * k * frequencies[row] / bin_hz)
            first, last = int(np.rint(centre - reach)), int(np.rint(centre + reach)) + 1
            if last < over.size:
                heights[row, k - 1] = over[first:last].max()
    return heights


def _follow(power: NDArray[np.float32], bin_hz: float, frequency: float, multiples: list[int]) -> NDArray[np.float64]:
    """Return (hops, 2) time and relative deviation of the fundamental: the best path through the spectra (Viterbi)."""
    places = np.round(np.outer(1 + _DRIFT, multiples) * frequency / bin_hz).astype(np.int64)
    usual = np.percentile(power[:, places], 40, axis=0).max(axis=0)
    beside = np.concatenate([np.arange(-20, -5), np.arange(6, 21)])
    centre = np.round(np.array(multiples) * frequency / bin_hz).astype(np.int64)
    noise = np.median(power[:, centre[:, None] + beside], axis=2) + 1e-16
    heard = np.minimum(power[:, places], 4 * usual) / noise[:, None, :]
    score = np.log1p(heard).sum(axis=2)
    path = best_path(score.astype(np.float64), np.square(np.subtract.outer(_DRIFT, _DRIFT) / _DRIFT_A_HOP) / 2)
    times = _WINDOW_S / 2 + _HOP_S * np.arange(len(power))
    return np.column_stack([times, _DRIFT[path]])


def _integrate(deviation: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the integral of the deviation at the times, zero at the start, in seconds."""
    values = np.interp(times, deviation[:, 0], deviation[:, 1])
    width = round(1.0 / CELL_S)
    padded = np.pad(values, width, mode="edge")
    smooth = np.convolve(padded, np.hanning(2 * width + 1) / np.hanning(2 * width + 1).sum(), "same")[width:-width]
    return np.asarray(np.cumsum(smooth) * CELL_S)


@njit(nogil=True, cache=True, fastmath=True)  # no sum depends on where a block ends: there are no blocks here
def _demodulate(
    signal: NDArray[np.float32], rate: float, frequency: float, turns: NDArray[np.float64], cell: int, multiples: int
) -> NDArray[np.complex128]:
    """Return (multiples, cells) mean of the signal turned back by each multiple of the phase, times two.

    Cells overlap by half with a squared sine as window, which keeps lines of music 20 Hz away out of the mean.
    """
    cells = turns.size
    out = np.zeros((multiples, cells), np.complex128)
    window = np.sin(np.pi * (np.arange(2 * cell) + 0.5) / (2 * cell)) ** 2 * 2 / cell
    turn_real, turn_imag = np.zeros(2 * cell), np.zeros(2 * cell)
    real, imag = np.zeros(2 * cell), np.zeros(2 * cell)
    for c in range(cells):
        slope_before = (turns[c] - turns[max(0, c - 1)]) / cell
        slope_after = (turns[min(cells - 1, c + 1)] - turns[c]) / cell
        start = c * cell + cell // 2 - cell
        first = max(0, -start)
        part = signal[start + first : start + 2 * cell]
        for i in range(part.size):
            distance = first + i - cell
            extra = turns[c] + distance * (slope_before if distance < 0 else slope_after)
            angle = -2 * np.pi * ((start + first + i) * frequency / rate % 1.0 + extra)
            turn_real[i], turn_imag[i] = np.cos(angle), np.sin(angle)
            weight = window[first + i] * part[i]
            real[i], imag[i] = turn_real[i] * weight, turn_imag[i] * weight
        for k in range(multiples):
            total_real, total_imag = 0.0, 0.0
            for i in range(part.size):
                a, b = real[i], imag[i]
                total_real += a
                total_imag += b
                real[i], imag[i] = a * turn_real[i] - b * turn_imag[i], a * turn_imag[i] + b * turn_real[i]
            out[k, c] = complex(total_real, total_imag)
    return out


def _cell_power(slow: NDArray[np.float32], cells: int) -> NDArray[np.float64]:
    count = slow.shape[1] // cells
    parts = slow[:, : count * cells].reshape(slow.shape[0], count, cells)
    return np.asarray(np.square(parts, dtype=np.float64).mean(axis=2).max(axis=0))


def _is_hum(lines: tuple[HumAmplitudes, ...]) -> bool:
    certain = [line for line in lines if line.certain]
    return len(certain) >= LEAST_LINES or any(line.multiple <= 3 and line.over_db >= CERTAIN_DB for line in certain)
