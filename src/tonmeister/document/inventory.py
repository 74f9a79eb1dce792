"""What came in and what became of it: nothing is dropped silently."""

from typing import Literal

from tonmeister.model import Model, Seconds


class Incoming(Model):
    """One thing that was found in the source."""

    name: str
    """Its path inside the source; a stream of a file has its title behind a colon."""
    state: Literal[
        "mixed", "reference", "silent", "not sound", "unreadable", "empty", "too many channels", "not looked into"
    ]
    """What became of it."""
    why: str
    """One sentence."""
    track: str | None = None
    """Id of the track it became."""
    sha256: str | None = None
    """Hash of the file."""
    sample_rate_hz: int | None = None
    channels: int | None = None
    duration_s: Seconds | None = None
    faults: tuple[str, ...] = ()
    """What is wrong with it all the same, in sentences."""
