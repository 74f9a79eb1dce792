"""Where a mix is to go: references as figures, so that no recording is needed later, and what came of following them."""

from typing import Literal

from pydantic import Field

from tonmeister.analysis.portrait import Portrait
from tonmeister.model import Db, Hz, Model, Seconds, Share

Dimension = Literal["tone", "low end", "width", "dynamics", "arc", "vocal", "space", "loudness"]


class Reference(Model):
    """One recording that the mix is to be like, in figures."""

    name: str
    """Of the file or folder, without its place."""
    sha256: str
    """Hash of the recording's bytes."""
    weight: float = Field(default=1.0, gt=0)
    """How much it counts against the others."""
    genre: str | None = None
    """Genre of the mix document beside it, or of its tags; None where neither says one."""
    lead_lu: float | None = None
    """Lead vocal against the mix, where it is a mix of ours, whose document knows it; nobody can tell it honestly from a stereo file."""
    portrait: Portrait
    """What it sounds like."""


class Amounts(Model):
    """How far references are followed, by dimension; loudness only where it is asked for."""

    tone: Share = 0.8
    """Tone of groups and mix bus."""
    width: Share = 0.8
    """Side power by band."""
    dynamics: Share = 0.5
    """How far hits stand out."""
    arc: Share = 0.7
    """Contrast between loud and quiet sections."""
    loudness: Share = 0.0
    """Loudness of the master."""


class DirectionFigure(Model):
    """One figure of the mix, of what it is to be like, and of what came out."""

    dimension: Dimension
    """What kind of figure it is."""
    what: str
    """In words, such as `the highs`; tone is told at one level, a region over the references', without any over the mix before."""
    unit: str
    """Unit of all its values."""
    low_hz: Hz | None = None
    """Lower edge of its range; None is the whole."""
    high_hz: Hz | None = None
    """Upper edge of its range."""
    mix: float | None = None
    """The mix before anything was done for the direction, ahead of its master."""
    aim: float | None = None
    """The references', by weight, and what moods add; None where they ask for nothing."""
    after: float | None = None
    """The finished sound; None where it was not measured."""
    start_s: Seconds | None = None
    """Where in the song it differs most."""
    end_s: Seconds | None = None
    """End of that section."""
    out_of_reach: str = ""
    """Why nothing here can bring it; empty where it can."""


class Direction(Model):
    """What the mix was held against and what came of it."""

    tone_db: tuple[Db, ...] = ()
    """(40,) level of each ERB band of the mix before, in dBFS."""
    after_db: tuple[Db, ...] = ()
    """(40,) the same of the finished sound; empty where it was not measured."""
    figures: tuple[DirectionFigure, ...] = ()
    """Figure by figure."""
