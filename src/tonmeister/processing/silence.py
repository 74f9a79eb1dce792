"""Digital silence within a signal: long runs of zeros, in which a repair that adds anything must not work."""

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Samples
from tonmeister.kernels import njit

SILENCE_FRAMES = 64
"""So many zeros in a row, in all channels, are digital silence."""


class SilenceDelay:
    """Delays a signal by SILENCE_FRAMES and tells which frames are no digital silence."""

    def __init__(self, channels: int) -> None:
        self._held = np.zeros((channels, SILENCE_FRAMES), np.float32)
        self._zeros = SILENCE_FRAMES

    def join(self, block: Samples) -> tuple[Samples, NDArray[np.bool_]]:
        """Return the late frames, a copy, and where they sound."""
        joined = np.concatenate((self._held, block), axis=1)
        frames = block.shape[1]
        self._held = joined[:, frames:].copy()
        sounds = np.zeros(frames, np.bool_)
        self._zeros = _find_sound(joined, self._zeros, sounds)
        return np.ascontiguousarray(joined[:, :frames]), sounds


@njit(nogil=True, cache=True)
def _find_sound(joined: Samples, zeros: int, sounds: NDArray[np.bool_]) -> int:
    """Mark the frames outside of long runs of zeros; return how many zeros stand before the next frame."""
    ahead = np.zeros(joined.shape[1] + 1, np.int64)
    for i in range(joined.shape[1] - 1, -1, -1):
        silent = True
        for channel in range(joined.shape[0]):
            silent = silent and joined[channel, i] == 0
        ahead[i] = ahead[i + 1] + 1 if silent else 0
    for i in range(sounds.size):
        zeros = zeros + 1 if ahead[i] > 0 else 0
        sounds[i] = ahead[i] == 0 or zeros + min(ahead[i] - 1, 64) < 64
    return zeros
