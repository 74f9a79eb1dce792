"""Ringings that were added to a sound, told from it: each is a damped sine that sets in at once.

What the voice itself does is foretold by an autoregressive model; a ringing is taken for one where a damped sine explains much of
what the model does not foretell (matching pursuit with damped sinusoids, Goodwin and Vetterli 1999, in the metric of the model's
errors). All that were found are then fitted together, for one found alone takes the place of its neighbours. A few numbers tell a
ringing, so that nearly all of the sound under it stays.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tonmeister.kernels import njit
from tonmeister.model import Share
from tonmeister.processing.autoregression import Learnt

Floats = NDArray[np.float64]
Turns = NDArray[np.complex128]
_Told = tuple[Turns, NDArray[np.int64], Turns, Floats]
MOST_RINGINGS = 5
"""In one click."""
LEAST_GAIN = 60.0
"""A ringing explains so many powers of the model's error at least; chance comes to 15 among all that are tried."""
LONGEST_S = 0.005
_HEARD_S = 0.002
"""So long after it has set in nearly all of a ringing is over."""
_FLOOR = 1e-6
"""Of the power of a click."""
_LOWEST_HZ, _HIGHEST_HZ, _HIGHEST_OF_RATE = 1200.0, 9000.0, 0.42
_DECAYS_S = (0.00018, 0.00035, 0.0007, 0.0012)
_STEP = 0.7
"""From frequency to frequency, in half widths of the resonance."""
_EXPLAINED, _TRIES = 0.8, 3
"""What leaves no more than this part of the model's error is told; else other ringings are tried, each in so many ways."""
_ROUNDS, _STEPS = 8, 10
_LEAST_DECAY_S, _MOST_DECAY_S, _LEAST_HZ, _MOST_HZ = 0.0001, 0.002, 1000.0, 10000.0


def floor_under(click: NDArray[np.floating]) -> float:
    """Return the power of the noise that a model is to expect under a click: in silence it would learn from nothing."""
    return _FLOOR * float(np.mean(np.square(click, dtype=np.float64))) if click.size else 0.0


def still_ringing(lost: NDArray[np.bool_], rate_hz: int) -> NDArray[np.bool_]:
    """Return what is lost, and the 2 ms after each, of which nothing is learnt: a ringing would foretell itself."""
    return np.asarray(np.convolve(lost, np.ones(round(_HEARD_S * rate_hz)))[: lost.size] > 0)


def find_ringings(window: Floats, first: int, last: int, learnt: Learnt, rate_hz: int) -> Floats:
    """Return (frames,) the sum of the ringings that set in between two frames of a window; zero where there are none.

    Args:
        window: (frames,) with as many frames as the model has coefficients, and 5 ms more, around first and last.
        first: The first frame at which one may set in.
        last: The frame after the last such.
        learnt: Model of the sound without them.
        rate_hz: Frames per second.
    """
    rings, _ = _tell(window, first, last, learnt, rate_hz)
    found = np.zeros_like(window)
    if rings.turns.size:
        end = min(window.size, last + round(LONGEST_S * rate_hz))
        found[first:end] = _sum(rings, end - first)
    return found


def share_of_ringings(window: Floats, first: int, last: int, learnt: Learnt, rate_hz: int) -> Share:
    """Return how much of the energy that the model does not foretell, where the ringings are, they explain."""
    rings, errors = _tell(window, first, last, learnt, rate_hz)
    if not rings.turns.size:
        return 0.0
    where = slice(int(rings.starts.min()), int(rings.starts.max()) + round(_HEARD_S * rate_hz))
    before, after = float(np.square(errors[where]).sum()), float(np.square(rings.left[where]).sum())
    return max(0.0, 1 - after / max(before, 1e-30))


def _tell(window: Floats, first: int, last: int, learnt: Learnt, rate_hz: int) -> tuple["_Rings", Floats]:
    """Return the ringings, and the errors of the model from first on with them."""
    order, length = learnt.model.size - 1, round(LONGEST_S * rate_hz)
    part = window[first - order : last + length + order]
    none = np.zeros(0)
    if part.size < last - first + length + 2 * order or learnt.error_power <= 0:
        return _Rings(none.astype(np.complex128), none.astype(np.int64), none.astype(np.complex128), none), none
    errors, most_start = np.convolve(part, learnt.model, "valid"), last - first
    overlap = np.correlate(learnt.model, learnt.model, "full")[order:]
    bounds = _bounds(rate_hz)
    rings = _Rings(none.astype(np.complex128), none.astype(np.int64), none.astype(np.complex128), errors)

    enough = _EXPLAINED * errors.size * learnt.error_power

    def with_one_more(rings: _Rings, tries: int) -> _Rings:
        pull, best = np.correlate(rings.left, learnt.model, "valid"), rings
        for turn, start in _best_rings(pull, most_start, overlap, rate_hz)[:tries]:
            turns, starts = np.append(rings.turns, turn), np.append(rings.starts, start)
            more = _Rings(*_polish(errors, learnt.model, turns, starts, most_start, bounds, enough))
            best = more if more.energy < best.energy else best
            if best.energy < enough:
                break
        return best

    while rings.turns.size < MOST_RINGINGS:
        more = with_one_more(rings, 1)
        if rings.energy - more.energy < LEAST_GAIN * learnt.error_power:
            break
        rings = more
    for _ in range(rings.turns.size if rings.turns.size > 1 else 0):
        if rings.energy < enough:
            break
        keep = np.arange(rings.turns.size) != 0
        other = with_one_more(_Rings(*_sized(errors, learnt.model, rings.turns[keep], rings.starts[keep])), _TRIES)
        if other.energy < 0.99 * rings.energy:
            rings = other
        else:
            rings = _Rings(np.roll(rings.turns, -1), np.roll(rings.starts, -1), np.roll(rings.sizes, -1), rings.left)
    return rings, errors


@dataclass(frozen=True, slots=True, eq=False)
class _Rings:
    turns: NDArray[np.complex128]
    """Logarithm of what each is multiplied with from frame to frame."""
    starts: NDArray[np.int64]
    sizes: NDArray[np.complex128]
    left: Floats

    @property
    def energy(self) -> float:
        return float(self.left @ self.left)


def _bounds(rate_hz: int) -> Floats:
    """Return least and most of the real part, least and most of the imaginary part of a turn."""
    highest = 2 * np.pi * min(_MOST_HZ / rate_hz, _HIGHEST_OF_RATE)
    return np.array(
        [-1 / (_LEAST_DECAY_S * rate_hz), -1 / (_MOST_DECAY_S * rate_hz), 2 * np.pi * _LEAST_HZ / rate_hz, highest]
    )


def _sum(rings: _Rings, frames: int) -> Floats:
    out = np.zeros(frames)
    for turn, start, size in zip(rings.turns, rings.starts, rings.sizes, strict=True):
        out[start:] += (size * np.exp(turn * np.arange(frames - start))).real
    return out


@njit(nogil=True, cache=True)
def _write_columns(rows: Floats, turn: complex, start: int, size: complex, model: Floats, slopes: int) -> None:
    """Fill the errors that a damped sine makes, for both parts of its size and, where asked for, of its turn."""
    step = np.exp(turn)
    y, slope = complex(0.0), complex(0.0)
    rows[:, :start] = 0.0
    for n in range(start, rows.shape[1]):
        lag = n - start
        slope = step * slope + y
        y = step * y + (model[lag] if lag < model.size else 0.0)
        rows[0, n], rows[1, n] = y.real, -y.imag
        if slopes:
            moved = size * slope * step
            rows[2, n], rows[3, n] = moved.real, -moved.imag


@njit(nogil=True, cache=True)
def _best_sizes(
    errors: Floats, model: Floats, turns: Turns, starts: NDArray[np.int64], rows: Floats, sizes: Turns
) -> Floats:
    """Fill the best sizes of all rings; return what is left."""
    count = turns.size
    for j in range(count):
        _write_columns(rows[2 * j : 2 * j + 2], turns[j], starts[j], 0j, model, 0)
    used = rows[: 2 * count]
    products = used @ used.T
    for i in range(2 * count):
        products[i, i] = products[i, i] * (1 + 1e-7) + 1e-30
    values = np.linalg.solve(products, used @ errors)
    for j in range(count):
        sizes[j] = complex(values[2 * j], values[2 * j + 1])
    return errors - values @ used


@njit(nogil=True, cache=True)
def _sized(errors: Floats, model: Floats, turns: Turns, starts: NDArray[np.int64]) -> _Told:
    """Return the rings with their best sizes, and what they leave."""
    rows, sizes = np.zeros((2 * turns.size, errors.size)), np.zeros(turns.size, np.complex128)
    return turns, starts, sizes, _best_sizes(errors, model, turns, starts, rows, sizes)


@njit(nogil=True, cache=True)
def _best_start(
    errors: Floats, model: Floats, turns: Turns, starts: NDArray[np.int64], own: int, most_start: int
) -> int:
    """Return where one ring sets in best, while the others keep their turns and starts."""
    count, frames = turns.size, errors.size
    basis = np.zeros((2 * count - 2, frames))
    row = 0
    for j in range(count):
        if j != own:
            _write_columns(basis[row : row + 2], turns[j], starts[j], 0j, model, 0)
            row += 2
    left = errors.copy()
    for i in range(row):
        for k in range(i):
            basis[i] -= (basis[i] @ basis[k]) * basis[k]
        basis[i] /= np.sqrt(basis[i] @ basis[i]) + 1e-30
        left -= (left @ basis[i]) * basis[i]
    wave = np.zeros((2, min(frames, model.size + int(5 / -turns[own].real))))
    _write_columns(wave, turns[own], 0, 0j, model, 0)
    best, most = int(starts[own]), 0.0
    for start in range(most_start):
        end = min(frames, start + wave.shape[1])
        one, two = wave[0, : end - start], wave[1, : end - start]
        a, b = one @ left[start:end], two @ left[start:end]
        aa, bb, ab = one @ one, two @ two, one @ two
        for i in range(row):
            c, d = one @ basis[i, start:end], two @ basis[i, start:end]
            aa, bb, ab = aa - c * c, bb - d * d, ab - c * d
        determinant = aa * bb - ab * ab + 1e-7 * (one @ one) * (two @ two)
        gain = (bb * a * a - 2 * ab * a * b + aa * b * b) / determinant
        if gain > most:
            best, most = start, float(gain)
    return best


@njit(nogil=True, cache=True)
def _polish(
    errors: Floats,
    model: Floats,
    turns: Turns,
    starts: NDArray[np.int64],
    most_start: int,
    bounds: Floats,
    enough: float,
) -> _Told:
    """Return the rings of the neighbourhood that leave least (Levenberg and Marquardt; starts by trial)."""
    turns, starts = turns.copy(), starts.copy()
    count = turns.size
    rows, sizes, other = (
        np.zeros((4 * count, errors.size)),
        np.zeros(count, np.complex128),
        np.zeros(count, np.complex128),
    )
    left = _best_sizes(errors, model, turns, starts, rows, sizes)
    least = left @ left
    for _ in range(_ROUNDS):
        before = least
        damping = 1e-2
        for _ in range(_STEPS):
            for j in range(count):
                _write_columns(rows[4 * j : 4 * j + 4], turns[j], starts[j], sizes[j], model, 1)
            products = rows @ rows.T
            for i in range(4 * count):
                products[i, i] = products[i, i] * (1 + damping) + 1e-30
            step = np.linalg.solve(products, rows @ left)
            tried = turns.copy()
            for j in range(count):
                real = min(max(turns[j].real + step[4 * j + 2], bounds[0]), bounds[1])
                imag = min(max(turns[j].imag + step[4 * j + 3], bounds[2]), bounds[3])
                tried[j] = complex(real, imag)
            rest = _best_sizes(errors, model, tried, starts, rows, other)
            now = rest @ rest
            if now < least:
                done = now > 0.9995 * least
                turns, left, least = tried, rest, now
                sizes[:] = other
                damping = damping / 4
                if done:
                    break
            else:
                damping = damping * 8
                if damping > 1e4:
                    break
        for j in range(count):
            start = _best_start(errors, model, turns, starts, j, most_start)
            if start != starts[j]:
                here = starts[j]
                starts[j] = start
                rest = _best_sizes(errors, model, turns, starts, rows, other)
                now = rest @ rest
                if now < least:
                    left, least = rest, now
                    sizes[:] = other
                else:
                    starts[j] = here
        if least > 0.99 * before or least < enough:
            break
    return turns, starts, sizes, left


@njit(nogil=True, cache=True)
def _damped(frequency_hz: float, decay_s: float, length: int, rate_hz: int) -> NDArray[np.complex128]:
    out = np.empty(length, np.complex128)
    for i in range(length):
        out[i] = np.exp((-1 / decay_s + 2j * np.pi * frequency_hz) * i / rate_hz)
    return out


def _best_rings(pull: Floats, starts: int, overlap: Floats, rate_hz: int) -> list[tuple[complex, int]]:
    """Return turn and start of the damped sine that explains most of what is left, of a grid."""
    rings, spectra, powers = _candidates(rate_hz, -(-pull.size // 64) * 64)
    size = spectra.shape[1]
    lags = min(overlap.size, powers.shape[2])
    cosine, sine, both = powers[:, :, :lags] @ overlap[:lags]
    fit = np.fft.ifft(np.fft.fft(pull, size) * spectra, axis=1)[:, :starts]
    gains = _gain(fit.real, -fit.imag, cosine[:, None], sine[:, None], both[:, None])
    best = gains.max(axis=1)
    out = []
    for decay_s in (None, *_DECAYS_S):
        rows = [i for i, ring in enumerate(rings) if decay_s in (None, ring[1])]
        row = rows[int(np.argmax(best[rows]))]
        one = complex(-1 / rings[row][1], 2 * np.pi * rings[row][0]) / rate_hz, int(np.argmax(gains[row]))
        if one not in out:
            out.append(one)
    return out


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
