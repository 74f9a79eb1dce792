"""Downward expander: turns quiet parts down gently; all channels share one gain."""

from typing import Literal

from pydantic import Field

from tonmeister.model import Db, Model, Ms, Share


class Expander(Model):
    """Settings of a downward expander."""

    kind: Literal["expander"] = "expander"
    threshold_db: Db = Field(default=-45.0, ge=-100, le=0)
    """Level below which it turns down, in dBFS."""
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
