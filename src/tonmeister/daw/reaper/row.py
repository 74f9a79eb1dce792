"""A track of a REAPER project, before any text."""

from dataclasses import dataclass

from tonmeister.daw.desk import Desk
from tonmeister.daw.media import Media, Span
from tonmeister.daw.reaper.devices import Device
from tonmeister.document.mix import Track


@dataclass(slots=True)
class Row:
    """A track of REAPER's, before any text."""

    key: str
    name: str
    desk: Desk
    devices: list[Device]
    clip: tuple[Track, Media, Span] | None = None
    depth_change: int = 0
    """1 opens a folder; -1, -2 … close as many."""
