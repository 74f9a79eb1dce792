"""What the work on one mix has at hand."""

from collections.abc import Mapping
from dataclasses import dataclass

from tonmeister.daw.changes import SessionLink
from tonmeister.engineer.options import Cancel, MixOptions
from tonmeister.engineer.stages import Stages
from tonmeister.files.output_folder import OutputFolder
from tonmeister.files.probe import SoundFile
from tonmeister.render import Renderer


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """Where sound comes from, where files go, and what the person asked for."""

    renderer: Renderer
    folder: OutputFolder
    """All files go to its staging."""
    sources: Mapping[str, SoundFile]
    """By track id."""
    options: MixOptions
    stages: Stages
    name: str
    """What to call the song in front of a person."""
    cancel: Cancel | None = None
    session: SessionLink | None = None
    """The session that the mix came from, and is handed back in."""
