"""Feed-forward compressor with look-ahead and side-chain; all channels share one gain."""

from typing import Literal

from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.model import Db, Model, Ms, Share
from tonmeister.processing.decibels import smoothing_coefficient
from tonmeister.processing.dynamics import Curve, GainRider, Reduction
from tonmeister.processing.stream import run_stream


class Compressor(Model):
    """Settings of a feed-forward compressor (Giannoulis, Massberg, Reiss 2012: log-domain, smoothed branching)."""

    kind: Literal["compressor"] = "compressor"
    threshold_db: Db = Field(default=-18.0, ge=-80, le=0)
    """Level above which it turns down, in dBFS as the detector reads it (a sine's peak or its RMS)."""
    ratio: float = Field(default=2.0, ge=1, le=20)
    """Decibels in per decibel out above the threshold; 1 changes nothing."""
    knee_db: Db = Field(default=6.0, ge=0, le=24)
    """Width of the soft bend around the threshold; 0 is a corner."""
    attack_ms: Ms = Field(default=10.0, ge=0, le=500)
    """Time in which the gain falls by 63 % of what is asked for, in decibels."""
    release_ms: Ms = Field(default=120.0, ge=1, le=5000)
    """Time in which the gain comes back by 63 %, in decibels."""
    makeup_db: Db = Field(default=0.0, ge=-24, le=24)
    """Gain after compression; belongs to the compressed part only."""
    lookahead_ms: Ms = Field(default=0.0, ge=0, le=20)
    """How far the detector hears ahead of the sound; becomes latency."""
    detector: Literal["peak", "rms"] = "peak"
    """What the level is: the sample's size, or the root mean square of the last rms_window_ms."""
    rms_window_ms: Ms = Field(default=10.0, ge=0.5, le=100)
    """Time constant of the mean of the RMS detector."""
    mix: Share = 1.0
    """Share of the compressed sound, the rest is dry (parallel compression)."""


def is_neutral(settings: Compressor) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.mix == 0 or (settings.ratio == 1 and settings.makeup_db == 0)


def compress(audio: Audio, settings: Compressor, *, key: Audio | None = None) -> Audio:
    """Return the audio, compressed; the key (same frames, 1 or 2 channels) steers it in place of the audio."""
    stream = CompressorStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream, key=key)


class CompressorStream:
    """A compressor at work; `reduction` tells what it took away so far."""

    tail_frames = 0

    def __init__(self, settings: Compressor, *, sample_rate_hz: int, channels: int) -> None:
        self._neutral = is_neutral(settings)
        self.latency_frames = 0 if self._neutral else round(settings.lookahead_ms * sample_rate_hz / 1000)
        curve = curve_of(settings, sample_rate_hz=sample_rate_hz)
        self._rider = GainRider(curve, lookahead_frames=self.latency_frames, channels=channels)

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the next frames, late by latency_frames."""
        return block.copy() if self._neutral else self._rider.ride(block, key)

    @property
    def reduction(self) -> Reduction:
        """What it took away so far."""
        return self._rider.reduction


def curve_of(settings: Compressor, *, sample_rate_hz: int) -> Curve:
    """Return the numbers of these settings at a sample rate."""
    rms = smoothing_coefficient(settings.rms_window_ms, sample_rate_hz) if settings.detector == "rms" else 0.0
    return Curve(
        threshold_db=settings.threshold_db,
        knee_db=settings.knee_db,
        slope=1.0 / settings.ratio - 1.0,
        below=False,
        range_db=1000.0,
        fall=smoothing_coefficient(settings.attack_ms, sample_rate_hz),
        rise=smoothing_coefficient(settings.release_ms, sample_rate_hz),
        makeup_db=settings.makeup_db,
        mix=settings.mix,
        rms=rms,
    )
