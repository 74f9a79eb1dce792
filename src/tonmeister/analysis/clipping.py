"""Clipped samples: runs at the same extreme value that the wave enters or leaves with a corner."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tonmeister.analysis.chunks import Chunk

SHORTEST_RUN = 3
"""So many equal neighbours make a run."""
NEAR_PEAK = 0.98
"""A run counts when it lies this close to the largest sample of its channel."""
_KEPT = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Clipping:
    """Runs of clipped samples of one track."""

    runs: int
    """How many there are."""
    samples: int
    """How many samples they hold in all."""
    longest: int
    """Samples of the longest run."""
    level_dbfs: float | None
    """Level at which the wave is cut off; None without runs."""
    starts_s: tuple[float, ...]
    """Where they begin, the first few thousand."""


class ClippingMeter:
    """Collects the runs of one track from chunks of one second."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self._rate, self._seconds = sample_rate_hz, 0
        self._peaks = np.zeros(channels)
        self._runs: list[NDArray[np.float64]] = []

    def take(self, chunk: Chunk, step_peaks: NDArray[np.float32]) -> None:
        """Take the next second and the peaks of its 10 ms steps."""
        if not chunk.silent:
            for channel in range(chunk.channels_to_measure):
                self._scan(chunk.samples[channel], step_peaks, channel)
        self._seconds += 1

    def _scan(self, signal: NDArray[np.float32], step_peaks: NDArray[np.float32], channel: int) -> None:
        if step_peaks.max(initial=0.0) < NEAR_PEAK * self._peaks[channel]:
            return
        found = np.empty((_KEPT, 3))
        least = np.float32(NEAR_PEAK * self._peaks[channel])
        count, peak = _find_runs(signal, step_peaks, self._rate, least, found)
        self._peaks[channel] = max(self._peaks[channel], peak)
        kept = found[: min(count, _KEPT)]
        kept = kept[kept[:, 2] >= NEAR_PEAK * self._peaks[channel]]
        if kept.size:
            times = kept[:, 0] / self._rate + self._seconds
            self._runs.append(np.column_stack([times, kept[:, 1:], np.full(len(kept), channel)]))

    def result(self) -> Clipping:
        """Return the runs that lie at the extremes of the whole track."""
        runs = np.concatenate(self._runs) if self._runs else np.zeros((0, 4))
        runs = runs[runs[:, 2] >= NEAR_PEAK * self._peaks[runs[:, 3].astype(np.int64)]]
        if len(runs) == 0:
            return Clipping(0, 0, 0, None, ())
        level = 20 * math.log10(float(np.median(runs[:, 2])))
        starts = tuple(float(t) for t in np.sort(runs[:, 0])[:_KEPT])
        return Clipping(len(runs), int(runs[:, 1].sum()), int(runs[:, 1].max()), level, starts)


@njit(nogil=True, cache=True)
def _find_runs(
    signal: NDArray[np.float32],
    step_peaks: NDArray[np.float32],
    rate: int,
    least: np.float32,
    found: NDArray[np.float64],
) -> tuple[int, float]:
    """Fill (start, length, magnitude) of runs at or above `least`; return their number and the largest magnitude.

    The top of a slow sine is flat too once it is quantised, but one enters it gently: a run counts only when the wave
    steps by more than 0.1 % of it plus three 16-bit steps on one of its sides.
    """
    count, peak = 0, np.float32(0)
    for step in range(step_peaks.size):
        if step_peaks[step] < max(least, np.float32(0.98) * peak):
            continue
        i, last = step * rate // 100, min(signal.size, (step + 1) * rate // 100)
        while i < last:
            value = signal[i]
            size = abs(value)
            peak = max(peak, size)
            end = i + 1
            if size >= least and size > 0:
                while end < signal.size and signal[end] == value:
                    end += 1
                if end - i >= 3:
                    corner = np.float32(0.001) * size + np.float32(1e-4)
                    enters = i > 0 and abs(signal[i - 1] - value) > corner
                    leaves = end < signal.size and abs(signal[end] - value) > corner
                    if enters or leaves:
                        if count < found.shape[0]:
                            found[count, 0], found[count, 1], found[count, 2] = i, end - i, size
                        count += 1
            i = end
    return count, float(peak)
