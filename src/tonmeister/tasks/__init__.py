"""What we think: facts in, moves out; one task a file, in the order that stands here."""

from collections.abc import Callable, Iterator

from tonmeister.document.move import Move
from tonmeister.tasks import (
    alignment,
    automation,
    balance,
    cleanup,
    dynamics,
    equalisation,
    gain_staging,
    masking,
    mastering,
    pacing,
    panning,
    routing,
    space,
    voices,
    widths,
)
from tonmeister.tasks.work import Heard, Work

Propose = Callable[[Work], Iterator[Move]]

STRIP_TASKS: tuple[Propose, ...] = (
    alignment.propose,
    gain_staging.propose,
    cleanup.propose,
    routing.propose,
    equalisation.propose,
    dynamics.propose,
    widths.propose,
    voices.propose,
)
"""What shapes a strip before its fader, in the order of the work."""

MIX_TASKS: tuple[Propose, ...] = (
    balance.propose,
    dynamics.propose_buses,
    masking.propose,
    panning.propose,
    space.propose,
    mastering.propose,
    automation.propose,
    pacing.propose,
)
"""What places the strips against each other, in the order of the work."""

__all__ = ["MIX_TASKS", "STRIP_TASKS", "Heard", "Propose", "Work"]
