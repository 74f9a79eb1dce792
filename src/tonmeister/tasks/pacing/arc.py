"""From a named arc and the song's own form to a level and a width for each section."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.knowledge import Arc, number
from tonmeister.tasks.pacing.form import Part

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


def draw_arc(arc: Arc, parts: Sequence[Part], *, most_db: float) -> list[Scene]:
    """Return a scene a section: as the arc says, as far as the budget goes, neither louder nor softer as a whole."""
    wanted = _asked(arc, parts)
    if arc.chorus_over_verse:
        wanted = _lift_choruses(parts, wanted)
    levels = _levelled(parts, wanted, most_db)
    if arc.chorus_over_verse:
        levels = _settled(parts, levels, most_db)
    return [
        Scene(part, round(float(level), 2), arc.width.get(part.kind, 0.0), arc.space_db.get(part.kind, 0.0))
        for part, level in zip(parts, levels, strict=True)
    ]


def _asked(arc: Arc, parts: Sequence[Part]) -> Floats:
    """Return what the arc says about each section, before any limit."""
    seen: Counter[str] = Counter()
    choruses = [place for place, part in enumerate(parts) if part.kind == "chorus"]
    summit_s = parts[choruses[-1]].end_s if choruses else parts[-1].end_s
    asked = []
    for place, part in enumerate(parts):
        level = arc.level_db.get(part.kind, 0.0) + arc.rise_db * min(1.0, 0.5 * (part.start_s + part.end_s) / summit_s)
        if part.kind == "chorus":
            level += arc.again_db * seen["chorus"] + (arc.last_db if place == choruses[-1] else 0.0)
        seen[part.kind] += 1
        asked.append(level)
    mixed, came = (np.array([getattr(part, name) for part in parts]) for name in ("loudness_lufs", "demo_lufs"))
    heard = (mixed > _FAINT_LUFS) & (came > _FAINT_LUFS)
    apart = (came - came[heard].mean()) - (mixed - mixed[heard].mean()) if heard.any() else np.zeros(len(parts))
    return np.array(asked) + arc.demo_share * np.where(heard, apart, 0.0)


_FAINT_LUFS = -60.0
_ROUNDS = 12


def _lift_choruses(parts: Sequence[Part], wanted: Floats) -> Floats:
    """Return levels with each chorus over the verses by the least that is heard, and no later chorus under the first."""
    levels = wanted.copy()
    loud = np.array([part.loudness_lufs for part in parts])
    for low, high, least in _order(parts):
        levels[high] += max(0.0, loud[low] + levels[low] + least - loud[high] - levels[high])
    return levels


def _order(parts: Sequence[Part]) -> list[tuple[int, int, float]]:
    """Return which section must lie under which, and by how much: verses under their chorus, the first under the second."""
    least = number("pacing.chorus_over_verse_lu").value
    choruses = [place for place, part in enumerate(parts) if part.kind == "chorus"]
    verses = [place for place, part in enumerate(parts) if part.kind == "verse"]
    pairs = [
        (verse, place, least) for place in choruses for verse in ([v for v in verses if v < place][-1:] or verses[:1])
    ]
    return pairs + [(choruses[0], place, 0.0) for place in choruses[1:2]]


def _settled(parts: Sequence[Part], levels: Floats, most_db: float) -> Floats:
    """Return the levels in their order as far as the budget reaches: what must be higher goes up, then the other down."""
    levels = levels.copy()
    loud = np.array([part.loudness_lufs for part in parts])
    for _ in range(_ROUNDS):
        for low, high, least in _order(parts):
            lacking = loud[low] + levels[low] + least - loud[high] - levels[high]
            if lacking <= 0 or loud[low] + least - loud[high] > 2 * most_db:  # out of reach: no reason to bend the song
                continue
            up = min(lacking, most_db - levels[high])
            levels[high] += up
            levels[low] = max(-most_db, levels[low] - (lacking - up))
    return levels


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
