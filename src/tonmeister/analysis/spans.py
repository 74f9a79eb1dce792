"""Stretches of time."""

from pydantic import Field

from tonmeister.model import Model, Seconds


class Span(Model):
    """A stretch of time within a signal."""

    start_s: Seconds = Field(ge=0)
    """Where it begins."""
    end_s: Seconds = Field(ge=0)
    """Where it ends."""
