"""Gate with hysteresis, hold and look-ahead; all channels share one gain."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.kernels import njit
from tonmeister.model import Db, Model, Ms, Share
from tonmeister.processing.decibels import smoothing_coefficient, to_db, to_gain
from tonmeister.processing.dynamics import ACTIVE_DB, DelayLine, Reduction, summarise_reduction
from tonmeister.processing.stream import run_stream

ENVELOPE_MS = 10.0
"""How slowly the peak detector lets go, so that zero crossings of a low note do not count as pauses."""
_ACTIVE_GAIN = to_gain(-ACTIVE_DB)


class Gate(Model):
    """Settings of a gate: open above the threshold, closed below threshold − hysteresis."""

    kind: Literal["gate"] = "gate"
    threshold_db: Db = Field(default=-45.0, ge=-100, le=0)
    """Peak level at which it opens, in dBFS."""
    hysteresis_db: Db = Field(default=6.0, ge=0, le=24)
    """How far below the threshold the level must fall before it closes."""
    hold_ms: Ms = Field(default=50.0, ge=0, le=2000)
    """How long it stays open after the level has fallen."""
    range_db: Db = Field(default=20.0, ge=0, le=100)
    """How much it turns down when closed."""
    attack_ms: Ms = Field(default=1.0, ge=0, le=200)
    """Time of 63 % of the opening, in gain."""
    release_ms: Ms = Field(default=120.0, ge=1, le=5000)
    """Time of 63 % of the closing, in gain."""
    lookahead_ms: Ms = Field(default=0.0, ge=0, le=20)
    """How far the detector hears ahead of the sound; becomes latency."""
    mix: Share = 1.0
    """Share of the gated sound, the rest is dry."""


def is_neutral(settings: Gate) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.mix == 0 or settings.range_db == 0


def gate(audio: Audio, settings: Gate, *, key: Audio | None = None) -> Audio:
    """Return the audio, its pauses turned down; the key (same frames) opens it in place of the audio."""
    stream = GateStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream, key=key)


@njit(nogil=True, cache=True)
def _gate_block(
    source: Samples, delayed: Samples, out: Samples, numbers: NDArray[np.float64], state: NDArray[np.float64]
) -> None:
    """State is gain, envelope, hold frames left, lowest gain, sum and count of gains while it works; open while hold is left."""
    open_level, close_level, fade = numbers[0], numbers[1], numbers[2]
    hold, closed, opening, closing = numbers[3], numbers[4], numbers[5], numbers[6]
    wet, dry = numbers[7], 1.0 - numbers[7]
    gain, envelope, left = state[0], state[1], state[2]
    lowest, total, active = state[3], state[4], state[5]
    last = source.shape[0] - 1
    for i in range(out.shape[1]):
        level = np.float64(max(abs(source[0, i]), abs(source[last, i])))
        envelope = max(level, envelope * fade + 1e-30)  # the bias keeps denormals away
        heard = envelope >= open_level or (left > 0.0 and envelope >= close_level)
        left = hold if heard else max(left - 1.0, 0.0)
        target = 1.0 if left > 0.0 else closed
        gain = target + (gain - target) * (opening if target > gain else closing)
        lowest = min(lowest, gain)
        works = gain <= _ACTIVE_GAIN
        total += gain if works else 0.0
        active += 1.0 if works else 0.0
        factor = np.float32(dry + wet * gain)
        for channel in range(out.shape[0]):
            out[channel, i] = delayed[channel, i] * factor
    state[0], state[1], state[2] = gain, envelope, left
    state[3], state[4], state[5] = lowest, total, active


class GateStream:
    """A gate at work; starts closed."""

    tail_frames = 0

    def __init__(self, settings: Gate, *, sample_rate_hz: int, channels: int) -> None:
        self._neutral = is_neutral(settings)
        self.latency_frames = 0 if self._neutral else round(settings.lookahead_ms * sample_rate_hz / 1000)
        self._numbers = _numbers_of(settings, sample_rate_hz)
        closed = to_gain(-settings.range_db)
        self._state = np.array([closed, 0.0, 0.0, 1.0, 0.0, 0.0])
        self._frames = 0
        self._delay = DelayLine(self.latency_frames, channels)

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the next frames, late by latency_frames."""
        if self._neutral:
            return block.copy()
        out = np.empty_like(block)
        _gate_block(block if key is None else key, self._delay.join(block), out, self._numbers, self._state)
        self._frames += block.shape[1]
        return out

    @property
    def reduction(self) -> Reduction:
        """What it took away so far; the mean is that of the gain while it worked."""
        lowest, total, active = (float(v) for v in self._state[3:6])
        mean_db = to_db(total / active) if active else 0.0
        return summarise_reduction(
            deepest_db=to_db(lowest), sum_db=mean_db * active, active=active, frames=self._frames
        )


def _numbers_of(settings: Gate, sample_rate_hz: int) -> NDArray[np.float64]:
    numbers = (
        to_gain(settings.threshold_db),
        to_gain(settings.threshold_db - settings.hysteresis_db),
        smoothing_coefficient(ENVELOPE_MS, sample_rate_hz),
        max(1.0, round(settings.hold_ms * sample_rate_hz / 1000)),
        to_gain(-settings.range_db),
        smoothing_coefficient(settings.attack_ms, sample_rate_hz),
        smoothing_coefficient(settings.release_ms, sample_rate_hz),
        settings.mix,
    )
    return np.array(numbers, dtype=np.float64)


def long_closed(peaks_10ms: NDArray[np.float64], settings: Gate) -> NDArray[np.bool_]:
    """Return (steps,) where a gate has been closed for hold and twice its release, from the peaks of 10 ms steps."""
    low = peaks_10ms < to_gain(settings.threshold_db - settings.hysteresis_db)
    since = max(1, round((settings.hold_ms + 2 * settings.release_ms) / 10) + 2)
    if low.size < since:
        return np.zeros(low.size, bool)
    quiet = np.convolve(low, np.ones(since), "full")[: low.size] > since - 0.5
    ahead = np.append(low[1:], True)
    return np.asarray(quiet & ahead)
