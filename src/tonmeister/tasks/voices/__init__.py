"""Voices among each other: layers behind the lead, and a voice over a finished beat."""

from collections.abc import Callable, Iterator

from tonmeister.document.move import Move
from tonmeister.tasks.voices import beat, layers, pitch, timing
from tonmeister.tasks.work import Work

Rule = Callable[[Work], Iterator[Move]]

RULES: tuple[Rule, ...] = (pitch.propose, timing.propose, layers.propose, beat.propose)
"""In the order of the work."""


def propose(work: Work) -> Iterator[Move]:
    """Set layers behind the lead, and make the voice's room in a finished beat."""
    for rule in RULES:
        yield from rule(work)


__all__ = ["RULES", "propose"]
