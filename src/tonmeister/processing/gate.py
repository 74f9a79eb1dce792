"""Gate with hysteresis, hold and look-ahead; all channels share one gain."""

from typing import Literal

from pydantic import Field

from tonmeister.model import Db, Model, Ms, Share


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
    """Time of 63 % of the closing, in decibels."""
    lookahead_ms: Ms = Field(default=0.0, ge=0, le=20)
    """How far the detector hears ahead of the sound; becomes latency."""
    mix: Share = 1.0
    """Share of the gated sound, the rest is dry."""


def is_neutral(settings: Gate) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.mix == 0 or settings.range_db == 0
