"""What came of a client's words: a numbered list of actions, readings to choose from, a draft of the reply."""

from typing import Literal

from tonmeister.assistant.readings.reading import Reading
from tonmeister.assistant.understanding.intent import Intent, Understood
from tonmeister.model import Model

State = Literal["proposed", "done", "asked", "declined", "kept", "not understood"]


class Action(Model):
    """One note, and what becomes of it."""

    number: int
    state: State
    said: str
    """The words of the note."""
    intent: Intent | None = None
    """None where nothing was understood."""
    readings: tuple[int, ...] = ()
    """Numbers of the readings that answer it, the first choice first."""
    reason: str = ""
    """Why it is asked, declined or kept."""


class Revision(Model):
    """A text, and what became of each of its notes."""

    text: str
    understood: Understood
    actions: tuple[Action, ...]
    readings: tuple[Reading, ...]
    question: str | None = None
    """The one question whose answer would change the choice."""
    chosen: tuple[int, ...] = ()
    moves: tuple[str, ...] = ()
    """Ids of the moves that were added; empty for a dry run."""
    version: int | None = None
    """Number of the new version."""
    report: tuple[str, ...] = ()
    """What was changed, in plain words with measured numbers."""
    reply: str = ""
    """A draft of the answer to the client."""
    excerpts: tuple[str, ...] = ()
    """Files to compare, level-matched, in the result folder."""
    misses: tuple[str, ...] = ()
    """Targets and budgets that the new version misses."""

    def reading(self, number: int) -> Reading:
        """Return a reading by number."""
        return next(one for one in self.readings if one.number == number)
