"""Constant gain and polarity."""

from typing import Literal

from pydantic import Field

from tonmeister.model import Db, Model


class Gain(Model):
    """Settings of a constant gain."""

    kind: Literal["gain"] = "gain"
    gain_db: Db = Field(default=0.0, ge=-120, le=60)
    """Gain, in dB."""
    inverted: bool = False
    """Whether the polarity is turned over."""
