"""Ringings that were added to a sound, told from it: each is a damped sine that sets in at once.

What the voice itself does is foretold by an autoregressive model; a ringing is taken for one where a damped sine explains much of
what the model does not foretell (matching pursuit with damped sinusoids, Goodwin and Vetterli 1999, in the metric of the model's
errors). All that were found are then fitted together, for one found alone takes the place of its neighbours. A few numbers tell a
ringing, so that nearly all of the sound under it stays.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.kernels import njit
from tonmeister.model import Share
from tonmeister.processing.autoregression import Learnt
from tonmeister.processing.ringing_grid import HIGHEST_OF_RATE, LONGEST_S, Turns, best_rings

Floats = NDArray[np.float64]
_Told = tuple[Turns, NDArray[np.int64], Turns, Floats]
MOST_RINGINGS = 5
"""In one click."""
LEAST_GAIN = 60.0
"""A ringing explains so many powers of the model's error at least; chance comes to 15 among all that are tried."""
_HEARD_S = 0.002
"""So long after it has set in nearly all of a ringing is over."""
_FLOOR = 1e-6
"""Of the power of a click."""
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
        for turn, start in best_rings(pull, most_start, overlap, rate_hz)[:tries]:
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
    highest = 2 * np.pi * min(_MOST_HZ / rate_hz, HIGHEST_OF_RATE)
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
def _pull(left: Floats, model: Floats, out: Floats) -> None:
    """Fill what the model, begun at each frame, has in common with what is left."""
    out[:] = 0.0
    for lag in range(min(model.size, left.size)):
        weight = model[lag]
        for n in range(left.size - lag):
            out[n] += weight * left[n + lag]


@njit(nogil=True, cache=True)
def _common(pull: Floats, turn: complex, starts: int, out: Floats) -> None:
    """Fill what a damped sine, begun at each of the first frames, has in common with what was pulled: cosine, then sine."""
    step, y = np.exp(turn), complex(0.0)
    for n in range(pull.size - 1, -1, -1):
        y = pull[n] + step * y
        if n < starts:
            out[0, n], out[1, n] = y.real, -y.imag


@njit(nogil=True, cache=True)
def _best_start(
    pulls: Floats, products: Floats, wave: Floats, turns: Turns, own: int, now: int, most_start: int
) -> int:
    """Return where one ring sets in best, while the others keep their turns and starts.

    Args:
        pulls: (2 * rings + 1, frames) of both columns of each ring, and of the errors.
        products: (2 * rings + 1, 2 * rings + 1) of the same.
        wave: (2, frames) the columns of the ring, were it to set in at once.
        turns: Of all rings.
        own: Which ring it is.
        now: Where it sets in now.
        most_start: The frame after the last at which it may.
    """
    size, frames = pulls.shape[0], pulls.shape[1]
    rows = np.array([i for i in range(size) if i // 2 != own])  # the errors come last
    lower = np.zeros((size - 2, size - 2))
    for i in range(size - 2):  # Cholesky; so the errors become what the other rings leave of them
        for k in range(i + 1):
            total = products[rows[i], rows[k]] * (1 + 1e-9 if i == k else 1)
            for m in range(k):
                total -= lower[i, m] * lower[k, m]
            lower[i, k] = total / lower[k, k] if i > k else np.sqrt(max(total, 1e-30))
    common = np.empty((size - 2, 2, most_start))
    for i in range(size - 2):
        _common(pulls[rows[i]], turns[own], most_start, common[i])
        for k in range(i):
            common[i] -= lower[i, k] * common[k]
        if i < size - 3:
            common[i] /= lower[i, i]
    aa, bb, ab = 0.0, 0.0, 0.0
    for n in range(frames - most_start):
        aa, bb, ab = aa + wave[0, n] ** 2, bb + wave[1, n] ** 2, ab + wave[0, n] * wave[1, n]
    best, most = now, 0.0
    for start in range(most_start - 1, -1, -1):
        n = frames - start - 1
        aa, bb, ab = aa + wave[0, n] ** 2, bb + wave[1, n] ** 2, ab + wave[0, n] * wave[1, n]
        cosine, sine, both = aa, bb, ab
        for i in range(size - 3):
            c, d = common[i, 0, start], common[i, 1, start]
            cosine, sine, both = cosine - c * c, sine - d * d, both - c * d
        a, b = common[size - 3, 0, start], common[size - 3, 1, start]
        gain = (sine * a * a - 2 * both * a * b + cosine * b * b) / (cosine * sine - both * both + 1e-7 * aa * bb)
        if gain >= most:
            best, most = start, gain
    return best


@njit(nogil=True, cache=True)
def _move_starts(
    errors: Floats, model: Floats, turns: Turns, starts: NDArray[np.int64], sizes: Turns, left: Floats, most_start: int
) -> Floats:
    """Move each ring in its turn to where it sets in best; return what is left."""
    count, frames = turns.size, errors.size
    rows, pulls = np.zeros((2 * count + 1, frames)), np.zeros((2 * count + 1, frames))
    wave, more, other = np.zeros((2, frames)), np.zeros((2 * count, frames)), np.zeros(count, np.complex128)
    for j in range(count):
        _write_columns(rows[2 * j : 2 * j + 2], turns[j], starts[j], 0j, model, 0)
    rows[2 * count] = errors
    for i in range(2 * count + 1):
        _pull(rows[i], model, pulls[i])
    products = rows @ rows.T
    for j in range(count):
        _write_columns(wave, turns[j], 0, 0j, model, 0)
        here = starts[j]
        start = _best_start(pulls, products, wave, turns, j, here, most_start)
        if start == here:
            continue
        starts[j] = start
        rest = _best_sizes(errors, model, turns, starts, more, other)
        if rest @ rest >= left @ left:
            starts[j] = here
            continue
        left = rest
        sizes[:] = other
        for i in range(2 * j, 2 * j + 2):
            rows[i] = more[i]
            _pull(rows[i], model, pulls[i])
        products = rows @ rows.T
    return left


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
        left = _move_starts(errors, model, turns, starts, sizes, left, most_start)
        least = left @ left
        if least > 0.99 * before or least < enough:
            break
    return turns, starts, sizes, left
