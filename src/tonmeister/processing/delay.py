"""Tempo delay: repeats with feedback, filters, ping-pong and ducking."""

from typing import Literal

from pydantic import Field

from tonmeister.model import Db, Hz, Model, Ms, Share


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
