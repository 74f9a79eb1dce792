"""Read the tables of knowledge; every row names its source."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import Field

from tonmeister.model import Db, Hz, Model


class Source(Model):
    """Where a number comes from."""

    kind: Literal["standard", "paper", "tool", "practice", "measured", "guess"]
    """How far it carries: a guess is a default, never a limit."""
    text: str
    """Reference in words."""


class Number(Model):
    """One number that a task uses."""

    value: float
    unit: str
    source: str
    """Key of a row of sources.toml."""
    meaning: str
    """What it is for, in one sentence."""


class Role(Model):
    """What the mix does by default with a track of this role."""

    family: str
    priority: float = Field(ge=0, le=4)
    level_lu: float
    """Loudness against the mean of all tracks at equal loudness."""
    pan: Literal["centre", "spread", "own"]
    high_pass_hz: Hz = Field(ge=0)
    """0 is none."""
    reverb_db: Db
    """Send level; -120 is none."""
    space: Literal["room", "hall"] = "room"
    """Which shared space an instrument goes to, where the song has both; voices have a plate."""
    delay_db: Db
    ratio: float = Field(ge=1)
    """Compression ratio; 1 is none."""
    gain_reduction_db: Db = Field(ge=0)
    """Mean gain reduction aimed at while it works."""
    attack_low_db: Db | None = None
    """Peak of a hit over its body below which the stroke counts as buried; None leaves strokes alone."""
    attack_high_db: Db | None = None
    """Peak of a hit over its body above which the stroke sticks out."""
    attack_source: str | None = None
    """Where that band comes from."""
    source: str


Kind = Literal["intro", "verse", "chorus", "bridge", "breakdown", "outro"]
"""What an arc tells apart."""


class Arc(Model):
    """How sections are meant to lie against each other, as heard; what the song does already is not done again."""

    meaning: str
    """In one sentence."""
    words: tuple[str, ...] = ()
    """What a brief says that asks for it: all words of one of these within a clause, in any order."""
    source: str
    contrast_db: float = Field(default=0.0, ge=0)
    """Change of level per unit of energy (0..1, as the song's map hears it) by which a section differs from those around it."""
    under_lu: dict[Kind, float] = Field(default_factory=dict)
    """Sections of a kind lie at least so far under those beside them."""
    rise_lu: float = Field(default=0.0, ge=0)
    """The start lies at least so far under the song's own summit, each step of the form after it proportionally less."""
    second_lu: float = Field(default=0.0, ge=0)
    """The second chorus lies at least so far over the first."""
    again_lu: float = Field(default=0.0, ge=0)
    """Each chorus after the second lies at least so far over the one before."""
    last_lu: float = Field(default=0.0, ge=0)
    """The last chorus lies so much further over it."""
    width: dict[Kind, float] = Field(default_factory=dict)
    """Change of the mix's width (side power over all power) by kind of section."""
    space_db: dict[Kind, float] = Field(default_factory=dict)
    """Change of the returns of reverbs and delays by kind of section."""
    air_db: dict[Kind, float] = Field(default_factory=dict)
    """Change of the instruments' highs by kind of section; darker only."""
    echo_db: dict[Kind, float] = Field(default_factory=dict)
    """Change of the leads' sends to the tempo delay by kind of section."""
    demo_share: float = Field(default=0.0, ge=0, le=1)
    """Share of the differences between sections that the stems came with, against those of the balanced mix."""
    aimed_contrast_lu: float | None = None
    """How far the louder half of the song's time is to lie over the softer one; None leaves it. Of the arc of references, by their figures."""
    aimed_share: float = Field(default=1.0, ge=0, le=1)
    """How much of the way there the sections go."""
    chorus_over_verse: bool = True
    """Whether every chorus must be louder than the verse before it, and the second not below the first."""


class DeliveryTarget(Model):
    """Loudness and ceiling of one kind of delivery."""

    lufs: float
    ceiling_dbtp: Db
    source: str
    meaning: str


class NameRow(Model):
    """Words that stand for a role in track names."""

    role: str
    words: tuple[str, ...]
    weak: bool = False
    """Whether the words describe something as often as they name it: any other row goes first."""


@cache
def table(name: str) -> dict[str, Any]:
    """Return a TOML table of knowledge as it stands."""
    return tomllib.loads(files(__name__.rpartition(".")[0]).joinpath(f"{name}.toml").read_text("utf-8"))


@cache
def sources() -> dict[str, Source]:
    """Return every source by key."""
    return {key: Source(**row) for key, row in table("sources").items()}


@cache
def roles() -> dict[str, Role]:
    """Return every role by name."""
    return {name: Role(**row) for name, row in table("roles").items()}


def role(name: str) -> Role:
    """Return one role; an unknown name gives the row of `unknown`."""
    return roles().get(name, roles()["unknown"])


@cache
def names() -> tuple[NameRow, ...]:
    """Return the words of track names, special before general."""
    return tuple(NameRow.model_validate(row) for row in table("names")["name"])


@cache
def numbers() -> dict[str, Number]:
    """Return every number by its dotted name, such as `masking.cut_db_max`."""
    return {f"{group}.{name}": Number(**row) for group, rows in table("numbers").items() for name, row in rows.items()}


def number(name: str) -> Number:
    """Return one number by its dotted name."""
    return numbers()[name]


@cache
def arcs() -> dict[str, Arc]:
    """Return the named arcs."""
    return {name: Arc(**row) for name, row in table("arcs").items()}


@cache
def targets() -> dict[str, DeliveryTarget]:
    """Return the delivery targets by name."""
    return {name: DeliveryTarget(**row) for name, row in table("targets").items()}


def source_text(key: str) -> str:
    """Return a source's reference in words."""
    return sources()[key].text
