"""Algorithmic reverb: early reflections and a feedback delay network."""

from typing import Literal

from pydantic import Field

from tonmeister.model import Db, Hz, Model, Ms, Seconds, Share


class Reverb(Model):
    """Settings of a feedback-delay-network reverb; wet only unless mix says otherwise."""

    kind: Literal["reverb"] = "reverb"
    pre_delay_ms: Ms = Field(default=20.0, ge=0, le=250)
    """Time before the first reflection."""
    decay_s: Seconds = Field(default=1.8, ge=0.1, le=20)
    """Time in which the tail's middle falls by 60 dB."""
    damping: Share = 0.4
    """How much faster highs die than the middle: at 1 they last a tenth as long, at 0 as long."""
    size: Share = 0.5
    """Size of the room: spacing of the reflections, from a closet to a hall."""
    low_cut_hz: Hz = Field(default=150.0, ge=10, le=2000)
    """Second-order cut of lows going in."""
    high_cut_hz: Hz = Field(default=12000.0, ge=1000, le=22000)
    """Second-order cut of highs going in."""
    early_db: Db = Field(default=-6.0, ge=-60, le=12)
    """Level of the early reflections beside the tail; −60 is off."""
    modulation: Share = 0.3
    """Slow movement of the delay lines against ringing; 0 is off."""
    width: Share = 1.0
    """0 is a mono tail, 1 is fully decorrelated."""
    mix: Share = 1.0
    """Share of the wet sound; sends use 1."""


def is_neutral(settings: Reverb) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.mix == 0
