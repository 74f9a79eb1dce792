"""Sound at a low rate, for what is heard in the low end only."""

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Audio
from tonmeister.kernels import njit

_HALF_STEPS, _EDGE, _BETA = 12, 0.9, 8.0


def slow_down(audio: Audio, *, least_hz: int) -> tuple[NDArray[np.float32], float]:
    """Return (channels, frames) at a whole fraction of the rate, at least least_hz, in time with the sound; and that rate.

    What lies above 0.6 of the new rate is 80 dB down; between 0.4 and 0.6 some of it folds over.
    """
    step = max(1, audio.sample_rate_hz // least_hz)
    taps = _low_pass(step)
    slow = np.stack([_decimate(np.ascontiguousarray(channel), taps, step) for channel in audio.samples])
    return slow, audio.sample_rate_hz / step


def _low_pass(step: int) -> NDArray[np.float64]:
    if step == 1:
        return np.ones(1)
    place = np.arange(-_HALF_STEPS * step, _HALF_STEPS * step + 1)
    taps = np.sinc(place * _EDGE / step) * np.kaiser(place.size, _BETA)
    return np.asarray(taps / taps.sum())


@njit(nogil=True, cache=True, fastmath=True)  # no sum depends on where a block ends: there are no blocks here
def _decimate(signal: NDArray[np.float32], taps: NDArray[np.float64], step: int) -> NDArray[np.float32]:
    half = taps.size // 2
    out = np.zeros(-(-signal.size // step), np.float32)
    for i in range(out.size):
        total, start = 0.0, i * step - half
        first = max(0, -start)
        part = signal[start + first : start + taps.size]
        own = taps[first : first + part.size]
        for j in range(part.size):
            total += own[j] * part[j]
        out[i] = total
    return out
