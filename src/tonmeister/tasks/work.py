"""What a task is given: facts, the mix so far, and how the strips sound before their faders."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tonmeister.document.facts import SongFacts
from tonmeister.document.mix import Budget, Mix
from tonmeister.document.move import Evidence
from tonmeister.knowledge import number
from tonmeister.knowledge.genres import Aim, Genre, aim, genres
from tonmeister.knowledge.moods import Mood, moods
from tonmeister.knowledge.rows import source_text


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """One strip before its fader: predicted first, measured after the strips were rendered."""

    energies_100ms: NDArray[np.float64]
    """(steps,) K-weighted power summed over the channels."""
    erb_power: NDArray[np.float32]
    """(half seconds, 40) power per ERB band, summed over the channels."""


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """The state of the work when a task is asked."""

    facts: SongFacts
    mix: Mix
    """With strips as folded so far."""
    heard: Mapping[str, Heard]
    """By track id."""

    @property
    def budget(self) -> Budget:
        """What may not be exceeded."""
        return self.mix.budget

    @property
    def genre(self) -> Genre | None:
        """The genre that the song is mixed as; None without one."""
        return genres().get(self.mix.brief.genre or "")

    def follows(self, dimension: Literal["tone", "width", "dynamics", "arc"]) -> bool:
        """Say whether references are followed in a dimension."""
        return bool(self.mix.brief.references) and getattr(self.mix.brief.amounts, dimension) > 0

    @property
    def moods(self) -> Mapping[str, Mood]:
        """What the person wants the whole to feel like, by name; a name of another version counts for nothing."""
        known = moods()
        return {name: known[name] for name in self.mix.brief.moods if name in known}

    def aim(self, field: str) -> Aim:
        """Return a number that a genre may set."""
        return aim(self.mix.brief.genre, field)


def evidence(
    what: str, value: float, *, against: str, start_s: float | None = None, end_s: float | None = None
) -> Evidence:
    """Hold a measured value against a number of knowledge/."""
    row = number(against)
    return Evidence(
        what=what, value=value, limit=row.value, unit=row.unit, source=f"{against}: {source_text(row.source)}",
        start_s=start_s, end_s=end_s,
    )  # fmt: skip


def aimed(what: str, value: float, *, against: Aim) -> Evidence:
    """Hold a measured value against a number that the song's genre may have set."""
    return Evidence(what=what, value=value, limit=against.value, unit=against.unit, source=against.source)
