"""The rules of a master of one file, in the order of the work."""

from collections.abc import Callable, Iterator

from tonmeister.document.move import Move
from tonmeister.tasks.mastering import colour, dynamics, low_end, matching, output, restoring, sides, tone
from tonmeister.tasks.mastering.finishing import Finishing

RULES: tuple[Callable[[Finishing], Iterator[Move]], ...] = (
    restoring.propose,
    low_end.propose,
    tone.propose,
    matching.propose,
    dynamics.propose,
    sides.propose,
    colour.propose,
    output.propose,
)
"""Each takes the work and gives moves; the last holds the true peaks."""


def propose_master(work: Finishing) -> Iterator[Move]:
    """Return the moves of a master, in the order of the work."""
    for rule in RULES:
        yield from rule(work)
