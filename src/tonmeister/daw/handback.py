"""What a session writer gives back: where the session is, what it carries, and what it does not."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from tonmeister.model import Db, Model


class Handback(Model):
    """An editable session and an honest account of it."""

    path: Path
    """The file that the DAW opens."""
    carried: dict[str, int]
    """How many of each kind of thing are in it, such as `tracks`, `fader lanes`, `equalisers`."""
    approximate: tuple[str, ...] = ()
    """What is in it, but does not sound exactly as in our mix; sentences."""
    errors_db: dict[str, Db] = Field(default_factory=dict)
    """Of what is approximate, the largest difference that can be computed, such as that of an equaliser's curve."""
    printed: tuple[str, ...] = ()
    """What the DAW cannot build and is there as sound instead; sentences."""
    lost: tuple[str, ...] = ()
    """What could not be carried, and what was done instead; sentences."""


def count(carried: Mapping[str, int]) -> dict[str, int]:
    """Return the counts of what is there, in the order of their names."""
    return {what: number for what, number in sorted(carried.items()) if number}


def joined(handback: Handback, *, printed: tuple[str, ...], lost: tuple[str, ...]) -> Handback:
    """Return the account of a session, with what had to be said before it was written."""
    carried = {**handback.carried, "printed sounds": len(printed)} if printed else handback.carried
    return handback.model_copy(
        update={
            "carried": count(carried),
            "printed": (*printed, *handback.printed),
            "lost": (*lost, *handback.lost),
        }
    )
