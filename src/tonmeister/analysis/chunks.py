"""Blocks of any length become whole seconds, so that no measurement can depend on how its input was cut."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Samples
from tonmeister.errors import AudioFormatError
from tonmeister.kernels import njit


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """One second of a signal that starts at a whole second; the last one may be shorter.

    The samples are only lent: a meter copies what it wants to keep.
    """

    samples: Samples
    """Shape (channels, frames), rows contiguous."""
    silent: bool
    """Every sample is exactly zero."""
    twin: bool
    """Two channels that hold exactly the same samples; False for mono."""

    @property
    def channels_to_measure(self) -> int:
        """1 when the second channel would only repeat the first."""
        return 1 if self.twin else int(self.samples.shape[0])


class Chunker:
    """Cuts a stream of blocks into chunks of one second."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self._store: Samples = np.zeros((channels, sample_rate_hz), np.float32)
        self._filled = 0

    def cut(self, block: Samples) -> Iterator[Chunk]:
        """Yield the whole seconds that this block completes.

        Raises:
            AudioFormatError: If the block has another shape or type than announced.
        """
        channels, second = self._store.shape
        if block.ndim != 2 or block.shape[0] != channels or block.dtype != np.float32:
            raise AudioFormatError(
                f"This meter takes ({channels}, frames) of float32; got shape {block.shape} of {block.dtype}."
            )
        # A read-only or strided view would make numba compile every kernel again; such blocks go through the store.
        direct = block.flags.c_contiguous and block.flags.writeable
        position, frames = 0, block.shape[1]
        while position < frames:
            if direct and self._filled == 0 and frames - position >= second:
                yield look_at(block[:, position : position + second])
                position += second
                continue
            take = min(second - self._filled, frames - position)
            self._store[:, self._filled : self._filled + take] = block[:, position : position + take]
            self._filled += take
            position += take
            if self._filled == second:
                self._filled = 0
                yield look_at(self._store)

    def rest(self) -> Chunk | None:
        """Return what has not filled a second yet; it stays in the store."""
        return look_at(self._store[:, : self._filled]) if self._filled else None


def look_at(samples: Samples) -> Chunk:
    """Return the samples as a chunk, with what can be skipped noted."""
    bits = samples.view(np.int32)
    silent = _is_silent(bits[0]) and (samples.shape[0] == 1 or _is_silent(bits[1]))
    twin = samples.shape[0] == 2 and _is_equal(bits[0], bits[1])
    return Chunk(samples, silent, twin)


@njit(nogil=True, cache=True)
def _is_silent(bits: NDArray[np.int32]) -> bool:
    """Tell whether all samples are +0 or -0; looks at 1,024 at a time so that sound ends it early."""
    for start in range(0, bits.size, 1024):
        found = np.int32(0)
        for i in range(start, min(bits.size, start + 1024)):
            found |= bits[i] & np.int32(0x7FFFFFFF)
        if found != 0:
            return False
    return True


@njit(nogil=True, cache=True)
def _is_equal(left: NDArray[np.int32], right: NDArray[np.int32]) -> bool:
    """Tell whether two channels hold the same bits."""
    for start in range(0, left.size, 1024):
        found = np.int32(0)
        for i in range(start, min(left.size, start + 1024)):
            found |= left[i] ^ right[i]
        if found != 0:
            return False
    return True
