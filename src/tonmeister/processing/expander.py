"""Downward expander: turns quiet parts down gently; all channels share one gain."""

from typing import Literal

from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.model import Db, Model, Ms, Share
from tonmeister.processing.decibels import smoothing_coefficient
from tonmeister.processing.dynamics import Curve, GainRider, Reduction
from tonmeister.processing.stream import run_stream

DETECTOR_MS = 5.0
"""Time constant of the RMS detector; peaks would close it in every zero crossing."""


class Expander(Model):
    """Settings of a downward expander."""

    kind: Literal["expander"] = "expander"
    threshold_db: Db = Field(default=-45.0, ge=-100, le=0)
    """Level below which it turns down, in dBFS RMS."""
    ratio: float = Field(default=2.0, ge=1, le=20)
    """Decibels out per decibel in below the threshold; 1 changes nothing."""
    knee_db: Db = Field(default=6.0, ge=0, le=24)
    """Width of the soft bend around the threshold; 0 is a corner."""
    range_db: Db = Field(default=20.0, ge=0, le=80)
    """Most that it turns down."""
    attack_ms: Ms = Field(default=2.0, ge=0, le=500)
    """Time in which the gain opens by 63 %, in decibels."""
    release_ms: Ms = Field(default=150.0, ge=1, le=5000)
    """Time in which the gain closes by 63 %, in decibels."""
    lookahead_ms: Ms = Field(default=0.0, ge=0, le=20)
    """How far the detector hears ahead of the sound; becomes latency."""
    mix: Share = 1.0
    """Share of the expanded sound, the rest is dry."""


def is_neutral(settings: Expander) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.mix == 0 or settings.ratio == 1 or settings.range_db == 0


def expand(audio: Audio, settings: Expander, *, key: Audio | None = None) -> Audio:
    """Return the audio, its quiet parts turned down; the key (same frames) steers it in place of the audio."""
    stream = ExpanderStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream, key=key)


class ExpanderStream:
    """An expander at work; `reduction` tells what it took away so far."""

    tail_frames = 0

    def __init__(self, settings: Expander, *, sample_rate_hz: int, channels: int) -> None:
        self._neutral = is_neutral(settings)
        self.latency_frames = 0 if self._neutral else round(settings.lookahead_ms * sample_rate_hz / 1000)
        curve = Curve(
            threshold_db=settings.threshold_db,
            knee_db=settings.knee_db,
            slope=1.0 - settings.ratio,
            below=True,
            range_db=settings.range_db,
            fall=smoothing_coefficient(settings.release_ms, sample_rate_hz),
            rise=smoothing_coefficient(settings.attack_ms, sample_rate_hz),
            makeup_db=0.0,
            mix=settings.mix,
            rms=smoothing_coefficient(DETECTOR_MS, sample_rate_hz),
        )
        self._rider = GainRider(curve, lookahead_frames=self.latency_frames, channels=channels)

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the next frames, late by latency_frames."""
        return block.copy() if self._neutral else self._rider.ride(block, key)

    @property
    def reduction(self) -> Reduction:
        """What it took away so far."""
        return self._rider.reduction
