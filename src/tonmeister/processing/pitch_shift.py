"""Pitch of one voice moved without its length or its formants: TD-PSOLA (Moulines and Charpentier 1990)."""

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Samples

_FADE_S = 0.01
_LEAST_WEIGHT = 0.2


def shift_voice(
    part: Samples, first: int, last: int, curve: tuple[NDArray[np.float64], NDArray[np.float64]], sample_rate_hz: int
) -> None:
    """Move the pitch of frames first to last in place; the curve is pitch in Hz and cents, both per 10 ms from first on."""
    mono = part.mean(axis=0).astype(np.float64)
    hop = sample_rate_hz / 100
    periods, ratios = sample_rate_hz / np.maximum(curve[0], 40.0), 2 ** (curve[1] / 1200)
    marks = _find_marks(mono, first, last, periods, hop)
    if len(marks) < 3:
        return
    wet, weight = np.zeros(part.shape), np.zeros(part.shape[1])
    at = float(marks[0])
    while at <= marks[-1]:
        step = min(int((at - first) / hop), len(ratios) - 1)
        mark = int(marks[int(np.argmin(np.abs(marks - at)))])
        size = round(periods[min(max(0, int((mark - first) / hop)), len(periods) - 1)])
        place = round(at)
        low, high = max(size - mark, size - place, 0), min(part.shape[1] - mark, part.shape[1] - place, size)
        if low <= size and high > 0:
            window = 0.5 + 0.5 * np.cos(np.pi * np.arange(low - size, high) / size)
            wet[:, place + low - size : place + high] += part[:, mark + low - size : mark + high] * window
            weight[place + low - size : place + high] += window
        at += periods[max(0, step)] / ratios[max(0, step)]
    _blend(part, wet, weight, (int(marks[0]), int(marks[-1])), round(_FADE_S * sample_rate_hz))


def _find_marks(
    mono: NDArray[np.float64], first: int, last: int, periods: NDArray[np.float64], hop: float
) -> NDArray[np.int64]:
    """Return the highest sample of each period: grains cut there hold one pulse each."""
    marks: list[int] = []
    at = float(first)
    while at < last:
        period = periods[min(int((at - first) / hop), len(periods) - 1)]
        reach = 0.5 if not marks else 0.2
        low, high = max(0, round(at - reach * period)), min(mono.size, round(at + reach * period) + 1)
        if high <= low:
            break
        marks.append(low + int(np.argmax(mono[low:high])))
        at = marks[-1] + period
    return np.array(marks, np.int64)


def _blend(
    part: Samples, wet: NDArray[np.float64], weight: NDArray[np.float64], span: tuple[int, int], fade: int
) -> None:
    first, last = span
    length = last - first
    fade = max(1, min(fade, length // 2))
    ramp = np.ones(length)
    ramp[:fade] = np.linspace(0, 1, fade)
    ramp[length - fade :] = np.linspace(1, 0, fade)
    shaped = wet[:, first:last] / np.maximum(weight[first:last], _LEAST_WEIGHT)
    dry = part[:, first:last]
    part[:, first:last] = (dry + ramp * (shaped - dry)).astype(np.float32)
