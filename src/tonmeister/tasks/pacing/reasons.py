"""Why sections are moved: how they lie in the balanced mix, and which order of the arc asks for another place."""

from collections.abc import Iterator, Sequence

import numpy as np

from tonmeister.document.move import Evidence
from tonmeister.knowledge.rows import arcs, source_text
from tonmeister.tasks.pacing.arc import Scene
from tonmeister.tasks.pacing.lifts import telling

REASON_DB = 3.0
"""A point that moves further says why."""


def reasons_of(name: str, scenes: Sequence[Scene], values: Sequence[float]) -> Iterator[Evidence]:
    """Yield why sections are moved: the two that are moved most either way, then all that move far or step far.

    Args:
        name: The arc.
        scenes: All sections with what the arc asks of them.
        values: What one lane does in each, in dB.
    """
    mean = float(np.mean([scene.part.loudness_lufs for scene in scenes]))
    steps = [abs(value - before) for value, before in zip(values, [values[0], *values], strict=False)]
    far = [s for s, value, step in zip(scenes, values, steps, strict=True) if max(abs(value), step) > REASON_DB]
    for scene in dict.fromkeys((*telling(scenes), *far)):
        yield _of_section(name, scene, scene.part.loudness_lufs - mean)
    yield from _of_order(name, scenes)


def _of_section(name: str, scene: Scene, found_lu: float) -> Evidence:
    part = scene.part
    return Evidence(
        what=f"{part.id}, taken as {part.kind}: loudness in the balanced mix against the mean of the sections",
        value=round(found_lu, 2), limit=round(found_lu + scene.level_db, 2), unit="LU",
        source=f"arcs.{name}: {source_text(arcs()[name].source)}", start_s=round(part.start_s, 2), end_s=round(part.end_s, 2),
    )  # fmt: skip


def _of_order(name: str, scenes: Sequence[Scene]) -> Iterator[Evidence]:
    """Yield what the arc asks of the order of sections and the balanced mix does not give."""
    for why in dict.fromkeys(scene.why for scene in scenes if scene.why is not None):
        low, high = scenes[why.low].part, scenes[why.high].part
        yield Evidence(
            what=f"{high.id} over {low.id} in the balanced mix ({why.why})", value=round(high.loudness_lufs - low.loudness_lufs, 2),
            limit=round(why.least_lu, 2), unit="LU", source=f"arcs.{name}: {source_text(arcs()[name].source)}",
            start_s=round(high.start_s, 2), end_s=round(high.end_s, 2),
        )  # fmt: skip
