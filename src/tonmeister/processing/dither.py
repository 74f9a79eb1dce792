"""Triangular dither to whole numbers, the same bytes whatever the blocks."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.kernels import njit
from tonmeister.model import Model
from tonmeister.processing.stream import run_stream


class Dither(Model):
    """Settings of the last step before integer samples: TPDF of 2 LSB peak to peak (Lipshitz, Vanderkooy, Wannamaker 1992)."""

    kind: Literal["dither"] = "dither"
    bits: Literal[16, 24] = 24
    """Word length of the file."""
    seed: int = Field(default=0, ge=0, lt=2**32)
    """Picks the noise; the same seed gives the same bytes."""


def is_neutral(settings: Dither) -> bool:  # noqa: ARG001 - the same question for every processor
    """Dither is never neutral."""
    return False


@njit(nogil=True, cache=True)
def mix_bits(counter: np.uint64) -> np.uint64:
    """Return 64 well-mixed bits of a counter (SplitMix64, Steele, Lea and Flood 2014)."""
    z = counter * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit(nogil=True, cache=True)
def _quantise(block: Samples, bits: int, start_frame: int, seed: int, out: NDArray[np.int32]) -> None:
    scale = 2.0 ** (bits - 1)
    highest, lowest = scale - 1.0, -scale
    half_lsb = 2.0**-32
    for channel in range(block.shape[0]):
        origin = mix_bits(np.uint64(seed) * np.uint64(2) + np.uint64(channel) + np.uint64(1))
        row, whole = block[channel], out[channel]
        for i in range(row.size):
            noise = mix_bits(origin + np.uint64(start_frame + i))
            one, other = np.int64(noise >> np.uint64(32)), np.int64(noise & np.uint64(0xFFFFFFFF))
            value = np.float64(row[i]) * scale + np.float64(one - other) * half_lsb
            whole[i] = np.int32(min(max(np.floor(value + 0.5), lowest), highest))


def quantise_block(block: Samples, bits: int, start_frame: int, seed: int) -> NDArray[np.int32]:
    """Return the block as whole numbers of the given bits with triangular dither of 2 LSB peak to peak.

    The noise depends on the seed, the channel and the frame's place in the song alone, so cutting changes no byte; samples
    beyond full scale are clipped. Integers are right-aligned: 24 bits run from −8388608 to 8388607.
    """
    out = np.empty(block.shape, np.int32)
    _quantise(np.ascontiguousarray(block), bits, start_frame, seed, out)
    return out


def dither(audio: Audio, settings: Dither) -> Audio:
    """Return the audio on the grid of the word length, with dither (what a file of these bits would hold)."""
    stream = DitherStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream)


class DitherStream:
    """Dither at work; the output is float32 on the grid of the word length."""

    latency_frames = 0
    tail_frames = 0

    def __init__(self, settings: Dither, *, sample_rate_hz: int, channels: int) -> None:
        self._settings = settings
        self._frame = 0

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the next frames; a key changes nothing."""
        whole = quantise_block(block, self._settings.bits, self._frame, self._settings.seed)
        self._frame += block.shape[1]
        return (whole * np.float32(0.5 ** (self._settings.bits - 1))).astype(np.float32)
