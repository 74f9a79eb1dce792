"""The key of a song, from the pitch classes of its tracks."""

from typing import Literal

from tonmeister.model import Model, Share

Tonic = Literal["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
"""The twelve pitch classes."""


class Key(Model):
    """A major or minor key."""

    tonic: Tonic
    """The home note."""
    mode: Literal["major", "minor"]
    """Major or natural minor."""
    confidence: Share
    """How far the best key stands out of the second best, 0..1."""
