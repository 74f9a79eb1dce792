"""Tone in sixth octaves, from a transform long enough to tell the bass apart: what an equaliser that follows a reference goes by.

The ERB bands of the other measurements are some 35 Hz wide at the bottom: 40 to 80 Hz are one or two of them. Method: Welch, "The
Use of Fast Fourier Transform for the Estimation of Power Spectra" (1967), Hann windows that overlap by half.
"""

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import share_bins, sum_bins
from tonmeister.analysis.power_transform import make_tables, transform_power
from tonmeister.audio import Samples
from tonmeister.kernels import njit

Floats = NDArray[np.float64]
_STEPS = np.arange(-32, 27)
FINE_CENTRES_HZ: Floats = 1000.0 * 10 ** (_STEPS / 20)
"""The 59 exact base-ten sixth-octave centres from 25 Hz to 20 kHz."""
FINE_EDGES_HZ: Floats = 1000.0 * 10 ** ((np.arange(-32, 28) - 0.5) / 20)
"""The 60 edges between and around them."""
LOWEST_DB = -120.0
_WINDOW_S = 0.35


class FineToneMeter:
    """Collects the long-term spectrum of one sound from blocks of any length."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self._rate, self._channels = sample_rate_hz, channels
        self._size = int(2 ** round(np.log2(_WINDOW_S * sample_rate_hz)))
        window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(self._size) / self._size)).astype(np.float32)
        self._tables = make_tables(window)
        self._power = np.zeros(self._size // 2 + 1, np.float32)
        self._line = np.zeros((channels, 0), np.float32)
        self._total = np.zeros(self._size // 2 + 1)
        self._windows = 0

    def add(self, block: Samples) -> None:
        """Take the next block (channels, frames)."""
        self._line = np.concatenate([self._line, block], axis=1)
        tables = self._tables
        windows = _add_windows(self._line, tables.window, tables.turns, tables.work, self._power, self._total)
        self._windows += windows
        self._line = self._line[:, windows * (self._size // 2) :]

    def result_db(self) -> tuple[float, ...]:
        """Return (59,) level of each sixth octave in dBFS, channels averaged; empty for a sound shorter than one window."""
        if not self._windows:
            return ()
        scale = 2 / (self._windows * self._channels * self._size * float(np.square(self._tables.window).sum()))
        ranges = share_bins(FINE_EDGES_HZ, bin_hz=self._rate / self._size, bins=self._total.size)
        power = sum_bins(self._total * scale, ranges)
        return tuple(np.round(np.maximum(10 * np.log10(np.maximum(power, 1e-13)), LOWEST_DB), 2).tolist())


@njit(nogil=True, cache=True)
def _add_windows(
    line: NDArray[np.float32],
    window: NDArray[np.float32],
    turns: NDArray[np.float32],
    work: NDArray[np.float32],
    power: NDArray[np.float32],
    total: Floats,
) -> int:
    """Add the power of each window of a line (channels, frames) that is whole, and return how many there were."""
    half = window.size // 2
    count: int = max(0, line.shape[1] // half - 1)
    for number in range(count):
        for channel in range(line.shape[0]):
            transform_power(line[channel, number * half :], window, turns, work, power)
            for k in range(total.size):
                total[k] += power[k]
    return count


def fine_difference_db(tone_db: tuple[float, ...], other_db: tuple[float, ...], *, heard_db: float) -> Floats:
    """Return (59,) by how much the other has more in each sixth octave, as it is; NaN where either has no sound.

    What lies further below the sound's loudest band than `heard_db` (negative) is not there.
    """
    mine, theirs = np.array(tone_db, np.float64), np.array(other_db, np.float64)
    there = (mine > mine.max() + heard_db) & (theirs > theirs.max() + heard_db)
    return np.where(there, theirs - mine, np.nan)
