"""Saturation and clipping without audible aliasing: the curve runs at four times the rate."""

from typing import Literal

from pydantic import Field

from tonmeister.model import Db, Model, Share


class Saturator(Model):
    """Settings of a saturator or clipper."""

    kind: Literal["saturator"] = "saturator"
    shape: Literal["tanh", "tape", "tube", "soft_clip", "hard_clip"] = "tanh"
    """tanh and tape round softly (odd harmonics; tape bends earlier), tube adds even ones, clips leave what is below alone."""
    drive_db: Db = Field(default=6.0, ge=0, le=36)
    """Gain into the curve, taken out again behind it: quiet sound keeps its level, the ceiling comes down by it."""
    ceiling_db: Db = Field(default=0.0, ge=-36, le=0)
    """Level the curve flattens out at before the drive, in dBFS."""
    output_db: Db = Field(default=0.0, ge=-36, le=36)
    """Gain of the shaped sound; equal to drive_db it brings the ceiling back to ceiling_db."""
    mix: Share = 1.0
    """Shaped share of the output; 0 changes nothing."""
