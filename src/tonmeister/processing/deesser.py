"""Split-band de-esser: turns down what is above a frequency while it hisses."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.kernels import njit
from tonmeister.model import Db, Hz, Model, Ms
from tonmeister.processing.crossover import design_split, split_two
from tonmeister.processing.decibels import CHUNK_FRAMES, smoothing_coefficient
from tonmeister.processing.dynamics import Curve, DelayLine, Reduction, find_gain, new_state, read_reduction
from tonmeister.processing.stream import run_stream

_KNEE_DB = 3.0  # a corner would chatter on every consonant


class DeEsser(Model):
    """Settings of a split-band de-esser (Linkwitz-Riley split, the upper band is limited)."""

    kind: Literal["deesser"] = "deesser"
    frequency_hz: Hz = Field(default=6000.0, ge=1000, le=16000)
    """Where the upper band begins (its −6 dB point)."""
    threshold_db: Db = Field(default=-30.0, ge=-80, le=0)
    """Peak level of the upper band above which it is held down, in dBFS."""
    range_db: Db = Field(default=6.0, ge=0, le=24)
    """Most that the upper band is turned down."""
    attack_ms: Ms = Field(default=1.0, ge=0, le=50)
    """Time in which the gain falls by 63 %, in decibels."""
    release_ms: Ms = Field(default=60.0, ge=1, le=1000)
    """Time in which the gain comes back by 63 %, in decibels."""
    lookahead_ms: Ms = Field(default=0.0, ge=0, le=20)
    """How far the detector hears ahead of the sound; becomes latency."""


def is_neutral(settings: DeEsser) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.range_db == 0


def deess(audio: Audio, settings: DeEsser, *, key: Audio | None = None) -> Audio:
    """Return the audio with its hissing held down; the key (same frames) steers it in place of the audio."""
    stream = DeEsserStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream, key=key)


@njit(nogil=True, cache=True)
def _hold_down(
    source: Samples, whole: Samples, high: Samples, out: Samples, curve: NDArray[np.float64], state: NDArray[np.float64]
) -> None:
    gains = np.empty(CHUNK_FRAMES, np.float32)
    for start in range(0, out.shape[1], CHUNK_FRAMES):
        count = min(CHUNK_FRAMES, out.shape[1] - start)
        find_gain(source, start, count, curve, state, gains)
        for channel in range(out.shape[0]):
            for i in range(count):
                k = start + i
                out[channel, k] = whole[channel, k] + (gains[i] - np.float32(1.0)) * high[channel, k]


class _Split:
    """The all-pass and the upper band of one signal, block by block."""

    def __init__(self, coefficients: NDArray[np.float64], channels: int) -> None:
        self._coefficients = coefficients
        self._state = np.zeros((channels, 6))
        self._frame = 0

    def process(self, block: Samples) -> tuple[Samples, Samples]:
        whole, high = np.empty_like(block), np.empty_like(block)
        split_two(block, self._coefficients, self._state, self._frame, whole, high)
        self._frame += block.shape[1]
        return whole, high


class DeEsserStream:
    """A de-esser at work; `reduction` tells what it took from the upper band so far."""

    tail_frames = 0

    def __init__(self, settings: DeEsser, *, sample_rate_hz: int, channels: int) -> None:
        self._neutral = is_neutral(settings)
        self.latency_frames = 0 if self._neutral else round(settings.lookahead_ms * sample_rate_hz / 1000)
        self._state = new_state()
        self._frames = 0
        self._coefficients = design_split(settings.frequency_hz, sample_rate_hz)
        self._curve = _curve_of(settings, sample_rate_hz).as_numbers()
        self._split = _Split(self._coefficients, channels)
        self._key_split: _Split | None = None
        self._delays = DelayLine(self.latency_frames, channels), DelayLine(self.latency_frames, channels)

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the next frames, late by latency_frames."""
        if self._neutral:
            return block.copy()
        whole, high = self._split.process(block)
        source = high
        if key is not None:
            self._key_split = self._key_split or _Split(self._coefficients, key.shape[0])
            source = self._key_split.process(key)[1]
        out = np.empty_like(block)
        delayed_whole, delayed_high = self._delays[0].join(whole), self._delays[1].join(high)
        _hold_down(source, delayed_whole, delayed_high, out, self._curve, self._state)
        self._frames += block.shape[1]
        return out

    @property
    def reduction(self) -> Reduction:
        """What it took from the upper band so far."""
        return read_reduction(self._state, frames=self._frames)


def _curve_of(settings: DeEsser, sample_rate_hz: int) -> Curve:
    return Curve(
        threshold_db=settings.threshold_db,
        knee_db=_KNEE_DB,
        slope=-1.0,
        below=False,
        range_db=settings.range_db,
        fall=smoothing_coefficient(settings.attack_ms, sample_rate_hz),
        rise=smoothing_coefficient(settings.release_ms, sample_rate_hz),
        makeup_db=0.0,
        mix=1.0,
        rms=0.0,
    )
