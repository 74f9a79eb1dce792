"""Clicks as spans to be mended: short bursts that neither what was before nor what comes after foretells.

Forward and backward prediction errors of an autoregressive model both show a click; the one smears it to the later side, the
other to the earlier, so the smaller of the two keeps its length (after Godsill and Rayner 1998, chapter 5; Esquef 2002).
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Audio
from tonmeister.kernels import njit

OVER_MEDIAN = 16.0
"""A click exceeds the median error of the 30 ms around it so many times."""
LONGEST_MS = 0.5
"""Longer bursts in clean recordings are a plectrum, a consonant, a stick; a longer click of vinyl is left too."""
_ORDER, _HOP_S, _CELL_S, _PASSES = 30, 0.02, 0.0005, 4


@dataclass(frozen=True, slots=True)
class Impulse:
    """A click."""

    start_s: float
    """Where it begins."""
    end_s: float
    """Where it ends."""
    channel: int
    """The channel that has it."""
    over_db: float
    """Its largest error over the median around it."""


def find_impulses(audio: Audio, *, over_median: float = OVER_MEDIAN) -> tuple[Impulse, ...]:
    """Return the clicks and crackle of a sound, in the order of time; channels are looked at side by side."""
    rate = audio.sample_rate_hz
    limits = np.array([over_median, 0.12, 5.0, round(2e-4 * rate), round(LONGEST_MS * rate / 1000)])
    with ThreadPoolExecutor(audio.channels) as pool:
        rows = list(pool.map(lambda samples: _find_in(samples, rate, limits), audio.samples))
    found = [
        Impulse(float(first / rate), float(last / rate), channel, float(20 * np.log10(over)))
        for channel, clicks in enumerate(rows)
        for first, last, over in clicks
    ]
    return tuple(sorted(found, key=lambda impulse: (impulse.start_s, impulse.channel)))


def _find_in(samples: NDArray[np.float32], rate_hz: int, limits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (clicks, 3) first and last frame and times over the median; those that were found hide no others."""
    one, count = samples.copy(), 0
    out = np.empty((max(1, one.size // 50), 3))
    cell = max(8, round(_CELL_S * rate_hz))
    errors = prediction_errors(one, _ORDER, round(_HOP_S * rate_hz))
    tops, middles = np.zeros(errors.size // cell), np.zeros(errors.size // cell)
    measure_cells(errors, cell, tops, middles, 0, tops.size)
    for _ in range(_PASSES):
        more = _find(errors, one, (tops, middles), cell, limits, out[count:])
        for first, last in out[count : count + more, :2].astype(np.int64):
            errors[max(0, first - 4) : last + 4] = 0
            one[first:last] = 0
            measure_cells(
                errors, cell, tops, middles, max(0, first - 4) // cell, min(tops.size, (last + 4) // cell + 1)
            )
        count += more
        if more == 0:
            break
    return out[:count]


@njit(nogil=True, cache=True)
def measure_cells(
    errors: NDArray[np.float32], cell: int, tops: NDArray[np.float64], middles: NDArray[np.float64], low: int, high: int
) -> None:
    """Write the highest and the median error of some cells."""
    rising = np.empty(cell, np.float32)
    for c in range(low, high):
        for i in range(cell):  # a cell has some 24 samples: sorting by insertion is the quickest way to a median
            value, place = errors[c * cell + i], i
            while place > 0 and rising[place - 1] > value:
                rising[place] = rising[place - 1]
                place -= 1
            rising[place] = value
        tops[c] = rising[cell - 1]
        middles[c] = 0.5 * (float(rising[(cell - 1) // 2]) + float(rising[cell // 2]))


@njit(nogil=True, cache=True, fastmath=True)  # the whole sound at once: no sum depends on where a block ends
def prediction_errors(signal: NDArray[np.float32], order: int, hop: int) -> NDArray[np.float32]:
    """Return, sample by sample, the smaller magnitude of the forward and the backward prediction error."""
    out = np.zeros(signal.size, np.float32)
    size = 2 * hop
    taper, part = np.hanning(size + 2)[1:-1], np.zeros(size)
    correlation, model, before = np.zeros(order + 1), np.zeros(order + 1), np.zeros(order + 1)
    for start in range(0, signal.size, hop):
        for i in range(size):
            place = start - hop // 2 + i
            part[i] = taper[i] * signal[place] if 0 <= place < signal.size else 0.0
        for lag in range(order + 1):
            total = 0.0
            for i in range(size - lag):
                total += part[i] * part[i + lag]
            correlation[lag] = total
        if correlation[0] < 1e-12:
            continue
        error = correlation[0] * (1 + 1e-9)
        model[:] = 0.0
        model[0] = 1.0
        for k in range(1, order + 1):
            total = correlation[k]
            for i in range(1, k):
                total += model[i] * correlation[k - i]
            reflection = -total / error
            before[:] = model
            for i in range(1, k):
                model[i] = before[i] + reflection * before[k - i]
            model[k] = reflection
            error *= 1 - reflection * reflection
        for n in range(start, min(signal.size, start + hop)):
            ahead, back = 0.0, 0.0
            if n >= order and n + order < signal.size:
                for i in range(order + 1):
                    ahead += model[i] * signal[n - i]
                    back += model[i] * signal[n + i]
                out[n] = min(abs(ahead), abs(back))
    return out


@njit(nogil=True, cache=True)
def _most_alike(strength: float) -> int:
    """Return how many others like it a click may have within 30 ms: pulses of a voice stand no hundred times above the usual."""
    if strength > 6:
        return 12
    return 4 if strength > 3 else 2


@njit(nogil=True, cache=True)
def _find(
    errors: NDArray[np.float32],
    signal: NDArray[np.float32],
    cells_of: tuple[NDArray[np.float64], NDArray[np.float64]],
    cell: int,
    limits: NDArray[np.float64],
    out: NDArray[np.float64],
) -> int:
    """Fill (first, last, times over the median) of each click; return how many.

    Limits are: times over the median around, part of its top and times over the median down to which it lasts, patience
    and longest in samples. More than two others like it within 30 ms (more for a strong one, as in crackle) are a voice's pulses or a crash, no clicks.
    """
    over_median, part_of_top, floor_over, patience, longest = limits
    tops, middles = cells_of
    cells = tops.size
    count, free = 0, 0
    for c in range(cells):
        top = tops[c]
        if top < 1e-4 or (c > 0 and tops[c - 1] > top) or (c + 1 < cells and tops[c + 1] >= top):
            continue
        low, high = max(0, c - 60), min(cells, c + 61)
        usual = np.median(middles[low:high]) + 2e-6
        if top < over_median * usual:
            continue
        floor = max(part_of_top * top, floor_over * usual)
        peak = c * cell + int(np.argmax(errors[c * cell : (c + 1) * cell]))
        first = find_edge(errors, peak, -1, floor, int(patience))
        last = find_edge(errors, peak, 1, floor, int(patience)) + 1
        alike = 0
        for other in range(low, high):
            outside = (other + 1) * cell < first - 2 * cell or other * cell > last + 2 * cell
            if outside and tops[other] > 0.4 * top:
                alike += 1
        if (
            alike > _most_alike(top / (over_median * usual))
            or last - first > longest
            or _begins(errors, signal, first, last, cell, top / over_median)
        ):
            continue
        if count and first < free:
            continue
        if count < out.shape[0]:
            out[count, 0], out[count, 1], out[count, 2] = first, last, top / usual
            count += 1
        free = last
    return count


@njit(nogil=True, cache=True)
def find_edge(errors: NDArray[np.float32], peak: int, step: int, floor: float, patience: int) -> int:
    """Return the last sample above the floor on one side, before `patience` samples below it."""
    edge, place, quiet = peak, peak + step, 0
    while 0 <= place < errors.size and quiet < patience:
        if errors[place] > floor:
            edge, quiet = place, 0
        else:
            quiet += 1
        place += step
    return edge


@njit(nogil=True, cache=True)
def _begins(
    errors: NDArray[np.float32], signal: NDArray[np.float32], first: int, last: int, cell: int, least: float
) -> bool:
    """Say whether a sound begins here or ends: what goes on beside it is no smaller by far, or the wave itself grows."""
    near, far = 16 * cell, 50 * cell
    a, b = max(0, first - cell - near), max(0, first - cell)
    c, d = min(errors.size, last + cell), min(errors.size, last + cell + near)
    if b <= a or d <= c:
        return True
    if max(np.median(errors[a:b]), np.median(errors[c:d])) > least:
        return True
    return _grows(signal, b, c, near) and _grows(signal, b, c, far)


@njit(nogil=True, cache=True)
def _grows(signal: NDArray[np.float32], before_end: int, after_start: int, span: int) -> bool:
    before, after = 0.0, 0.0
    for i in range(max(0, before_end - span), before_end):
        before += signal[i] ** 2
    for i in range(after_start, min(signal.size, after_start + span)):
        after += signal[i] ** 2
    return after > 9 * before + 1e-6 * span
