"""Stereo width by mid and side, with an optional mono bass."""

from typing import Literal

from pydantic import Field

from tonmeister.model import Hz, Model


class Width(Model):
    """Settings of a stereo width control; one channel passes unchanged."""

    kind: Literal["width"] = "width"
    width: float = Field(default=1.0, ge=0, le=2)
    """Gain of the side signal: 0 mono, 1 as it is, 2 doubled."""
    mono_below_hz: Hz | None = Field(default=None, ge=20, le=1000)
    """Below this the side signal falls off by 12 dB per octave; None leaves the bass as it is."""
