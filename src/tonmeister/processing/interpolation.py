"""Values between the samples: polyphase windowed-sinc interpolation for true-peak work (ITU-R BS.1770-5, annex 2).

Sums are written out eight taps at a time in one fixed order, so the compiler vectorises over frames and the result of a
frame does not depend on where a block is cut.
"""

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Samples
from tonmeister.kernels import njit

_SUB_BLOCK_FRAMES = 64
_ROUNDING = np.float32(1.0001)  # what float32 sums may add to the bound


def design_phases(*, factor: int, taps: int, beta: float) -> NDArray[np.float32]:
    """Return (factor − 1, taps) Kaiser-windowed sinc filters for the points 1/factor … (factor − 1)/factor after a frame.

    taps is a multiple of 8; tap taps/2 − 1 lies on the frame itself. Each filter passes DC with gain 1.
    """
    position = np.arange(taps) - (taps // 2 - 1)
    fraction = np.arange(1, factor)[:, None] / factor
    distance = position[None, :] - fraction
    window = np.i0(beta * np.sqrt(np.clip(1.0 - (distance / (taps / 2)) ** 2, 0.0, None))) / np.i0(beta)
    phases = np.sinc(distance) * window
    return np.ascontiguousarray(phases / phases.sum(axis=1, keepdims=True), dtype=np.float32)


@njit(nogil=True, cache=True)
def _interpolate(
    row: NDArray[np.float32], at: int, count: int, taps: NDArray[np.float32], values: NDArray[np.float32]
) -> None:
    for i in range(count):
        values[i] = np.float32(0)
    for k in range(0, taps.size, 8):
        c0, c1, c2, c3 = taps[k], taps[k + 1], taps[k + 2], taps[k + 3]
        c4, c5, c6, c7 = taps[k + 4], taps[k + 5], taps[k + 6], taps[k + 7]
        x0, x1, x2, x3 = row[at + k :], row[at + k + 1 :], row[at + k + 2 :], row[at + k + 3 :]
        x4, x5, x6, x7 = row[at + k + 4 :], row[at + k + 5 :], row[at + k + 6 :], row[at + k + 7 :]
        for i in range(count):
            first = (c0 * x0[i] + c1 * x1[i]) + (c2 * x2[i] + c3 * x3[i])
            second = (c4 * x4[i] + c5 * x5[i]) + (c6 * x6[i] + c7 * x7[i])
            values[i] += first + second


@njit(nogil=True, cache=True)
def _highest(row: NDArray[np.float32], at: int, count: int) -> np.float32:
    highest = np.float32(0)
    for i in range(at, at + count):
        highest = max(highest, abs(row[i]))
    return highest


@njit(nogil=True, cache=True)
def _raise_to(peaks: NDArray[np.float32], values: NDArray[np.float32]) -> None:
    for i in range(peaks.size):
        value = abs(values[i])
        peaks[i] = max(peaks[i], value)


@njit(nogil=True, cache=True)
def find_peaks(x: Samples, first: int, phases: NDArray[np.float32], limit: float, peaks: NDArray[np.float32]) -> None:
    """Write the highest absolute value, over all channels, at each frame and at the points up to the next one.

    Frame 0 of peaks is frame `first` of x, which has taps/2 frames around what is asked for. Where the
    largest sum of absolute taps shows that no point can pass the limit, only the samples themselves are looked at.
    """
    taps = phases.shape[1]
    lead = taps // 2 - 1
    values = np.empty(_SUB_BLOCK_FRAMES, np.float32)
    bound = np.float32(0)
    for phase in range(phases.shape[0]):
        bound = max(bound, np.abs(phases[phase]).sum())
    reach = np.float32(limit) / (np.float32(bound) * _ROUNDING)
    for at in range(0, peaks.size, _SUB_BLOCK_FRAMES):
        part = peaks[at : at + _SUB_BLOCK_FRAMES]
        part[:] = np.float32(0)
        for channel in range(x.shape[0]):
            row = x[channel]
            _raise_to(part, row[first + at :])
            if _highest(row, first + at - lead, part.size + taps - 1) <= reach:
                continue
            for phase in range(phases.shape[0]):
                _interpolate(row, first + at - lead, part.size, phases[phase], values)
                _raise_to(part, values)


@njit(nogil=True, cache=True)
def _between(row: NDArray[np.float32], at: int, taps: NDArray[np.float32]) -> float:
    total = 0.0
    for k in range(taps.size):
        total += np.float64(taps[k]) * np.float64(row[at + k])
    return abs(total)


@njit(nogil=True, cache=True)
def refine_peaks(x: Samples, first: int, phases: NDArray[np.float32], above: float, peaks: NDArray[np.float32]) -> None:
    """Look closer at the frames whose peak is above a level: all points of phases and the parabola through the top.

    Points run from just before the frame to the next frame; what lies just after that is found there.
    """
    lead, last = phases.shape[1] // 2 - 1, phases.shape[0] - 1
    values = np.empty(phases.shape[0] + 3, np.float64)
    for i in range(peaks.size):
        if peaks[i] <= above:
            continue
        highest = float(peaks[i])
        for channel in range(x.shape[0]):
            row, at = x[channel], first + i
            values[0] = _between(row, at - lead - 1, phases[last])
            values[1] = abs(np.float64(row[at]))
            values[last + 3] = abs(np.float64(row[at + 1]))
            for phase in range(last + 1):
                values[phase + 2] = _between(row, at - lead, phases[phase])
            highest = max(highest, _vertex(values))
        peaks[i] = np.float32(highest)


@njit(nogil=True, cache=True)
def _vertex(values: NDArray[np.float64]) -> float:
    """Return the height of the parabola through the highest inner value and its neighbours."""
    top = int(np.argmax(values))
    if top in (0, values.size - 1):
        return float(values[top])
    left, middle, right = float(values[top - 1]), float(values[top]), float(values[top + 1])
    bend = left - 2.0 * middle + right
    return middle - 0.125 * (left - right) ** 2 / bend if bend < 0.0 else middle
