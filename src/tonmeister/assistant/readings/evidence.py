"""What in this song speaks for one reading and against another, measured before anything is tried."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tonmeister.assistant.readings.metrics import METRICS, band_frames_db, own_sound
from tonmeister.assistant.readings.scene import Scene
from tonmeister.assistant.readings.templates import Template
from tonmeister.document.fold import still_fader_db
from tonmeister.knowledge.rows import table

_RANGES_HZ = {
    "dynamic_harsh": (2000, 5000),
    "dynamic_mud": (200, 500),
    "dynamic_low": (30, 140),
    "dynamic_ess": (5000, 10000),
}
_STATIC = {
    "high_shelf": (6000, 16000),
    "mud_cut": (200, 500),
    "low_shelf": (30, 140),
    "body": (120, 350),
    "harsh_cut": (2000, 5000),
}


class Found(NamedTuple):
    """What was found for a reading."""

    bonus: float
    """Added to how likely it is chosen, 0..1; negative speaks against it."""
    words: str


Look = Callable[[Template, Scene], Found | None]


def _limit(name: str) -> float:
    return float(table("readings")["evidence"][name])


def _bonus(value: float, limit: float) -> float:
    return _limit("bonus") if value > limit else -_limit("bonus")


def look(template: Template, scene: Scene) -> Found | None:
    """Return what speaks for or against a reading in this song; None where nothing is looked at."""
    finder = _LOOKS.get(template.recipe)
    return None if finder is None else finder(template, scene)


def _covered(template: Template, scene: Scene) -> Found | None:
    if scene.is_whole:
        return None
    name = METRICS["low_clarity" if template.recipe == "carve_low" else "clarity"]
    stands = name[0](scene, scene.before, scene.mix)
    limit = _limit("covered_db")
    return Found(
        _bonus(-stands, -limit),
        f"{name[2]}: {stands:+.1f} dB ({'covered' if stands < limit else 'not covered'}; limit {limit:g})",
    )


def _uneven(template: Template, scene: Scene) -> Found | None:  # noqa: ARG001 - every look has the same words
    spread = METRICS["spread"][0](scene, scene.before, scene.mix)
    limit = _limit("spread_db")
    return Found(
        _bonus(spread, limit),
        f"its level wanders by {spread:.1f} dB ({'uneven' if spread > limit else 'even enough'}; limit {limit:g})",
    )


def _seldom(template: Template, scene: Scene) -> Found | None:
    """A range that is strong only at times asks for a band that moves, one that always is for a fixed one."""
    moving = template.recipe in _RANGES_HZ
    low_hz, high_hz = (_RANGES_HZ if moving else _STATIC)[template.recipe]
    levels = band_frames_db(own_sound(scene, scene.before, scene.mix), scene.mix.song.sample_rate_hz, low_hz, high_hz)
    active = levels[levels > levels.max() - 30]
    stands_out = float(np.percentile(active, 95) - np.percentile(active, 50))
    limit = _limit("seldom_db")
    bonus = _bonus(stands_out, limit)
    words = f"{low_hz:g}-{high_hz:g} Hz stands out by {stands_out:.1f} dB ({'at times' if stands_out > limit else 'all the time'}; limit {limit:g})"
    return Found(bonus if moving else -bonus, words)


def _wet(template: Template, scene: Scene) -> Found | None:
    wet = METRICS["wet"][0](scene, scene.before, scene.mix)
    limit = _limit("wet_db")
    is_wet = wet > limit
    wants_less = template.sign < 0
    state = "wet" if is_wet else "dry"
    return Found(
        _limit("bonus") * (1 if is_wet == wants_less else -1),
        f"reverb and delay at {wet:.1f} dB under it ({state}; limit {limit:g})",
    )


def _contrast(template: Template, scene: Scene) -> Found | None:  # noqa: ARG001 - all rows of the table have one signature
    """How far choruses stand over verses: what a lift would add to."""
    sections = scene.mix.song.sections
    choruses = [(s.start_s, s.end_s) for s in sections if s.label in ("chorus", "drop")]
    verses = [(s.start_s, s.end_s) for s in sections if s.label == "verse"]
    if not choruses or not verses:
        return None
    lift = _section_db(scene, choruses) - _section_db(scene, verses)
    limit = _limit("contrast_db")
    return Found(
        _bonus(-lift, -limit),
        f"the choruses lie {lift:+.1f} dB over the verses ({'little' if lift < limit else 'enough'}; limit {limit:g})",
    )


def _section_db(scene: Scene, spans: list[tuple[float, float]]) -> float:
    """Return the mean power of all tracks at their faders within some spans."""
    total = 0.0
    steps = 0
    for start_s, end_s in spans:
        first, end = round(10 * start_s), round(10 * end_s)
        steps += end - first
        for track in scene.mix.tracks:
            if track.used:
                gain = 10 ** (still_fader_db(scene.mix, track.id) / 10)
                total += gain * float(scene.song.energy(track.id)[first:end].sum())
    return float(10 * np.log10(max(total, 1e-12) / max(1, steps)))


_LOOKS: dict[str, Look] = {
    "carve": _covered, "carve_low": _covered, "level_out": _uneven, "section_lift": _contrast, "section_width": _contrast,
    "send": _wet, "returns": _wet, "reverb_shorter": _wet, **dict.fromkeys(_RANGES_HZ, _seldom), **dict.fromkeys(_STATIC, _seldom),
}  # fmt: skip
"""What is looked at for each recipe."""
