"""The readings that words can have, before the song has been heard: each a mechanism of its own."""

from collections.abc import Sequence
from functools import cache
from typing import Literal

from tonmeister.assistant.understanding.intent import Intent, Strength
from tonmeister.knowledge.rows import table
from tonmeister.model import Model

Mechanism = Literal[
    "level", "masking", "dynamics", "saturation", "tone", "tone_cut", "tone_low", "dynamic_tone", "space", "delay", "reverb_time", "width",
    "pan", "parallel", "automation", "loudness", "arrangement", "performance", "source", "repair", "advice", "protect",
]  # fmt: skip
GROUPS: dict[str, tuple[str, ...]] = {
    "voice": ("lead_vocal", "backing_vocals", "speech"),
    "drums": ("kick", "snare", "hats", "cymbals", "toms", "room_mics", "percussion", "drums"),
    "low": ("bass", "sub_808", "low_end"),
    "music": ("instrumental", "music_bed"),
    "whole": ("mix", "master"),
}
"""Targets that the same readings serve; all others are instruments."""
MOST_READINGS = 3


class Template(Model):
    """One reading of words, as the table has it."""

    fits: tuple[str, ...]
    """`attribute direction group`, with `/detail` where it matters."""
    name: str
    mechanism: Mechanism
    families: tuple[str, ...]
    """Families of moves that it is one of."""
    recipe: str
    """How it is done; `none` where only a person can do it."""
    sign: int = 0
    metric: str | None = None
    """What must then move."""
    says: str
    protects: str

    @property
    def can_be_done(self) -> bool:
        """Whether the engine can do it."""
        return self.recipe != "none"


@cache
def templates() -> tuple[Template, ...]:
    """Return every template, in the order of the table."""
    return tuple(Template.model_validate({"fits": row.pop("for"), **row}) for row in _rows())


def _rows() -> list[dict[str, object]]:
    return [dict(row) for row in table("readings")["reading"]]


def group_of(target: str) -> str:
    """Return the group of a target."""
    return next((group for group, names in GROUPS.items() if target in names), "instrument")


def fitting(intent: Intent) -> tuple[Template, ...]:
    """Return every reading that an intent can have, those for its detail first, each mechanism once."""
    fits = [(rank, place, one) for place, one in enumerate(templates()) if (rank := _rank(one, intent)) is not None]
    found: list[Template] = []
    for _, _, one in sorted(fits, key=lambda item: item[:2]):
        if all(one.mechanism != other.mechanism for other in found):
            found.append(one)
    return tuple(found)


def _rank(template: Template, intent: Intent) -> int | None:
    """Return 0 where the detail is named, 1 where the attribute is, 2 where only the direction is; None where it does not fit."""
    ranks = []
    for said in template.fits:
        words, _, detail = said.partition("/")
        attribute, direction, group = words.split()
        if attribute not in ("*", intent.attribute) or direction != intent.direction:
            continue
        if group not in ("*", group_of(intent.target)) or (detail and detail != intent.detail):
            continue
        ranks.append(0 if detail else 2 if attribute == "*" else 1)
    return min(ranks) if ranks else None


def first_readings(intent: Intent) -> tuple[Template, ...]:
    """Return the readings that are offered before a song has been heard."""
    return fitting(intent)[:MOST_READINGS]


def amount(kind: str, strength: Strength) -> float:
    """Return how much a word of measure means for a kind of change."""
    return float(table("readings")["amount"][kind][strength])


def audible(name: str) -> float:
    """Return the smallest change of a kind that can be heard."""
    return float(table("readings")["audible"][name])


def bound(name: str) -> float:
    """Return what a reading may change besides what it says."""
    return float(table("readings")["bound"][name])


def mechanisms(found: Sequence[Template]) -> tuple[Mechanism, ...]:
    """Return the different mechanisms of some readings."""
    return tuple(dict.fromkeys(one.mechanism for one in found))
