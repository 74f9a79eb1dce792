"""Ringings that were added to a sound, told from it one after the other: each is a damped sine that sets in at once.

What the voice itself does is foretold by an autoregressive model; a ringing is taken for one where a damped sine explains much of
what the model does not foretell (matching pursuit with damped sinusoids, Goodwin and Vetterli 1999, in the metric of the model's
errors). A few numbers then tell the ringing, so that nearly all of the sound under it stays.
"""

from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tonmeister.model import Share
from tonmeister.processing.autoregression import Learnt

Floats = NDArray[np.float64]
MOST_RINGINGS = 4
"""In one click."""
LEAST_GAIN = 60.0
"""A ringing explains so many powers of the model's error at least; chance comes to 15 among all that are tried."""
LONGEST_S = 0.005
_LOWEST_HZ, _HIGHEST_HZ, _HIGHEST_OF_RATE = 1200.0, 9000.0, 0.42
_DECAYS_S = (0.00018, 0.00035, 0.0007, 0.0012)
_STEP = 0.7
"""From frequency to frequency, in half widths of the resonance."""
_ROUNDS, _LEAST_DECAY_S, _MOST_DECAY_S = 5, 0.0001, 0.002


def find_ringings(window: Floats, first: int, last: int, learnt: Learnt, rate_hz: int) -> Floats:
    """Return (frames,) the sum of the ringings that set in between two frames of a window; zero where there are none.

    Args:
        window: (frames,) with as many frames as the model has coefficients, and 5 ms more, around first and last.
        first: The first frame at which one may set in.
        last: The frame after the last such.
        learnt: Model of the sound without them.
        rate_hz: Frames per second.
    """
    order, length = learnt.model.size - 1, round(LONGEST_S * rate_hz)
    part = window[first - order : last + length + order]
    found = np.zeros_like(window)
    if part.size < last - first + length + 2 * order or learnt.error_power <= 0:
        return found
    overlap = np.correlate(learnt.model, learnt.model, "full")
    pull, chosen = np.convolve(part, overlap, "valid"), list[tuple[float, float, int]]()
    left = pull
    for _ in range(MOST_RINGINGS):
        ring, gain = _best_ring(left, last - first, overlap[order:], rate_hz)
        if gain < LEAST_GAIN * learnt.error_power:
            break
        chosen.append(ring)
        waves = _waves(chosen, pull.size, rate_hz)
        weighed = np.array([np.convolve(wave, learnt.model) for wave in waves])
        matrix = weighed @ weighed.T
        matrix[np.diag_indices(len(matrix))] *= 1 + 1e-9
        total = np.linalg.solve(matrix, waves @ pull) @ waves
        left = pull - np.convolve(total, overlap)[order : order + pull.size]
        found[first : last + length] = total
    return found


def share_of_ringings(window: Floats, first: int, last: int, learnt: Learnt, rate_hz: int) -> Share:
    """Return how much of the energy that the model does not foretell, from first to last, the ringings explain."""
    order = learnt.model.size - 1
    without = window - find_ringings(window, first, last, learnt, rate_hz)
    before, after = (
        float(np.square(np.convolve(sound[max(0, first - order) : last + order], learnt.model, "valid")).sum())
        for sound in (window, without)
    )
    return max(0.0, 1 - after / max(before, 1e-30))


def _waves(rings: list[tuple[float, float, int]], frames: int, rate_hz: int) -> Floats:
    """Return (2 * rings, frames) cosine and sine of each."""
    out = np.zeros((2 * len(rings), frames))
    for row, (frequency_hz, decay_s, start) in enumerate(rings):
        wave = _damped(frequency_hz, decay_s, round(LONGEST_S * rate_hz), rate_hz)[: frames - start]
        out[2 * row, start : start + wave.size] = wave.real
        out[2 * row + 1, start : start + wave.size] = wave.imag
    return out


@njit(nogil=True, cache=True)
def _damped(frequency_hz: float, decay_s: float, length: int, rate_hz: int) -> NDArray[np.complex128]:
    out = np.empty(length, np.complex128)
    for i in range(length):
        out[i] = np.exp((-1 / decay_s + 2j * np.pi * frequency_hz) * i / rate_hz)
    return out


def _best_ring(pull: Floats, starts: int, overlap: Floats, rate_hz: int) -> tuple[tuple[float, float, int], float]:
    """Return frequency, decay and start of the damped sine that explains most of what is left, and how much that is."""
    rings, spectra, powers = _candidates(rate_hz, -(-pull.size // 64) * 64)
    size = spectra.shape[1]
    lags = min(overlap.size, powers.shape[2])
    cosine, sine, both = powers[:, :, :lags] @ overlap[:lags]
    fit = np.fft.ifft(np.fft.fft(pull, size) * spectra, axis=1)[:, :starts]
    gains = _gain(fit.real, -fit.imag, cosine[:, None], sine[:, None], both[:, None])
    row, start = divmod(int(np.argmax(gains)), starts)
    frequency_hz, decay_s = rings[row]
    return _refine(pull, starts, overlap, rate_hz, frequency_hz, decay_s, start)


@lru_cache(maxsize=16)
def _candidates(rate_hz: int, size: int) -> tuple[tuple[tuple[float, float], ...], NDArray[np.complex128], Floats]:
    """Return frequency and decay of each ring that is tried, its conjugate spectrum, and (3, rings, lags) its powers.

    Powers are the products of cosine and cosine, sine and sine, cosine and sine at all distances, both directions summed.
    """
    length, rings = round(LONGEST_S * rate_hz), list[tuple[float, float]]()
    highest = min(_HIGHEST_HZ, _HIGHEST_OF_RATE * rate_hz)
    for decay_s in _DECAYS_S:
        rings += [(float(f), decay_s) for f in np.arange(_LOWEST_HZ, highest, _STEP / (2 * np.pi * decay_s))]
    waves = np.array([_damped(frequency_hz, decay_s, length, rate_hz) for frequency_hz, decay_s in rings])
    cosine, sine = (np.fft.fft(part, 2 * length) for part in (waves.real, waves.imag))
    products = (cosine * cosine.conj(), sine * sine.conj(), cosine * sine.conj())
    powers = np.array([np.fft.ifft(product).real for product in products])
    folded = powers[:, :, :length].copy()
    folded[:, :, 1:] += powers[:, :, :length:-1]
    return tuple(rings), np.conj(np.fft.fft(waves, size)), folded


@njit(nogil=True, cache=True)
def _gain(a: Floats, b: Floats, cosine: Floats, sine: Floats, both: Floats) -> Floats:
    """Return how much less the squared error is with the best amplitudes of cosine and sine."""
    return (sine * a * a - 2 * both * a * b + cosine * b * b) / (cosine * sine - both * both + 1e-9 * cosine * sine)


@njit(nogil=True, cache=True)
def _gain_of(pull: Floats, overlap: Floats, rate: int, frequency_hz: float, decay_s: float, start: int) -> float:
    wave = _damped(frequency_hz, decay_s, round(LONGEST_S * rate), rate)
    a = b = cosine = sine = both = 0.0
    for i in range(min(wave.size, pull.size - start)):
        a += pull[start + i] * wave[i].real
        b += pull[start + i] * wave[i].imag
    for lag in range(min(overlap.size, wave.size)):
        one = two = three = 0.0
        for i in range(wave.size - lag):
            one += wave[i].real * wave[i + lag].real
            two += wave[i].imag * wave[i + lag].imag
            three += wave[i].real * wave[i + lag].imag + wave[i].imag * wave[i + lag].real
        twice = overlap[lag] * (2 if lag else 1)
        cosine, sine, both = cosine + twice * one, sine + twice * two, both + twice * three / 2
    determinant = cosine * sine - both * both + 1e-9 * cosine * sine
    return (sine * a * a - 2 * both * a * b + cosine * b * b) / determinant


@njit(nogil=True, cache=True)
def _refine(
    pull: Floats, starts: int, overlap: Floats, rate: int, frequency_hz: float, decay_s: float, start: int
) -> tuple[tuple[float, float, int], float]:
    """Return the best of the neighbourhood of a ring, in smaller and smaller steps."""
    step_hz, factor = _STEP / (4 * np.pi * decay_s), 1.3
    most = _gain_of(pull, overlap, rate, frequency_hz, decay_s, start)
    for _ in range(_ROUNDS):
        here = (frequency_hz, decay_s, start)
        for way in range(6):
            f, d, s = here
            if way < 2:
                f += step_hz * (1 if way else -1)
            elif way < 4:
                d *= factor if way == 2 else 1 / factor
            else:
                s += 1 if way == 4 else -1
            if 0 < f < 0.45 * rate and _LEAST_DECAY_S < d < _MOST_DECAY_S and 0 <= s < starts:
                gain = _gain_of(pull, overlap, rate, f, d, s)
                if gain > most:
                    most, frequency_hz, decay_s, start = gain, f, d, s
        if here == (frequency_hz, decay_s, start):
            step_hz, factor = step_hz / 2, np.sqrt(factor)
    return (frequency_hz, decay_s, start), most
