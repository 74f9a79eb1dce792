"""Clipped samples: runs at the same extreme value that the wave enters or leaves with a corner."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.chunks import Chunk, Chunker
from tonmeister.analysis.steps import STEPS_PER_S
from tonmeister.audio import Samples
from tonmeister.kernels import njit

SHORTEST_RUN = 3
"""So many equal neighbours make a run."""
NEAR_PEAK = 0.98
"""A run counts when it lies this close to the largest sample of its channel."""
JUMP = 0.5
"""A step between neighbouring samples of more than half the run's level is a jump."""
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
    samples_s: float = 0.0
    """How long they last in all."""
    jumps: float = 0.0
    """Part of their samples in runs that the wave jumps into and out of: a pulse wave's, not a clipped take's."""


class ClippingMeter:
    """Collects the runs of one track from chunks of one second."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self._rate, self._seconds = sample_rate_hz, 0
        self._peaks = np.zeros(channels)
        self._runs: list[NDArray[np.float64]] = []
        self._found = np.empty((_KEPT, 4))

    def take(self, chunk: Chunk, step_peaks: NDArray[np.float32]) -> None:
        """Take the next second and the peaks of its 10 ms steps."""
        if not chunk.silent:
            for channel in range(chunk.channels_to_measure):
                self._scan(chunk.samples[channel], step_peaks, channel)
        self._seconds += 1

    def _scan(self, signal: NDArray[np.float32], step_peaks: NDArray[np.float32], channel: int) -> None:
        if step_peaks.max(initial=0.0) < NEAR_PEAK * self._peaks[channel]:
            return
        found = self._found
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
        runs = np.concatenate(self._runs) if self._runs else np.zeros((0, 5))
        runs = runs[runs[:, 2] >= NEAR_PEAK * self._peaks[runs[:, 4].astype(np.int64)]]
        if len(runs) == 0:
            return Clipping(0, 0, 0, None, ())
        level = 20 * math.log10(float(np.median(runs[:, 2])))
        starts = tuple(float(t) for t in np.sort(runs[:, 0])[:_KEPT])
        samples = runs[:, 1].sum()
        jumps = float(runs[runs[:, 3] > JUMP, 1].sum() / samples)
        return Clipping(
            len(runs), int(samples), int(runs[:, 1].max()), level, starts, float(samples) / self._rate, jumps
        )


def measure_clipping(blocks: Iterable[Samples], *, sample_rate_hz: int, channels: int) -> Clipping:
    """Return the runs of a stream of blocks, (channels, frames) each."""
    meter, chunker = ClippingMeter(sample_rate_hz, channels), Chunker(sample_rate_hz, channels)
    for block in blocks:
        for chunk in chunker.cut(block):
            meter.take(chunk, _step_peaks(chunk.samples, sample_rate_hz))
    rest = chunker.rest()
    if rest is not None:
        meter.take(rest, _step_peaks(rest.samples, sample_rate_hz))
    return meter.result()


def _step_peaks(samples: Samples, rate: int) -> NDArray[np.float32]:
    """Return the largest magnitude of any channel in each 10 ms."""
    starts = np.arange(-(-samples.shape[1] * STEPS_PER_S // rate)) * rate // STEPS_PER_S
    peaks: NDArray[np.float32] = np.maximum.reduceat(np.abs(samples).max(axis=0), starts)
    return peaks


@njit(nogil=True, cache=True)
def _find_runs(
    signal: NDArray[np.float32],
    step_peaks: NDArray[np.float32],
    rate: int,
    least: np.float32,
    found: NDArray[np.float64],
) -> tuple[int, float]:
    """Fill (start, length, magnitude, step) of runs at or above `least`; return their number and the largest magnitude.

    The top of a slow sine is flat too once it is quantised, but one enters it gently: a run counts only when the wave
    steps by more than 0.1 % of it plus three 16-bit steps on one of its sides. The smaller of both steps is kept, as part
    of the magnitude.
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
                if end - i >= SHORTEST_RUN:
                    corner = np.float32(0.001) * size + np.float32(1e-4)
                    enters = abs(signal[i - 1] - value) if i > 0 else np.float32(0)
                    leaves = abs(signal[end] - value) if end < signal.size else np.float32(0)
                    if max(enters, leaves) > corner:
                        if count < found.shape[0]:
                            found[count, 0], found[count, 1], found[count, 2] = i, end - i, size
                            found[count, 3] = min(enters, leaves) / size
                        count += 1
            i = end
    return count, float(peak)
