"""A filter of any magnitude whose phase is a pure delay: a symmetric impulse response, convolved by overlap-save.

Segments lie on a grid of absolute frames, so how the sound is cut into blocks changes no byte. The design samples the magnitude,
transforms back and windows (Oppenheim and Schafer, Discrete-Time Signal Processing, 7.2); it resolves about 12 Hz.
"""

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Samples
from tonmeister.processing.filter_design import Floats, sections_magnitude_db

_TAPS_AT_48K = 8192
_KAISER_BETA = 6.0


def design_taps(sections: Floats, sample_rate_hz: int) -> Floats:
    """Return an odd number of symmetric taps with the magnitude of biquads in series."""
    size = _taps(sample_rate_hz)
    frequencies = np.arange(size + 1) * sample_rate_hz / (2 * size)
    magnitude = 10 ** (sections_magnitude_db(sections, frequencies, sample_rate_hz) / 20)
    response = np.fft.irfft(magnitude, 2 * size)
    half = size // 2
    taps = np.concatenate([response[-half:], response[: half + 1]])
    return np.asarray(taps * np.kaiser(taps.size, _KAISER_BETA))


def _taps(sample_rate_hz: int) -> int:
    """Return a power of two that lasts about as long at every rate."""
    return int(2 ** round(np.log2(_TAPS_AT_48K * sample_rate_hz / 48_000)))


class LinearPhaseStream:
    """A linear-phase filter at work on one signal."""

    def __init__(self, sections: Floats, *, sample_rate_hz: int, channels: int) -> None:
        taps = design_taps(sections, sample_rate_hz)
        self._segment = taps.size - 1
        self._spectrum = np.fft.rfft(taps, 2 * self._segment)
        self._past = np.zeros((channels, 2 * self._segment), np.float64)
        self._filled = 0
        self._ready: NDArray[np.float32] = np.zeros((channels, self._segment), np.float32)
        self.latency_frames = self._segment + taps.size // 2
        self.tail_frames = taps.size

    def process(self, block: Samples) -> Samples:
        """Return as many frames as came in, late by latency_frames."""
        out = np.empty_like(block)
        done, size = 0, self._segment
        while done < block.shape[1]:
            part = min(size - self._filled, block.shape[1] - done)
            self._past[:, size + self._filled : size + self._filled + part] = block[:, done : done + part]
            out[:, done : done + part] = self._ready[:, self._filled : self._filled + part]
            self._filled += part
            done += part
            if self._filled == size:
                self._turn()
        return out

    def _turn(self) -> None:
        """Filter the segment that is full, and begin the next."""
        size = self._segment
        whole = np.fft.irfft(np.fft.rfft(self._past, axis=1) * self._spectrum, 2 * size, axis=1)
        self._ready = whole[:, size:].astype(np.float32)
        self._past[:, :size] = self._past[:, size:]
        self._filled = 0
