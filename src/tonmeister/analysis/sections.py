"""Sections of a song, from what each track does over time."""

from typing import Literal

from pydantic import Field

from tonmeister.model import Db, Model, Seconds, Share

SectionLabel = Literal["intro", "verse", "pre_chorus", "chorus", "bridge", "outro", "unknown"]
"""What a section may be called."""


class Section(Model):
    """A stretch of the song in which the same things happen."""

    start_s: Seconds = Field(ge=0)
    """Where it begins; on a bar line when the tempo is known."""
    end_s: Seconds = Field(ge=0)
    """Where it ends: the next section's start, or the song's end."""
    group: str
    """Sections that sound alike share a letter: A, B, C…"""
    label: SectionLabel = "unknown"
    """A cautious name."""
    confidence: Share
    """How sure the name is, 0..1; 0 for unknown."""
    level_db: Db
    """Power of the section relative to the whole song."""
    active_tracks: int = Field(ge=0)
    """Tracks that sound in at least a quarter of it."""
