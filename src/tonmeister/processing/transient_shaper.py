"""Transient shaper: turns the attacks and the tails of notes up or down, whatever their level; all channels share one gain.

Envelope difference: where a fast envelope stands over a slow one there is an attack, where a slowly falling one stands over the
fast one a note dies away. No threshold, so loud and soft notes are shaped alike.
"""

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

PEAK_MS = 30.0
"""How slowly the peak detector lets go: a note of 40 Hz ripples by less than the dead zone."""
FAST_MS = 1.0
"""Rise of the fast envelope, and of the gain."""
DEAD_DB = 4.0
"""Differences of the envelopes below this are the wave itself."""
FULL_DB = 12.0
"""Difference from which the whole gain is given."""
_FLOOR = 1e-5
"""−100 dB stand for silence, so that noise between notes is no attack."""


class TransientShaper(Model):
    """Settings of a transient shaper: gain of attacks and of tails."""

    kind: Literal["transient_shaper"] = "transient_shaper"
    attack_db: Db = Field(default=0.0, ge=-15, le=15)
    """Gain of the attacks; negative rounds them off."""
    sustain_db: Db = Field(default=0.0, ge=-15, le=15)
    """Gain of what follows the attack; negative dries it up."""
    attack_ms: Ms = Field(default=20.0, ge=3, le=100)
    """How long an attack lasts, about."""
    sustain_ms: Ms = Field(default=300.0, ge=50, le=2000)
    """How slowly a tail may fall and still count as one."""
    mix: Share = 1.0
    """Share of the shaped sound, the rest is dry."""


def is_neutral(settings: TransientShaper) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.mix == 0 or (settings.attack_db == 0 and settings.sustain_db == 0)


def shape_transients(audio: Audio, settings: TransientShaper, *, key: Audio | None = None) -> Audio:
    """Return the audio with its attacks and tails shaped; the key (same frames) steers it in place of the audio."""
    stream = TransientShaperStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream, key=key)


class TransientShaperStream:
    """A transient shaper at work on one signal."""

    latency_frames = 0
    tail_frames = 0

    def __init__(self, settings: TransientShaper, *, sample_rate_hz: int, channels: int) -> None:
        del channels
        self._neutral = is_neutral(settings)
        times_ms = (PEAK_MS, FAST_MS, settings.attack_ms, settings.sustain_ms)
        keep = [smoothing_coefficient(time_ms, sample_rate_hz) for time_ms in times_ms]
        self._numbers = np.array([*keep, settings.attack_db, settings.sustain_db, settings.mix], np.float64)
        self._state = np.array([_FLOOR, _FLOOR, _FLOOR, _FLOOR, 0.0])

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the block, shaped."""
        if self._neutral:
            return block.copy()
        out = np.empty_like(block)
        _shape_block(block if key is None else key, block, out, self._numbers, self._state)
        return out


@njit(nogil=True, cache=True)
def _shape_block(
    source: Samples, block: Samples, out: Samples, numbers: NDArray[np.float64], state: NDArray[np.float64]
) -> None:
    rises = np.empty(CHUNK_FRAMES, np.float32)
    falls = np.empty(CHUNK_FRAMES, np.float32)
    wet, dry = np.float32(numbers[6]), np.float32(1.0 - numbers[6])
    for start in range(0, out.shape[1], CHUNK_FRAMES):
        count = min(CHUNK_FRAMES, out.shape[1] - start)
        _follow(source, start, count, numbers, state, rises, falls)
        log2_in_place(rises, count)
        log2_in_place(falls, count)
        _weigh(rises, falls, count, numbers[4], numbers[5])
        _smooth(rises, count, numbers[1], state)
        exp2_in_place(rises, count)
        for channel in range(out.shape[0]):
            for i in range(count):
                out[channel, start + i] = block[channel, start + i] * (dry + wet * rises[i])


@njit(nogil=True, cache=True)
def _follow(
    source: Samples,
    start: int,
    count: int,
    numbers: NDArray[np.float64],
    state: NDArray[np.float64],
    rises: NDArray[np.float32],
    falls: NDArray[np.float32],
) -> None:
    """Write fast over slow, and slowly falling over fast; state is peak, fast, slow, falling envelope, gain."""
    keep_peak, keep_fast, keep_slow, keep_fall = numbers[0], numbers[1], numbers[2], numbers[3]
    peak, fast, slow, falling = state[0], state[1], state[2], state[3]
    last = source.shape[0] - 1
    for i in range(count):
        level = np.float64(max(abs(source[0, start + i]), abs(source[last, start + i])))
        peak = max(level, peak * keep_peak, _FLOOR)
        fast = peak + (fast - peak) * keep_fast
        slow = peak + (slow - peak) * keep_slow
        falling = max(fast, fast + (falling - fast) * keep_fall)
        rises[i] = np.float32(fast / slow)
        falls[i] = np.float32(falling / fast)
    state[0], state[1], state[2], state[3] = peak, fast, slow, falling


@njit(nogil=True, cache=True)
def _weigh(
    rises: NDArray[np.float32], falls: NDArray[np.float32], count: int, attack_db: float, sustain_db: float
) -> None:
    """Turn the logarithms of both ratios into the gain, in log2, in place of the first."""
    per_log2 = np.float32(DB_PER_LOG2 / (FULL_DB - DEAD_DB))
    dead = np.float32(DEAD_DB / (FULL_DB - DEAD_DB))
    attack, sustain = np.float32(attack_db / DB_PER_LOG2), np.float32(sustain_db / DB_PER_LOG2)
    zero, one = np.float32(0.0), np.float32(1.0)
    for i in range(count):
        rising = min(max(rises[i] * per_log2 - dead, zero), one)
        dying = min(max(falls[i] * per_log2 - dead, zero), one)
        rises[i] = attack * rising + sustain * dying


@njit(nogil=True, cache=True)
def _smooth(gains: NDArray[np.float32], count: int, keep: float, state: NDArray[np.float64]) -> None:
    gain = state[4]
    for i in range(count):
        target = np.float64(gains[i])
        gain = target + (gain - target) * keep
        gain = 0.0 if abs(gain) < 1e-12 else gain  # keeps denormals away
        gains[i] = np.float32(gain)
    state[4] = gain
