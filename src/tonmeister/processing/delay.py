"""Tempo delay: repeats with feedback, filters, ping-pong and ducking."""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.kernels import njit
from tonmeister.model import Db, Hz, Model, Ms, Share
from tonmeister.processing.decibels import smoothing_coefficient
from tonmeister.processing.dynamics import Curve, GainRider
from tonmeister.processing.stream import run_stream

_TINY = 1e-18
_TAIL_DB = 90.0


class Delay(Model):
    """Settings of a feedback delay; wet only unless mix says otherwise."""

    kind: Literal["delay"] = "delay"
    time_ms: Ms = Field(default=375.0, ge=1, le=4000)
    """Time between the repeats; one note value of the song's tempo."""
    feedback: float = Field(default=0.3, ge=0, le=0.95)
    """Gain from one repeat to the next."""
    ping_pong: bool = False
    """Repeats go left, right, left …; the input is summed to mono first."""
    low_cut_hz: Hz = Field(default=150.0, ge=10, le=2000)
    """First-order cut of lows, once more with every repeat."""
    high_cut_hz: Hz = Field(default=6000.0, ge=500, le=22000)
    """First-order cut of highs, once more with every repeat."""
    ducking_db: Db = Field(default=0.0, ge=0, le=24)
    """How much the repeats are turned down while the dry sound (or the key) plays; 0 is off."""
    ducking_threshold_db: Db = Field(default=-40.0, ge=-80, le=0)
    """Level above which the dry sound counts as playing, in dBFS."""
    mix: Share = 1.0
    """Share of the wet sound; sends use 1."""


def is_neutral(settings: Delay) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.mix == 0


def delay(audio: Audio, settings: Delay, *, key: Audio | None = None) -> Audio:
    """Return the repeats of the audio (as long as the audio: append silence for the tail).

    The key (same frames) ducks them in place of the audio.
    """
    stream = DelayStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream, key=key)


@njit(nogil=True, cache=True)
def _repeat(
    x: Samples,
    ring: NDArray[np.float32],
    place: int,
    numbers: tuple[float, float, float, bool],
    state: NDArray[np.float64],
    out: Samples,
) -> int:
    """Write the repeats; state is (channels, 2) of the high and the low cut. Returns the new place in the ring."""
    feedback, high_keep, low_keep, ping_pong = numbers
    last = x.shape[0] - 1
    high_a, low_a, high_b, low_b = state[0, 0], state[0, 1], state[last, 0], state[last, 1]
    for i in range(x.shape[1]):
        a, b = np.float64(ring[0, place]), np.float64(ring[last, place])
        high_a, high_b = a + high_keep * (high_a - a), b + high_keep * (high_b - b)
        low_a, low_b = high_a + low_keep * (low_a - high_a), high_b + low_keep * (low_b - high_b)
        wet_a, wet_b = high_a - low_a, high_b - low_b
        out[0, i], out[last, i] = np.float32(wet_a), np.float32(wet_b)
        fed_a, fed_b = np.float64(x[0, i]), np.float64(x[last, i])
        if ping_pong:
            fed_a, fed_b = 0.5 * (fed_a + fed_b) + feedback * wet_b, feedback * wet_a
        else:
            fed_a, fed_b = fed_a + feedback * wet_a, fed_b + feedback * wet_b
        ring[0, place] = np.float32(fed_a) if abs(fed_a) > _TINY else np.float32(0)
        ring[last, place] = np.float32(fed_b) if abs(fed_b) > _TINY else np.float32(0)
        high_a, low_a = high_a if abs(high_a) > _TINY else 0.0, low_a if abs(low_a) > _TINY else 0.0
        high_b, low_b = high_b if abs(high_b) > _TINY else 0.0, low_b if abs(low_b) > _TINY else 0.0
        place = place + 1 if place + 1 < ring.shape[1] else 0
    state[0, 0], state[0, 1], state[last, 0], state[last, 1] = high_a, low_a, high_b, low_b
    return place


class DelayStream:
    """A delay at work; ping-pong needs two channels and is a plain delay on one."""

    latency_frames = 0

    def __init__(self, settings: Delay, *, sample_rate_hz: int, channels: int) -> None:
        self._neutral = is_neutral(settings)
        self._mix = np.float32(settings.mix)
        frames = max(1, round(settings.time_ms * sample_rate_hz / 1000))
        self.tail_frames = 0 if self._neutral else frames * count_repeats(settings)
        self._ring = np.zeros((channels, frames), np.float32)
        self._place = 0
        self._numbers = (
            settings.feedback,
            _keep(settings.high_cut_hz, sample_rate_hz),
            _keep(settings.low_cut_hz, sample_rate_hz),
            settings.ping_pong and channels == 2,
        )
        self._state = np.zeros((channels, 2))
        self._ducker = _design_ducker(settings, sample_rate_hz, channels) if settings.ducking_db > 0 else None

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the next frames of the repeats."""
        if self._neutral:
            return block.copy()
        wet = np.empty_like(block)
        self._place = _repeat(block, self._ring, self._place, self._numbers, self._state, wet)
        if self._ducker is not None:
            wet = self._ducker.ride(wet, block if key is None else key)
        return wet if self._mix == 1 else (np.float32(1) - self._mix) * block + self._mix * wet


def count_repeats(settings: Delay) -> int:
    """Return after how many repeats a full-scale sound is below −90 dB."""
    if settings.feedback <= 0:
        return 1
    return 1 + math.ceil(_TAIL_DB / (-20.0 * math.log10(settings.feedback)))


def _keep(frequency_hz: float, sample_rate_hz: int) -> float:
    """Return the one-pole factor of a cut at this frequency."""
    return math.exp(-2.0 * math.pi * frequency_hz / sample_rate_hz)


def _design_ducker(settings: Delay, sample_rate_hz: int, channels: int) -> GainRider:
    curve = Curve(
        threshold_db=settings.ducking_threshold_db,
        knee_db=6.0,
        slope=-1.0,
        below=False,
        range_db=settings.ducking_db,
        fall=smoothing_coefficient(10.0, sample_rate_hz),
        rise=smoothing_coefficient(200.0, sample_rate_hz),
        makeup_db=0.0,
        mix=1.0,
        rms=smoothing_coefficient(10.0, sample_rate_hz),
    )
    return GainRider(curve, lookahead_frames=0, channels=channels)
