"""Read what a good engineer answers: cards of guidance, starting settings and the words of questions."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import Field

from tonmeister.knowledge.rows import table
from tonmeister.model import Model

_STEP = re.compile(r"\d+ (?!ms\b|dB\b|bit\b)[a-z]")
Status = Literal["standard", "article", "practice"]
"""How far a card carries: a published norm, a page that is named, or common studio knowledge."""
Measure = Literal[
    "brightness", "drums", "dynamics", "loudness", "low_end", "masking", "mud", "phase", "repair", "sections", "sibilance", "vocal",
    "width",
]  # fmt: skip
"""What of a mix speaks to a card."""


class Card(Model):
    """One subject: what to do, with numbers, why, and what to keep away from."""

    id: str
    title: str
    asks: str
    """How people ask for it."""
    short: str
    """The answer in a sentence."""
    points: tuple[str, ...] = Field(min_length=2)
    """What belongs to a complete answer, the most important first."""
    why: str
    avoid: tuple[str, ...] = ()
    """Mistakes that do harm."""
    exercise: str = ""
    """How to learn to hear it."""
    sources: tuple[str, ...] = ()
    """Addresses or standards; empty is common studio knowledge."""
    status: Status = "practice"
    measures: tuple[Measure, ...] = ()
    against: tuple[str, ...] = ()
    """Kinds of processors that it advises against here: no starting setting of theirs is told beside it."""

    @property
    def steps(self) -> frozenset[str]:
        """Points that are parts of one numbered list, which is told whole; none where it has no such list."""
        numbered = [text for text in self.points if _STEP.match(text)]
        return frozenset(numbered) if any(text.startswith("1 ") for text in numbered) else frozenset()


class Recipe(Model):
    """Where a processor starts on a source, by what its settings do."""

    kind: str
    source: str
    style: str | None = None
    values: dict[str, tuple[float, float]]
    """Range by role: times in ms, decay in s, frequencies in Hz, levels in dB, shares in %."""
    why: str


class QuestionWords(Model):
    """What means the same in questions."""

    same: dict[str, str]
    phrases: dict[str, str]
    stop: frozenset[str]
    subjects: frozenset[str]
    """Words that say what a question is about: an answer that is not about them misses it."""
    special: frozenset[str]
    """Instruments, styles and uses: a card made for one is no neighbour of a question that does not name it."""
    languages: dict[str, dict[str, str]]


class NameWords(Model):
    """Words that decide whether something in a question is the name of a processor."""

    words: frozenset[str]
    """Aliases that are words of their own: they count where they are written as a name, or after their maker."""
    always: frozenset[str]
    """Of those, what nobody says of anything else."""
    ordinary: frozenset[str]
    """Names that are no processors: services, norms, makers, formats."""
    generic: frozenset[str]
    """What may be said of any processor, so that it names none although it is what is left of a name without its maker."""
    makers: frozenset[str]
    """Makers: a model behind one that is not in the table is a processor that nobody here knows."""
    everyday: frozenset[str]
    """What stands before a kind of processor without being its name."""


@cache
def cards() -> tuple[Card, ...]:
    """Return every card, by file and place in it."""
    found = []
    for text in folder_texts("guidance"):
        found += [Card.model_validate(row) for row in tomllib.loads(text)["card"]]
    return tuple(found)


@cache
def recipes() -> tuple[Recipe, ...]:
    """Return every starting setting."""
    return tuple(Recipe.model_validate(row) for row in table("recipes")["recipe"])


@cache
def question_words() -> QuestionWords:
    """Return what means the same in questions."""
    rows = dict(table("question_words"))
    rows.pop("names")
    about = rows.pop("subjects")
    subjects, special = frozenset(about["words"]), frozenset(about["special"])
    same, phrases, stop = rows.pop("same"), rows.pop("phrases"), frozenset(rows.pop("stop")["words"])
    return QuestionWords(same=same, phrases=phrases, stop=stop, subjects=subjects, special=special, languages=rows)


@cache
def name_words() -> NameWords:
    """Return the words that decide about names of processors."""
    return NameWords.model_validate(table("question_words")["names"])


def folder_texts(name: str) -> list[str]:
    """Return the TOML files of a folder of knowledge, sorted by name."""
    folder = files(__name__.rpartition(".")[0]).joinpath(name)
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return [file.read_text("utf-8") for file in found]
