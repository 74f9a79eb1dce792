"""Taste: what a person chose, refused and changed, by attribute and genre. A local file that can be read and erased; nothing is sent."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from platformdirs import user_config_path
from pydantic import Field, ValidationError

from tonmeister.assistant.readings.templates import Template, group_of
from tonmeister.assistant.understanding.intent import Intent
from tonmeister.errors import InputError
from tonmeister.files.atomic import write_text
from tonmeister.model import Model

FILE = "taste.json"
ANY_GENRE = "any"
_PRIOR = 1.0
"""Choices that nobody made, half of them yes: a first choice does not settle it (Laplace's rule of succession)."""
_LEAST_SCALE, _MOST_SCALE = 0.4, 2.5
_EDIT_WEIGHT = 0.5
"""How far one edit moves the usual amount towards itself, in logarithms."""
_OTHER_WEIGHT = 0.5
"""What is known from other genres or other parts counts half of what is known from here."""


class Leaning(Model):
    """What a person did with one kind of reading."""

    accepted: float = Field(default=0, ge=0)
    refused: float = Field(default=0, ge=0)
    scale: float = Field(default=1.0, gt=0)
    """Share of the usual amount that the person ends up with."""

    @property
    def score(self) -> float:
        """How likely it is chosen, 0..1."""
        return (self.accepted + _PRIOR) / (self.accepted + self.refused + 2 * _PRIOR)


class Taste(Model):
    """What is known of a person's taste, by `genre/attribute direction group/mechanism`."""

    choices: int = 0
    leanings: Mapping[str, Leaning] = Field(default_factory=dict)

    def leaning(self, genre: str | None, intent: Intent, mechanism: str) -> Leaning:
        """Return what is known of a reading here: of this genre and part first, then of others, then nothing."""
        weighed = [(self.leanings.get(key), weight) for key, weight in _keys(genre, intent, mechanism)]
        known = [(one, weight) for one, weight in weighed if one is not None]
        if not known:
            return Leaning()
        scale = math.exp(sum(w * math.log(one.scale) for one, w in known) / sum(w for _, w in known))
        return Leaning(
            accepted=sum(w * one.accepted for one, w in known),
            refused=sum(w * one.refused for one, w in known),
            scale=scale,
        )

    def ordered(
        self, genre: str | None, intent: Intent, found: Sequence[Template], *, bonus: Mapping[str, float] | None = None
    ) -> tuple[Template, ...]:
        """Return readings in the order in which this person is likely to choose them; `bonus` is what the song says, by name."""

        def rank(one: Template) -> float:
            return -self.leaning(genre, intent, one.mechanism).score - (bonus or {}).get(one.name, 0.0)

        return tuple(sorted(found, key=rank))

    def scale(self, genre: str | None, intent: Intent, mechanism: str) -> float:
        """Return the share of the usual amount that this person ends up with."""
        return min(_MOST_SCALE, max(_LEAST_SCALE, self.leaning(genre, intent, mechanism).scale))

    def learned(
        self,
        genre: str | None,
        intent: Intent,
        *,
        accepted: str | None,
        refused: Iterable[str] = (),
        edited_share: float | None = None,
    ) -> "Taste":
        """Return the taste after a choice: one mechanism taken, others passed over, and how far the amount was changed."""
        leanings = dict(self.leanings)
        for mechanism, is_taken in [(one, False) for one in refused] + ([(accepted, True)] if accepted else []):
            for key, _ in _keys(genre, intent, mechanism):
                there = leanings.get(key, Leaning())
                scale = there.scale
                if is_taken and edited_share is not None:
                    scale *= edited_share**_EDIT_WEIGHT
                leanings[key] = Leaning(
                    accepted=there.accepted + is_taken, refused=there.refused + (not is_taken),
                    scale=round(min(_MOST_SCALE, max(_LEAST_SCALE, scale)), 4),
                )  # fmt: skip
        return Taste(choices=self.choices + 1, leanings=dict(sorted(leanings.items())))

    def without(self, words: str) -> "Taste":
        """Return the taste without everything that holds these words (an attribute, a genre)."""
        return Taste(
            choices=self.choices, leanings={key: one for key, one in self.leanings.items() if words not in key}
        )


def _keys(genre: str | None, intent: Intent, mechanism: str) -> tuple[tuple[str, float], ...]:
    """Return where a choice is kept, from the most special to the most general, and what it counts."""
    what = f"{intent.attribute} {intent.direction}"
    group = group_of(intent.target)
    return (
        (f"{genre or 'none'}/{what} {group}/{mechanism}", 1.0),
        (f"{ANY_GENRE}/{what} {group}/{mechanism}", _OTHER_WEIGHT),
        (f"{ANY_GENRE}/{what}/{mechanism}", _OTHER_WEIGHT**2),
    )


def taste_path() -> Path:
    """Return where the taste is kept: a JSON text in the person's configuration folder."""
    return user_config_path("tonmeister") / FILE


def load_taste(path: Path | None = None) -> Taste:
    """Return what is known; nothing where there is no file.

    Raises:
        InputError: If the file is broken.
    """
    place = path or taste_path()
    if not place.is_file():
        return Taste()
    try:
        return Taste.model_validate(json.loads(place.read_text("utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise InputError(
            f"{place}: the taste file cannot be read; mend it, or erase it with `tonmeister taste --forget`."
        ) from error


def save_taste(taste: Taste, path: Path | None = None) -> Path:
    """Write what is known, and return where."""
    place = path or taste_path()
    place.parent.mkdir(parents=True, exist_ok=True)
    write_text(place, json.dumps(taste.model_dump(mode="json"), indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    return place


def forget_taste(path: Path | None = None) -> bool:
    """Erase the file; return whether there was one."""
    place = path or taste_path()
    there = place.is_file()
    place.unlink(missing_ok=True)
    return there
