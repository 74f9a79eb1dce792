"""From a named arc and the song's own form to a level, a width and a space for each section.

An arc says how sections are meant to lie against each other as they are heard. What the song does already is not done again: only
what is missing is moved, by the least that reaches it. So the same arc gives every song its own curve.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.knowledge import Arc, number
from tonmeister.tasks.pacing.form import Part
from tonmeister.tasks.pacing.reference import towards_contrast
from tonmeister.tasks.pacing.relations import Relation, relations_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scene:
    """What an arc asks of one section."""

    part: Part
    level_db: float
    """Change of level against the balanced mix."""
    width: float
    """Change of the mix's width (side power over all power)."""
    space_db: float
    """Change of the returns of reverbs and delays."""
    why: Relation | None = None
    """What asked most for the change of level; None is the song's own contrast, or the stems'."""


_FAINT_LUFS = -60.0
_ROUNDS = 200
_NEAR_LU = 0.01


def draw_arc(arc: Arc, parts: Sequence[Part], *, most_db: float) -> list[Scene]:
    """Return a scene a section: as the arc says, as far as the budget goes, neither louder nor softer as a whole."""
    relations = relations_of(arc, parts)
    levels = np.clip(
        _own_contrast(arc, parts) + _of_the_demo(arc, parts) + towards_contrast(arc, parts), -most_db, most_db
    )
    for _ in range(3):  # a shift of the whole may run into the budget at one end: the order has the last word
        levels = _in_order(parts, relations, _levelled(parts, levels, most_db), most_db)
    return [
        Scene(
            part,
            round(float(level), 2),
            arc.width.get(part.kind, 0.0),
            arc.space_db.get(part.kind, 0.0),
            _reason(place, relations, parts),
        )
        for place, (part, level) in enumerate(zip(parts, levels, strict=True))
    ]


def _own_contrast(arc: Arc, parts: Sequence[Part]) -> Floats:
    """Return how much clearer each section is made against those before and after it, by how its own energy differs from theirs.

    The first and the last one come from silence and go there: that is contrast enough.
    """
    energy, found = np.array([part.energy for part in parts]), np.zeros(len(parts))
    found[1:-1] = arc.contrast_db * (energy[1:-1] - (energy[:-2] + energy[2:]) / 2)
    most_db = number("pacing.contrast_most_db").value
    return np.clip(found, -most_db, most_db)


def _of_the_demo(arc: Arc, parts: Sequence[Part]) -> Floats:
    """Return what balance and dynamics took from the differences between sections that the stems came with."""
    mixed, came = (np.array([getattr(part, name) for part in parts]) for name in ("loudness_lufs", "demo_lufs"))
    heard = (mixed > _FAINT_LUFS) & (came > _FAINT_LUFS)
    if not heard.any():
        return np.zeros(len(parts))
    apart = (came - came[heard].mean()) - (mixed - mixed[heard].mean())
    return arc.demo_share * np.where(heard, apart, 0.0)


def _in_order(parts: Sequence[Part], relations: Sequence[Relation], levels: Floats, most_db: float) -> Floats:
    """Return the levels nearest to those given that keep every relation within reach: Kaczmarz's projections, in turn.

    What lacks is shared by both sides, the longer section moves less, so that least of the song is moved; where one is at the
    budget's end, the other gives the rest.
    """
    levels, loud = levels.copy(), np.array([part.loudness_lufs for part in parts])
    most_up_db = _room_db(loud, most_db)
    lasting_s = [max(part.end_s - part.start_s, _NEAR_LU) for part in parts]
    for _ in range(_ROUNDS):
        furthest = 0.0
        for one in relations:
            lacking = loud[one.low] + levels[one.low] + one.least_lu - loud[one.high] - levels[one.high]
            if lacking <= _NEAR_LU or loud[one.low] + one.least_lu - loud[one.high] > most_db + most_up_db[one.high]:
                continue  # in order, or out of reach: no reason to bend the song
            share = lasting_s[one.low] / (lasting_s[one.low] + lasting_s[one.high])
            up = max(share * lacking, lacking - (levels[one.low] + most_db))
            up = max(0.0, min(up, most_up_db[one.high] - levels[one.high]))
            levels[one.high] += up
            levels[one.low] = max(-most_db, levels[one.low] - (lacking - up))
            furthest = max(furthest, lacking)
        if furthest <= _NEAR_LU:
            break
    return levels


def _room_db(loud: Floats, most_db: float) -> Floats:
    """Return how far each section may go up: not over the song's own peak, so that the master leaves the last chorus its lift."""
    over = number("pacing.over_peak_most_lu").value
    room: Floats = np.clip(loud.max() + over - loud, 0.0, most_db)
    return room


def _reason(place: int, relations: Sequence[Relation], parts: Sequence[Part]) -> Relation | None:
    """Return the relation of a section that the balanced mix misses most."""
    loud = [part.loudness_lufs for part in parts]
    missed = [
        (loud[r.low] + r.least_lu - loud[r.high], -number, r)
        for number, r in enumerate(relations)
        if place in (r.low, r.high)
    ]
    worst = max(missed, key=lambda one: one[:2], default=None)
    return None if worst is None or worst[0] <= _NEAR_LU else worst[2]


def _levelled(parts: Sequence[Part], wanted: Floats, most_db: float) -> Floats:
    """Return the levels within the budget; the song keeps its loudness: room for the summit comes from what is before it."""
    power = np.array([(part.end_s - part.start_s) * 10 ** (part.loudness_lufs / 10) for part in parts])
    low, high = -20.0, 20.0
    levels = wanted
    for _ in range(40):
        shift = (low + high) / 2
        levels = np.clip(wanted + shift, -most_db, most_db)
        louder = float((power * 10 ** (levels / 10)).sum()) > float(power.sum())
        low, high = (low, shift) if louder else (shift, high)
    return levels
