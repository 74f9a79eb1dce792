"""What may have been in a gap: told in several ways, of which those count most that did best on gaps beside it.

A voice or a string alone is bridged by its harmonics (`harmonic_bridge`). For all else long autoregressive models (Janssen, Veldhuis and Vries 1986) carry on what rings; moments of the same sound that go on alike
on both sides (as in Perraudin, Holighaus, Majdak and Balazs 2018), joined by least squares, bring back what is played again.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tonmeister.kernels import njit
from tonmeister.processing.autoregression import fit_model
from tonmeister.processing.harmonic_bridge import bridge_gap

Floats = NDArray[np.float64]
_MODELS = ((0.03, 500), (0.6, 2000))
"""Seconds of context on both sides, and the coefficients that are learnt from them."""
_ALIKE_S, _MOMENTS, _RIDGE = 0.03, 30, 3e-3
"""Moments alike for so long on both sides; how many; and how much noise they are taken to hold."""
_FAVOUR, _EXACT = 6, 0.02
"""Each way counts by its share of errors to this power; errors below the second are alike."""
_TRIALS_S = (0.12, 0.2)
"""Gaps for trial lie so far before and after the real one."""
_LEAST_AROUND_S = 0.08
_HEADROOM, _SMOOTH_S = 2.0, 0.01


def fill_gap(sound: Floats, lost: NDArray[np.bool_], rate: int) -> Floats:
    """Return what may have been in a gap.

    Args:
        sound: (frames,) with seconds of context.
        lost: (frames,) what is not known: the gap, which is the first lost run with sound before, and others after it.
        rate: In Hz.
    """
    first, last = _first_run(lost)
    after = np.flatnonzero(lost[last:])
    known = sound[: last + int(after[0])] if after.size else sound
    bridged = bridge_gap(known, first, last, rate)
    filling = _tell(sound, known, lost, rate) if bridged is None else bridged
    return _held_down(filling, sound[:first], known[last:], rate)


def _tell(sound: Floats, known: Floats, lost: NDArray[np.bool_], rate: int) -> Floats:
    """Return the mean of what all ways tell, each weighed by how it did in trials; one that failed there counts little."""
    (first, last), alike = _first_run(lost), round(_ALIKE_S * rate)
    ways = [partial(_foretell, context=round(s * rate), order=order) for s, order in _MODELS]
    errors, trials = np.zeros(len(ways) + 1), 0
    for piece, start, end in _trials(known, first, last, rate):
        truth = piece[start:end]
        hidden = np.zeros(piece.size, np.bool_)
        hidden[start:end] = True
        told = [way(piece, start, end) for way in ways] + [_recall(piece, hidden, start, end, alike)]
        power = truth @ truth + 1e-9
        errors += np.array([min(1.0, float((truth - one) @ (truth - one)) / power) for one in told])
        trials += 1
    weights = (errors / max(1, trials) + _EXACT) ** -_FAVOUR
    told = [way(known, first, last) for way in ways] + [_recall(sound, lost, first, last, alike)]
    return np.asarray(weights @ np.array(told) / weights.sum())


def _held_down(told: Floats, before: Floats, after: Floats, rate: int) -> Floats:
    """Return the filling, nowhere louder than twice a level that leads from side to side: no drum sounds before its hit."""
    beside = round(_ALIKE_S * rate)
    sides = (before[-beside:], after[:beside])
    low, high = (np.sqrt(np.square(part).sum() / max(1, part.size)) + 1e-6 for part in sides)
    most = _HEADROOM * low * (high / low) ** ((np.arange(told.size) + 0.5) / told.size)
    bell = np.hanning(round(_SMOOTH_S * rate) | 1)
    level = np.sqrt(np.convolve(np.square(told), bell / bell.sum())[bell.size // 2 :][: told.size])
    return np.asarray(told * np.minimum(1, most / (level + 1e-12)))


def _first_run(lost: NDArray[np.bool_]) -> tuple[int, int]:
    first = int(np.argmax(lost))
    rest = np.flatnonzero(~lost[first:])
    return first, first + int(rest[0]) if rest.size else lost.size


def _trials(known: Floats, first: int, last: int, rate: int) -> Iterator[tuple[Floats, int, int]]:
    """Yield pieces of what is known without the gap, and where a gap of the same length is tried in them."""
    length, around = last - first, round(_LEAST_AROUND_S * rate)
    before, after = known[:first], known[last:]
    for away in (round(s * rate) for s in _TRIALS_S):
        start = before.size - away - length
        if start >= around and before[start - around :].any():
            yield before, start, start + length
        if away + length + around <= after.size and after.any():
            yield after, away, away + length


def _foretell(sound: Floats, first: int, last: int, *, context: int, order: int) -> Floats:
    """Return what a model of both sides expects in between (least squares of its errors)."""
    window = sound[max(0, first - context) : last + context].copy()
    start = min(first, context)
    end = start + last - first
    window[start:end] = 0
    longest = max(start, window.size - end)
    order = min(order, longest // 2)
    sides = [side for side in (window[:start], window[end:]) if side.size >= 2 * order]
    if order < 1 or not any(side.any() for side in sides):
        return np.zeros(last - first)
    model = fit_model(sides, order)
    overlap = np.correlate(model, model, "full")
    around = np.convolve(np.pad(window, order), overlap, "valid")[start:end]
    column = np.zeros(end - start)
    near = min(order + 1, column.size)
    column[:near] = overlap[order : order + near]
    column[0] *= 1 + 1e-9
    return solve_toeplitz(column, -around)


@njit(nogil=True, cache=True)
def solve_toeplitz(column: Floats, right: Floats) -> Floats:
    """Solve a symmetric, positive definite Toeplitz system (Levinson 1947)."""
    count = column.size
    out, ahead, turned = np.zeros(count), np.zeros(count), np.zeros(count)
    ahead[0] = 1.0
    error = column[0]
    out[0] = right[0] / error
    for k in range(1, count):
        total = 0.0
        for i in range(k):
            total += ahead[i] * column[k - i]
        reflection = -total / error
        turned[: k + 1] = ahead[: k + 1][::-1]
        for i in range(k + 1):
            ahead[i] += reflection * turned[i]
        error *= 1 - reflection * reflection
        left = right[k]
        for i in range(k):
            left -= column[k - i] * out[i]
        step = left / error
        for i in range(k + 1):
            out[i] += step * ahead[k - i]
    return out


def _recall(sound: Floats, lost: NDArray[np.bool_], first: int, last: int, alike: int) -> Floats:
    """Return what was between moments like those on both sides, joined so that they fit these best."""
    length, size = last - first, last - first + 2 * alike
    if first < alike or last + alike > sound.size or sound.size < 2 * size:
        return np.zeros(length)
    sides = np.r_[np.arange(alike), np.arange(alike + length, size)]
    known = np.where(lost, 0.0, sound)
    wanted = known[first - alike : last + alike].copy()
    wanted[alike : alike + length] = 0
    power = np.concatenate([[0.0], np.cumsum(np.square(known))])
    energy = (power[alike:] - power[:-alike])[: sound.size - alike + 1]
    energy = energy[: sound.size - size + 1] + energy[alike + length :][: sound.size - size + 1]
    likeness = _cross_correlate(known, wanted) / np.sqrt(energy + 1e-7 * (wanted @ wanted) + 1e-9)
    gone = np.concatenate([[0], np.cumsum(lost)])
    likeness[gone[size:] - gone[:-size] > 0] = 0
    places = _peaks(np.abs(likeness))
    if places.size == 0:
        return np.zeros(length)
    near = np.unique(np.concatenate([places - 1, places, places + 1]))
    moments = known[near[(near >= 0) & (near + size <= sound.size), None] + np.arange(size)]
    moments /= np.sqrt(np.square(moments).sum(axis=1, keepdims=True) + 1e-12)
    beside = moments[:, sides]
    products = beside @ beside.T
    products[np.diag_indices(len(products))] += _RIDGE * float(np.linalg.eigvalsh(products)[-1]) + 1e-12
    weights = np.linalg.solve(products, beside @ wanted[sides])
    return np.asarray(weights @ moments[:, alike : alike + length])


def _peaks(likeness: Floats) -> NDArray[np.int64]:
    """Return the places of the highest peaks."""
    here = np.flatnonzero((likeness[1:-1] >= likeness[:-2]) & (likeness[1:-1] > likeness[2:])) + 1
    return here[np.argsort(likeness[here])[::-1][:_MOMENTS]]


def _cross_correlate(sound: Floats, part: Floats) -> Floats:
    """Return the product sums of a part with each stretch of the sound that it fits into."""
    from scipy import fft  # noqa: PLC0415 - costs a third of a second; rendering without repairs needs none

    size = int(fft.next_fast_len(sound.size + part.size, real=True))
    product = fft.rfft(sound, size) * np.conj(fft.rfft(part, size))
    return np.asarray(fft.irfft(product, size)[: sound.size - part.size + 1])
