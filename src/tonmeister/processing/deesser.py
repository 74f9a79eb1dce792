"""Split-band de-esser: turns down what is above a frequency while it hisses."""

from typing import Literal

from pydantic import Field

from tonmeister.model import Db, Hz, Model, Ms


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
