"""Characters of a master: by what means it becomes loud and what colour it takes."""

from functools import cache
from typing import Literal

from pydantic import Field

from tonmeister.errors import InputError
from tonmeister.knowledge.rows import table
from tonmeister.model import Db, Hz, Model, Ms, Share


class Saturation(Model):
    """A saturation stage."""

    shape: Literal["tape", "tube", "tanh", "soft_clip"]
    under_peak_db: Db = Field(ge=0)
    """The curve flattens so far below the true peak of what goes in."""
    mix: Share
    """Share of the shaped sound."""


class Glue(Model):
    """One compressor on the whole."""

    ratio: float = Field(ge=1)
    over_db: Db = Field(ge=0)
    """By how much the loud parts stand over its threshold."""
    attack_ms: Ms
    release_ms: Ms


class Density(Model):
    """Upward compression: what is quiet comes up, what is loud stays."""

    ratio: float = Field(ge=1)
    under_db: Db = Field(ge=0)
    """Threshold below the level of the loud parts."""
    range_db: Db = Field(ge=0)


class Bands(Model):
    """Three bands, each held by itself."""

    ratio: float = Field(ge=1)
    over_db: Db = Field(ge=0)
    """By how much the loud parts of a band stand over its threshold."""


class Colour(Model):
    """One broad band of the character's tone."""

    shape: Literal["low_shelf", "high_shelf", "peak"]
    frequency_hz: Hz
    gain_db: Db
    q: float


class Character(Model):
    """What one character does; None and empty are not used."""

    meaning: str
    """In one sentence."""
    source: str
    """Key of sources.toml."""
    release_ms: Ms
    """Release of the limiter."""
    lookahead_ms: Ms
    """Look-ahead of the limiter: from 8.4 ms on the gain stands still under a bass of 60 Hz."""
    clip_over_db: Db | None = None
    """Peaks this far over the limiter's ceiling are clipped before it; None clips nothing."""
    saturation: Saturation | None = None
    glue: Glue | None = None
    density: Density | None = None
    bands: Bands | None = None
    attack_db: Db = 0.0
    """Gain of the attacks."""
    side_air_db: Db = 0.0
    """Gain of the side above 4 kHz."""
    tone: tuple[Colour, ...] = ()


@cache
def characters() -> dict[str, Character]:
    """Return every character by name."""
    return {name: Character(**row) for name, row in table("characters").items()}


def find_character(name: str) -> Character:
    """Return one character.

    Raises:
        InputError: If there is none of that name.
    """
    if name not in characters():
        raise InputError(f"--character {name}: no such character; use one of {', '.join(characters())}.")
    return characters()[name]
