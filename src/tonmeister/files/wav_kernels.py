"""Kernels between the bytes of a WAV file and (channels, frames): one pass, mono or stereo, equal to libsndfile.

The scales are powers of two, so integer samples survive the way to float32 and back exactly (32-bit: rounded once).
"""

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Samples
from tonmeister.kernels import njit

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int32]

SCALE_16 = np.float32(2.0**-15)
SCALE_32 = np.float32(2.0**-31)
EXPONENT = np.int32(0x7F800000)
FLOAT32_MAX = 3.4028234663852886e38


@njit(nogil=True, cache=True)
def unpack_pcm16(raw: NDArray[np.int16], out: Samples) -> None:
    """Write interleaved 16-bit samples to (channels, frames) float32."""
    left, right, stereo = out[0], out[-1], out.shape[0] == 2
    if stereo:
        for i in range(left.size):
            left[i] = np.float32(raw[2 * i]) * SCALE_16
            right[i] = np.float32(raw[2 * i + 1]) * SCALE_16
    else:
        for i in range(left.size):
            left[i] = np.float32(raw[i]) * SCALE_16


@njit(nogil=True, cache=True)
def _join_24(low: np.uint8, middle: np.uint8, high: np.uint8) -> np.float32:
    word = (np.uint32(low) << 8) | (np.uint32(middle) << 16) | (np.uint32(high) << 24)
    return np.float32(np.int32(word)) * SCALE_32


@njit(nogil=True, cache=True)
def unpack_pcm24(raw: Bytes, out: Samples) -> None:
    """Write interleaved packed 24-bit samples to (channels, frames) float32."""
    left, right, stereo = out[0], out[-1], out.shape[0] == 2
    if stereo:
        for i in range(left.size):
            j = 6 * i
            left[i] = _join_24(raw[j], raw[j + 1], raw[j + 2])
            right[i] = _join_24(raw[j + 3], raw[j + 4], raw[j + 5])
    else:
        for i in range(left.size):
            j = 3 * i
            left[i] = _join_24(raw[j], raw[j + 1], raw[j + 2])


@njit(nogil=True, cache=True)
def unpack_pcm32(raw: Ints, out: Samples) -> None:
    """Write interleaved 32-bit integers to (channels, frames) float32."""
    left, right, stereo = out[0], out[-1], out.shape[0] == 2
    if stereo:
        for i in range(left.size):
            left[i] = np.float32(raw[2 * i]) * SCALE_32
            right[i] = np.float32(raw[2 * i + 1]) * SCALE_32
    else:
        for i in range(left.size):
            left[i] = np.float32(raw[i]) * SCALE_32


@njit(nogil=True, cache=True)
def unpack_float32(raw: Ints, out: Ints) -> np.int64:
    """Copy interleaved float32, seen as int32 words; non-finite ones become 0 and are counted."""
    left, right, stereo = out[0], out[-1], out.shape[0] == 2
    bad = np.int64(0)
    if stereo:
        for i in range(left.size):
            a, b = raw[2 * i], raw[2 * i + 1]
            bad_a, bad_b = (a & EXPONENT) == EXPONENT, (b & EXPONENT) == EXPONENT
            left[i] = np.int32(0) if bad_a else a
            right[i] = np.int32(0) if bad_b else b
            bad += np.int64(bad_a) + np.int64(bad_b)
    else:
        for i in range(left.size):
            a = raw[i]
            bad_a = (a & EXPONENT) == EXPONENT
            left[i] = np.int32(0) if bad_a else a
            bad += np.int64(bad_a)
    return bad


@njit(nogil=True, cache=True)
def unpack_float64(raw: NDArray[np.float64], out: Samples) -> np.int64:
    """Round interleaved float64 to float32; what float32 cannot hold becomes 0 and is counted."""
    channels, frames = out.shape
    bad = np.int64(0)
    for channel in range(channels):
        row = out[channel]
        for i in range(frames):
            value = raw[channels * i + channel]
            good = abs(value) <= FLOAT32_MAX  # false for NaN too
            row[i] = np.float32(value) if good else np.float32(0)
            bad += np.int64(not good)
    return bad


@njit(nogil=True, cache=True)
def pack_pcm16(samples: Ints, out: NDArray[np.int16]) -> None:
    """Interleave (channels, frames) integers of 16-bit range; what is outside is held at the limit."""
    channels, frames = samples.shape
    for i in range(frames):
        for channel in range(channels):
            out[channels * i + channel] = min(max(samples[channel, i], np.int32(-32768)), np.int32(32767))


@njit(nogil=True, cache=True)
def pack_pcm24(samples: Ints, out: Bytes) -> None:
    """Interleave (channels, frames) integers of 24-bit range as packed bytes; what is outside is held at the limit."""
    channels, frames = samples.shape
    j = 0
    for i in range(frames):
        for channel in range(channels):
            value = min(max(samples[channel, i], np.int32(-8388608)), np.int32(8388607))
            out[j] = value & 255
            out[j + 1] = (value >> 8) & 255
            out[j + 2] = (value >> 16) & 255
            j += 3


@njit(nogil=True, cache=True)
def _rounded24(sample: np.float32) -> np.uint32:
    full = np.float32(8388608)  # all of this is exact in float32
    held = np.int32(min(max(np.rint(sample * full), -full), full - np.float32(1)))
    return np.uint32(held) & np.uint32(0xFFFFFF)


@njit(nogil=True, cache=True)
def pack_rounded_pcm24(samples: NDArray[np.float32], out: NDArray[np.uint32]) -> None:
    """Write float32 samples, four into three words, as packed 24-bit integers by plain rounding, held at full scale.

    `out` has three words for every four samples that were begun; what of the last is not needed is 0.
    """
    whole, left = len(samples) // 4, len(samples) % 4
    for i in range(whole + (left > 0)):
        at = 4 * i
        a = _rounded24(samples[at])
        b = _rounded24(samples[at + 1]) if i < whole or left > 1 else np.uint32(0)
        c = _rounded24(samples[at + 2]) if i < whole or left > 2 else np.uint32(0)
        d = _rounded24(samples[at + 3]) if i < whole else np.uint32(0)
        out[3 * i] = a | (b << np.uint32(24))
        out[3 * i + 1] = (b >> np.uint32(8)) | (c << np.uint32(16))
        out[3 * i + 2] = (c >> np.uint32(16)) | (d << np.uint32(8))


@njit(nogil=True, cache=True)
def interleave(samples: Samples, out: NDArray[np.float32]) -> None:
    """Interleave (channels, frames) float32."""
    channels, frames = samples.shape
    if channels == 2:
        left, right = samples[0], samples[1]
        for i in range(frames):
            out[2 * i] = left[i]
            out[2 * i + 1] = right[i]
    else:
        for i in range(frames):
            for channel in range(channels):
                out[channels * i + channel] = samples[channel, i]
