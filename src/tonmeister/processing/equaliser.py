"""Minimum-phase parametric equaliser: up to eight bands."""

from typing import Literal

from pydantic import Field

from tonmeister.model import Model
from tonmeister.processing.band import Band


class Equaliser(Model):
    """Settings of a parametric equaliser."""

    kind: Literal["equaliser"] = "equaliser"
    bands: tuple[Band, ...] = Field(default=(), max_length=8)
    """The bands, in the order in which they run."""
