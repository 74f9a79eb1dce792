"""What platforms do to a file when they play it."""

from functools import cache
from typing import Literal

from pydantic import Field

from tonmeister.knowledge.rows import table
from tonmeister.model import Db, Model


class Platform(Model):
    """One service or broadcaster."""

    title: str
    """Its name."""
    lufs: float = Field(ge=-40, le=-5)
    """Loudness to which it plays."""
    ceiling_dbtp: Db = Field(ge=-10, le=0)
    """True peak that it wants of a file, and to which it raises a quiet one."""
    raises: Literal["never", "to_headroom", "with_limiter"]
    """What it does with a file that is quieter."""
    codec: Literal["aac", "opus", "mp3", "vorbis"] | None = None
    """What most listeners get; None is no lossy codec."""
    kbps: int | None = Field(default=None, ge=32, le=512)
    """At which bit rate."""
    source: str
    """Key of a row of sources.toml."""


@cache
def platforms() -> dict[str, Platform]:
    """Return every platform by name."""
    return {name: Platform(**row) for name, row in table("platforms").items()}
