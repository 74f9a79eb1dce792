"""What stands behind each session format, for people who open one."""

from functools import cache

from tonmeister.knowledge.rows import table
from tonmeister.model import Model


class SessionNotes(Model):
    """What was checked of a format, and what to check."""

    title: str
    """Of which DAWs it is."""
    opens: str
    """What to open, and how."""
    validated: tuple[str, ...]
    """What our sessions were validated against."""
    only_the_daw: tuple[str, ...]
    """What only the DAW itself can tell."""
    check: tuple[str, ...]
    """What to look at when a session is opened for the first time."""


@cache
def session_notes() -> dict[str, SessionNotes]:
    """Return the notes by the name of the format."""
    return {name: SessionNotes.model_validate(row) for name, row in table("session_notes").items()}
