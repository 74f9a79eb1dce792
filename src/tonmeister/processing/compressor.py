"""Feed-forward compressor with look-ahead and side-chain; all channels share one gain."""

from typing import Literal

from pydantic import Field

from tonmeister.model import Db, Model, Ms, Share


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
