"""Upward compressor: lifts what is quiet, leaves what is loud, and does not lift what lies below a floor."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.kernels import njit
from tonmeister.model import Db, Model, Ms, Share
from tonmeister.processing.decibels import (
    CHUNK_FRAMES,
    DB_PER_LOG2,
    exp2_in_place,
    log2_in_place,
    smoothing_coefficient,
)
from tonmeister.processing.stream import run_stream

DETECTOR_MS = 10.0
"""Time constant of the RMS detector."""
FADE_DB = 12.0
"""Below the floor the lift fades out over so many decibels."""
_LEAST_POWER = 1e-20


class UpwardCompressor(Model):
    """Settings of an upward compressor (levels in dBFS RMS)."""

    kind: Literal["upward_compressor"] = "upward_compressor"
    threshold_db: Db = Field(default=-30.0, ge=-80, le=0)
    """Level below which it lifts, in dBFS RMS."""
    ratio: float = Field(default=2.0, ge=1, le=10)
    """Decibels in per decibel out below the threshold; 1 changes nothing."""
    range_db: Db = Field(default=4.0, ge=0, le=24)
    """Most that it lifts."""
    floor_db: Db = Field(default=-60.0, ge=-120, le=0)
    """Level below which it lifts less and less, so that noise and pauses stay down."""
    attack_ms: Ms = Field(default=10.0, ge=0, le=500)
    """Time in which the lift goes by 63 % where the sound gets louder, in decibels."""
    release_ms: Ms = Field(default=150.0, ge=1, le=5000)
    """Time in which the lift comes by 63 % where the sound gets quieter, in decibels."""
    mix: Share = 1.0
    """Share of the lifted sound, the rest is dry."""


def is_neutral(settings: UpwardCompressor) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.mix == 0 or settings.ratio == 1 or settings.range_db == 0


def lift_quiet(audio: Audio, settings: UpwardCompressor, *, key: Audio | None = None) -> Audio:
    """Return the audio with its quiet parts lifted; the key (same frames) steers it in place of the audio."""
    stream = UpwardCompressorStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream, key=key)


class UpwardCompressorStream:
    """An upward compressor at work on one signal."""

    latency_frames = 0
    tail_frames = 0

    def __init__(self, settings: UpwardCompressor, *, sample_rate_hz: int, channels: int) -> None:
        del channels
        self._neutral = is_neutral(settings)
        times_ms = (DETECTOR_MS, settings.attack_ms, settings.release_ms)
        keep = [smoothing_coefficient(time_ms, sample_rate_hz) for time_ms in times_ms]
        slope = 1.0 - 1.0 / settings.ratio
        curve = (settings.threshold_db, slope, settings.range_db, settings.floor_db, settings.mix)
        self._numbers = np.array([*keep, *curve], np.float64)
        self._state = np.zeros(3)

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the block, its quiet parts lifted."""
        if self._neutral:
            return block.copy()
        out = np.empty_like(block)
        _lift_block(block if key is None else key, block, out, self._numbers, self._state)
        return out


@njit(nogil=True, cache=True)
def _lift_block(
    source: Samples, block: Samples, out: Samples, numbers: NDArray[np.float64], state: NDArray[np.float64]
) -> None:
    gains = np.empty(CHUNK_FRAMES, np.float32)
    wet, dry = np.float32(numbers[7]), np.float32(1.0 - numbers[7])
    for start in range(0, out.shape[1], CHUNK_FRAMES):
        count = min(CHUNK_FRAMES, out.shape[1] - start)
        _read_power(source, start, count, numbers[0], state, gains)
        log2_in_place(gains, count)
        _find_lift(gains, count, numbers)
        _smooth(gains, count, numbers[1], numbers[2], state)
        exp2_in_place(gains, count)
        for channel in range(out.shape[0]):
            for i in range(count):
                out[channel, start + i] = block[channel, start + i] * (dry + wet * gains[i])


@njit(nogil=True, cache=True)
def _read_power(
    source: Samples, start: int, count: int, keep: float, state: NDArray[np.float64], levels: NDArray[np.float32]
) -> None:
    """Write the running mean square of the louder channel; state is both mean squares, lift in log2."""
    last = source.shape[0] - 1
    first_power, last_power = state[0], state[1]
    for i in range(count):
        a, b = np.float64(source[0, start + i]), np.float64(source[last, start + i])
        first_power = keep * first_power + ((1.0 - keep) * a * a + 1e-40)  # the bias keeps denormals away
        last_power = keep * last_power + ((1.0 - keep) * b * b + 1e-40)
        levels[i] = np.float32(max(first_power, last_power, _LEAST_POWER))
    state[0], state[1] = first_power, last_power


@njit(nogil=True, cache=True)
def _find_lift(levels: NDArray[np.float32], count: int, numbers: NDArray[np.float64]) -> None:
    """Replace the logarithm of the power by the wanted lift, in log2."""
    threshold, slope, most = np.float32(numbers[3]), np.float32(numbers[4]), np.float32(numbers[5])
    lowest = np.float32(numbers[6] - FADE_DB)
    scale, back = np.float32(DB_PER_LOG2 / 2), np.float32(1.0 / DB_PER_LOG2)
    zero, one, fade = np.float32(0.0), np.float32(1.0), np.float32(1.0 / FADE_DB)
    for i in range(count):
        level = scale * levels[i]
        lift = min(max(slope * (threshold - level), zero), most)
        share = min(max((level - lowest) * fade, zero), one)
        levels[i] = back * lift * share


@njit(nogil=True, cache=True)
def _smooth(lifts: NDArray[np.float32], count: int, fall: float, rise: float, state: NDArray[np.float64]) -> None:
    lift = state[2]
    for i in range(count):
        target = np.float64(lifts[i])
        keep = fall if target < lift else rise
        lift = target + (lift - target) * keep
        lift = 0.0 if lift < 1e-12 else lift  # keeps denormals away
        lifts[i] = np.float32(lift)
    state[2] = lift
