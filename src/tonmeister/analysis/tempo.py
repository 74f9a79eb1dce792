"""Tempo and the grid of beats, from the onsets of all tracks."""

from pydantic import Field

from tonmeister.model import Model, Seconds, Share


class Tempo(Model):
    """A steady tempo and where its beats fall; there is none when nothing repeats."""

    bpm: float = Field(gt=0)
    """Beats per minute."""
    first_beat_s: Seconds = Field(ge=0)
    """The earliest beat of the grid, less than one beat after the start of the song."""
    first_bar_s: Seconds = Field(ge=0)
    """The earliest bar line of the grid, less than one bar after the start of the song."""
    beats_per_bar: int = Field(default=4, ge=2, le=7)
    """Assumed, not measured."""
    confidence: Share
    """How far the beat stands out of the other periods, 0..1."""
    bar_confidence: Share
    """How far the chosen first beat of the bar stands out of the other three, 0..1."""
