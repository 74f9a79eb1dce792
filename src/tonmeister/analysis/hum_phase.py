"""The phase of a hum whose lines are known: the smooth path through all moments that fits them best.

Step by step a phase that went astray below a loud note stays astray. Here every phase and every rate of turning is kept in play
at every moment, and the best path of all is chosen (Viterbi 1967; for pitch Tabrikian, Dubnov and Dickalov 2004).
"""

import numpy as np
from numpy.typing import NDArray

from tonmeister.kernels import njit

PHASES = 128
"""Phases of the fundamental that are told apart."""
_CELLS = 10
"""From step to step of the path: half a second."""
_RATES = np.arange(-20, 21)
"""Phases that it may turn in a step."""
_RATE_COST = 0.7
"""Of a change of the rate by one, in nats; it grows with its square."""
_MOST_CHANGE = 2
_FACTORS = 8
"""Of a product whose logarithm is taken at once: each is below 1e30."""


def find_path(
    beats: NDArray[np.complex128],
    amplitude: NDArray[np.complex128],
    noise: NDArray[np.float64],
    sounding: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return the phase of the fundamental that is still in the beats, in radians, at each cell.

    Args:
        beats: (channels, multiples, cells) means of the signal turned back by the phase so far.
        amplitude: (channels, multiples) of each line.
        noise: (channels, multiples, cells) least variance of what else sounds.
        sounding: (cells,) where there is sound at all.
    """
    steps = -(-beats.shape[2] // _CELLS)
    fit = np.zeros((steps * _CELLS, PHASES))
    _measure_fit(beats, amplitude, noise, sounding, fit)
    path = _best_path(fit, _RATES, _RATE_COST)
    phase = np.unwrap(2 * np.pi * path / PHASES)
    middles = (np.arange(steps) + 0.5) * _CELLS - 0.5
    return np.asarray(np.interp(np.arange(beats.shape[2]), middles, phase))


@njit(nogil=True, cache=True)
def _measure_fit(
    beats: NDArray[np.complex128],
    amplitude: NDArray[np.complex128],
    noise: NDArray[np.float64],
    sounding: NDArray[np.bool_],
    out: NDArray[np.float64],
) -> None:
    """Write (cells, phases) how well each phase fits; Student's t, so that notes count little."""
    channels, multiples, cells = beats.shape
    phases = out.shape[1]
    turn = np.exp(2j * np.pi * np.arange(phases) / phases)
    product = np.ones(phases)
    for c in range(cells):
        if not sounding[c]:
            continue
        factors = 0
        for channel in range(channels):
            for k in range(multiples):
                line, heard = amplitude[channel, k], beats[channel, k, c]
                least = noise[channel, k, c]
                if abs(line) ** 2 < least * 0.01:
                    continue
                for p in range(phases):
                    left = heard - line * turn[(k + 1) * p % phases]
                    product[p] *= 1 + (left.real**2 + left.imag**2) / least
                factors += 1
                if factors % _FACTORS == 0:
                    out[c] -= np.log(product)
                    product[:] = 1.0
        out[c] -= np.log(product)
        product[:] = 1.0


@njit(nogil=True, cache=True)
def _best_path(fit: NDArray[np.float64], rates: NDArray[np.int64], cost: float) -> NDArray[np.int64]:
    """Return the phase at the middle of each step, of the path whose fit, less the cost of its bends, is best."""
    phases, steps, count = fit.shape[1], fit.shape[0] // _CELLS, rates.size
    came = np.zeros((steps, phases, count), np.int8)
    total, fresh = np.zeros((phases, count)), np.zeros((phases, count))
    places = np.empty((phases, count, _CELLS), np.int64)
    for p in range(phases):
        for r in range(count):
            for j in range(_CELLS):  # half a turn of the rate lies before the middle of the step
                places[p, r, j] = int(np.rint(p + rates[r] * (j - (_CELLS - 1) / 2) / _CELLS)) % phases
    for step in range(steps):
        for p in range(phases):
            for r in range(count):
                here = 0.0
                for j in range(_CELLS):
                    here += fit[step * _CELLS + j, places[p, r, j]]
                best, change = -1e300, 0
                if step == 0:
                    best = 0.0
                else:
                    for d in range(-_MOST_CHANGE, _MOST_CHANGE + 1):
                        before = r - d
                        if before < 0 or before >= count:
                            continue
                        # from middle to middle it turns by the mean of both rates
                        came_from = (p - (rates[r] + rates[before]) // 2) % phases
                        value = total[came_from, before] - cost * d * d
                        if value > best:
                            best, change = value, d
                fresh[p, r], came[step, p, r] = best + here, change
        total, fresh = fresh, total
    path = np.zeros(steps, np.int64)
    flat = int(np.argmax(total))
    p, r = flat // count, flat % count
    for step in range(steps - 1, -1, -1):
        path[step] = p
        before = r - came[step, p, r]
        p, r = (p - (rates[r] + rates[before]) // 2) % phases, before
    return path
