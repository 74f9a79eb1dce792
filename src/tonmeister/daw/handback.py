"""What a session writer gives back: where the session is, what it carries, and what it does not."""

from pathlib import Path

from tonmeister.model import Model


class Handback(Model):
    """An editable session and an honest account of it."""

    path: Path
    """The file that the DAW opens."""
    carried: dict[str, int]
    """How many of each kind of thing are in it, such as `tracks`, `fader lanes`, `equalisers`."""
    approximate: tuple[str, ...] = ()
    """What is in it, but does not sound exactly as in our mix; sentences."""
    lost: tuple[str, ...] = ()
    """What could not be carried; sentences."""
