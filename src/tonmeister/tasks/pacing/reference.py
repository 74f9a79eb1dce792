"""The arc of references: how far their loud parts lie over their quiet ones is what the song's own parts aim at.

Their form is not copied: which part of this song lies over which stays its own, only how far is theirs.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.portrait import Portrait
from tonmeister.document.move import Evidence
from tonmeister.knowledge import Arc, number
from tonmeister.knowledge.rows import arcs
from tonmeister.tasks.pacing.form import Part
from tonmeister.tasks.work import Work

if TYPE_CHECKING:  # arc.py draws with what stands here
    from tonmeister.tasks.pacing.arc import Scene

Floats = NDArray[np.float64]
NAME = "reference"
_FAINT_LU = 20.0
"""A fade or a lone first note is no part of the contrast."""


def contrast_lu(levels_lu: Sequence[float], lengths_s: Sequence[float]) -> float | None:
    """Return how far the louder half of a song's time lies over the softer half, section by section; None for less than two sections."""
    levels, lengths = np.array(levels_lu, np.float64), np.array(lengths_s, np.float64)
    there = levels > levels.max(initial=-np.inf) - _FAINT_LU
    levels, lengths = levels[there], lengths[there]
    if levels.size < 2:
        return None
    order = np.argsort(levels, kind="stable")
    ends = np.cumsum(lengths[order])
    half = ends[-1] / 2
    softer = np.clip(half - (ends - lengths[order]), 0, lengths[order])
    louder = lengths[order] - softer
    return float((levels[order] * louder).sum() / louder.sum() - (levels[order] * softer).sum() / softer.sum())


def contrast_of(portrait: Portrait) -> float | None:
    """Return the contrast between the sections of a recording."""
    parts = portrait.sections
    return contrast_lu([part.level_lu for part in parts], [part.end_s - part.start_s for part in parts])


def reference_contrast_lu(work: Work) -> float | None:
    """Return the contrast of the references, by weight; None where none of them has two sections."""
    found = [(contrast_of(one.portrait), one.weight) for one in work.mix.brief.references]
    known = [(contrast, weight) for contrast, weight in found if contrast is not None]
    total = sum(weight for _, weight in known)
    return sum(contrast * weight for contrast, weight in known) / total if known else None


def arc_named(work: Work, name: str) -> Arc:
    """Return an arc of the table, or the one that the references make."""
    if name != NAME:
        return arcs()[name]
    amount = work.mix.brief.amounts.arc
    return arcs()[NAME].model_copy(
        update={"aimed_contrast_lu": reference_contrast_lu(work), "aimed_share": amount or 1.0}
    )


def contrast_evidence(work: Work, name: str, scenes: Sequence["Scene"]) -> Evidence | None:
    """Return the contrast of the song against that of its references, where those make the arc."""
    aim = reference_contrast_lu(work) if name == NAME else None
    parts = [scene.part for scene in scenes]
    own = contrast_lu([part.loudness_lufs for part in parts], [part.end_s - part.start_s for part in parts])
    if aim is None or own is None:
        return None
    names = ", ".join(one.name for one in work.mix.brief.references)
    return Evidence(
        what="the louder half of the sections over the softer one; the limit is the references'", value=round(own, 2), limit=round(aim, 2),
        unit="LU", source=f"the person's references, {work.mix.brief.amounts.arc or 1.0:.0%} of the way: {names}",
    )  # fmt: skip


def towards_contrast(arc: Arc, parts: Sequence[Part]) -> Floats:
    """Return how far each section would move so that the song's contrast comes that part of the way to the one aimed at."""
    loud = np.array([part.loudness_lufs for part in parts])
    lengths = np.array([part.end_s - part.start_s for part in parts])
    own = contrast_lu(loud.tolist(), lengths.tolist())
    if arc.aimed_contrast_lu is None or own is None:
        return np.zeros(len(parts))
    shape, size = loud, own
    if own < number("direction.contrast_least_lu").value:
        shape = np.array([part.energy for part in parts])
        size = contrast_lu(shape.tolist(), lengths.tolist()) or 0.0
    if size <= 0:
        return np.zeros(len(parts))
    there = loud > loud.max() - _FAINT_LU
    middle = float(np.average(shape[there], weights=lengths[there]))
    return np.where(there, arc.aimed_share * (arc.aimed_contrast_lu - own) * (shape - middle) / size, 0.0)
