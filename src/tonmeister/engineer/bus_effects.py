"""What a bus's own processors do, measured on an excerpt of the bus."""

import numpy as np

from tonmeister.audio import Audio
from tonmeister.document.mix import Mix
from tonmeister.document.move import InsertChange, Move
from tonmeister.engineer.listeners import Collector
from tonmeister.engineer.options import Cancel
from tonmeister.engineer.trial import EXCERPT_S
from tonmeister.engineer.trial_effects import spread_change_db
from tonmeister.render import Renderer


def measure_bus_spread(
    move: Move, mix: Mix, renderer: Renderer, *, start_s: float, cancel: Cancel | None
) -> tuple[float, float | None] | None:
    """Return by how much loud and quiet of a bus come nearer behind its insert."""
    bus = move.where.bus
    if not isinstance(move.change, InsertChange) or bus is None:
        return None
    rate = mix.song.sample_rate_hz
    points = f"sum:{bus}", f"insert:bus:{bus}:{move.change.insert.id}"
    ears = {point: Collector() for point in points}
    renderer.render(
        mix, listeners={point: [ear] for point, ear in ears.items()}, start_frame=round(start_s * rate),
        end_frame=min(mix.song.frames, round((start_s + EXCERPT_S) * rate)), cancel=cancel,
    )  # fmt: skip
    before, after = (Audio(np.ascontiguousarray(ear.samples), rate) for ear in ears.values())
    change = spread_change_db(before, after)
    return None if change is None else (change, 0.0)
