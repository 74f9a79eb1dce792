"""What a person wants of a mix: what it is about, which way, how far."""

from typing import Literal

from pydantic import Field

from tonmeister.model import Model, Share

Attribute = Literal[
    "arrangement", "brightness", "clarity", "distortion", "dynamics", "energy", "harshness", "level", "loudness", "low_end", "mud",
    "noise", "pitch", "punch", "sibilance", "space", "timing", "translation", "vibe", "warmth", "width",
]  # fmt: skip
Direction = Literal["increase", "decrease", "fix", "keep", "unclear"]
Strength = Literal["slight", "moderate", "strong"]
Level = Literal["low", "medium", "high"]


class Intent(Model):
    """One wish."""

    target: str
    """Part of the mix, such as `lead_vocal`; `mix` is the balance of all, `master` the finished file."""
    tracks: tuple[str, ...] = ()
    """Ids of the session's tracks that were named, where words named them."""
    section: str | None = None
    """Section such as `chorus` or `verse_1`, or `time_m:ss`; None is the whole song."""
    time_s: tuple[float, float | None] | None = None
    """Start and, where said, end of the place that is meant."""
    attribute: Attribute
    direction: Direction
    """`fix` is a fault without an axis, `keep` protects it, `unclear` can mean either way."""
    strength: Strength = "moderate"
    detail: str | None = None
    """What kind, such as `boxy` or `phone`."""
    amount_db: float | None = None
    """Decibels, where they were said."""
    frequency_hz: float | None = None
    """Frequency, where one was said."""
    said: str = ""
    """The words that it was read from."""
    note: int = 0
    """Which note of the text, from 0."""
    is_guess: bool = False
    """Whether it is only what the words are like: nobody's vocabulary holds them."""


class Ambiguity(Model):
    """How far the words leave open what to do."""

    level: Level
    ask: str | None = None
    """The one question whose answer changes the choice; None where it does not."""


class Note(Model):
    """One note of a mail, and what was made of it: none is lost."""

    number: int = Field(ge=0)
    text: str
    understood: bool
    """False where it holds no wish that we know."""
    courtesy: bool = False
    """A greeting, thanks or general praise, which asks for nothing."""


class Understood(Model):
    """A text, understood as far as it goes."""

    language: Literal["en", "de", "es", "fr", "tr"]
    intents: tuple[Intent, ...]
    ambiguity: Ambiguity
    notes: tuple[Note, ...]
    corrected: tuple[str, ...] = ()
    """Spelling that was read as another word, as `wrong > right`."""
    confidence: Share = 1.0
    """Share of the notes that ask for something and were understood."""

    @property
    def open_notes(self) -> tuple[Note, ...]:
        """The notes that nothing could be read from."""
        return tuple(note for note in self.notes if not note.understood and not note.courtesy)
