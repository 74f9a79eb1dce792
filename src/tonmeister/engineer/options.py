"""What a person may ask of a mix, and where its parts are."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal, Protocol

from pydantic import Field

from tonmeister.model import Db, Model, Seconds

Tell = Callable[[str, str, float], None]
"""Progress: stage, what is being done, share of the stage that is done (0..1)."""


class Cancel(Protocol):
    """What says whether to stop, such as threading.Event."""

    def is_set(self) -> bool:
        """Whether the person asked to stop."""
        ...


def tell_nobody(_stage: str, _what: str, _share: float) -> None:
    """Progress for nobody."""


class MixOptions(Model):
    """Wishes for one mix."""

    brief: str = ""
    """What the person wants, in words; kept in the document."""
    title: str | None = None
    """Name of the song in the report and in sessions; None takes the name of the folder or file."""
    genre: str | None = None
    """A genre by name, `none` for none; None takes what the brief says, or what the instruments suggest."""
    linear_phase: bool = False
    """Equalise in linear phase; also where the brief says so."""
    target: str = "streaming"
    """A delivery target by name, or a loudness in LUFS."""
    ceiling_dbtp: Db | None = Field(default=None, ge=-20, le=0)
    """True-peak ceiling; None takes the target's."""
    references: tuple[str, ...] = ()
    """Up to three recordings, saved portraits or folders of mixes that this mix is to be like, each with `=WEIGHT` where they do not count
    alike."""
    reference_amounts: tuple[str, ...] = ()
    """How far they are followed, as `DIMENSION=0..1`: tone, width, dynamics, arc, loudness."""
    moods: tuple[str, ...] = ()
    """Named moods; empty takes what the brief says."""
    roles_file: Path | None = None
    """TOML or JSON with a row for each track that a person wants to say something about."""
    budget: str = "balanced"
    """A budget by name, or a TOML file."""
    arc: str = "auto"
    """A named arc, `none`, or `auto`: a gentle one where the song's form was found with confidence."""
    throws: tuple[str, ...] = ()
    """Words that go into a delay or reverb, each by its place: `1:12.4`, `bar 33`, `last word of verse 2`; with those of the brief."""
    align_doubles: bool = False
    """Move the phrases of doubles and harmonies to the lead's."""
    start: Literal["as-is", "from-scratch", "auto"] = "auto"
    """as-is keeps the balance that the stems came with, from-scratch makes one, auto finds out which they need."""
    like: Path | None = None
    """A mix of another song: what a person changed there, by role, is carried over."""
    touch: tuple[str, ...] = ()
    """Make moves only on these tracks, roles, families and buses; empty is everything."""
    only: tuple[str, ...] = ()
    """Mix only these tracks."""
    preview_s: Seconds | None = Field(default=None, gt=0)
    """Render only the loudest representative excerpt of this length."""
    sessions: tuple[str, ...] = ("ardour",)
    """DAW sessions to write."""
    with_master: bool = True
    with_verify: bool = True
    with_report: bool = True
