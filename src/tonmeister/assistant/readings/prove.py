"""Try readings on an excerpt: the smallest amount that is heard in the promised direction and leaves the rest alone."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tonmeister.assistant.readings import recipes_dynamics, recipes_place, recipes_tone
from tonmeister.assistant.readings.metrics import METRICS, loudness_db, mastered
from tonmeister.assistant.readings.planning import OTHER_PARTS, Recipe, Wanted, scene_for
from tonmeister.assistant.readings.reading import Proof, Reading, Step
from tonmeister.assistant.readings.scene import EXCERPT_S, Heard, Scene, hear
from tonmeister.assistant.readings.templates import Template, amount, audible, bound, fitting, templates
from tonmeister.document.mix import Mix
from tonmeister.document.move import Evidence, Move, TargetChange
from tonmeister.engineer.whatif_plans import Planned

RECIPES: dict[str, Recipe] = {**recipes_tone.RECIPES, **recipes_dynamics.RECIPES, **recipes_place.RECIPES}
"""How each reading is done."""
_STEPS = (1.0, 1.6, 2.5)
"""Amounts that are tried in turn, against what the words say."""
_BACK = 0.6
"""A try that changes too much besides is followed by one with this share of it."""
_MOST_DB = 12.0
_IN_SECTIONS = ("section_lift", "section_width")
_KINDS = {
    "level": "level", "masking": "tone", "dynamics": "dynamics", "parallel": "dynamics", "saturation": "tone", "space": "space",
    "delay": "space", "reverb_time": "space", "width": "width", "pan": "width", "automation": "automation", "loudness": "loudness",
}  # fmt: skip
"""Which row of amounts a mechanism goes by; all others change tone."""
_SPACE_RECIPES = ("send", "delay", "returns", "returns_duck", "reverb_shorter", "reverb_dark", "reverb_thin")


def kind_of(template: Template) -> str:
    """Return which row of amounts a reading goes by."""
    return "space" if template.recipe in _SPACE_RECIPES else _KINDS.get(template.mechanism, "tone")


def try_reading(template: Template, scene: Scene, *, number: int, scale: float = 1.0) -> Reading | None:
    """Return a reading with what it was measured to do; None where this song leaves nothing to do it with, or it does not do it.

    Args:
        template: The reading as the table has it.
        scene: What it is about, in one song.
        number: Number of the revision, for names in the document.
        scale: Share of the usual amount, as taste has it.
    """
    if not template.can_be_done:
        return _told(template, scene)
    here = scene_for(template.recipe, _in_sections(template, scene))
    if here is None:
        return None
    said = scene.intent.amount_db if kind_of(template) in ("level", "tone") else None
    base = said if said is not None else amount(kind_of(template), scene.intent.strength) * scale
    best: Reading | None = None
    for step in _amounts(base, is_said=said is not None):
        planned = tuple(RECIPES[template.recipe](Wanted(here, step, template.sign, number)))
        if not planned:
            return None
        proof = _measure(template, here, planned)
        reading = _reading(template, scene, planned, step, proof)
        if proof.is_kept and _is_bounded(template, proof):
            return reading
        if proof.is_kept:
            best = _smaller(template, scene, here, step, number) or best
            break
    return best


def try_amount(name: str, scene: Scene, *, db: float, number: int) -> Reading | None:
    """Return a reading of the table with an amount that a person set, as it is measured; None where it cannot be done here."""
    template = next(one for one in templates() if one.name == name and _is_of(one, scene))
    here = scene_for(template.recipe, _in_sections(template, scene))
    if here is None:
        return None
    planned = tuple(RECIPES[template.recipe](Wanted(here, db, template.sign, number)))
    return _reading(template, scene, planned, db, _measure(template, here, planned)) if planned else None


def _is_of(template: Template, scene: Scene) -> bool:
    return template in fitting(scene.intent)


def _amounts(base: float, *, is_said: bool) -> Iterator[float]:
    for step in (1.0,) if is_said else _STEPS:
        yield round(min(_MOST_DB, base * step), 2)


def _smaller(template: Template, scene: Scene, here: Scene, step: float, number: int) -> Reading | None:
    """Return the reading with less of it, where that still is heard and leaves the rest alone."""
    for share in (_BACK, _BACK**2, _BACK**3):
        planned = tuple(RECIPES[template.recipe](Wanted(here, round(step * share, 2), template.sign, number)))
        proof = _measure(template, here, planned) if planned else None
        if proof is not None and proof.is_kept and _is_bounded(template, proof):
            return _reading(template, scene, planned, round(step * share, 2), proof)
    return None


def _in_sections(template: Template, scene: Scene) -> Scene:
    """Return the scene in its choruses, for a reading that lifts a place over the rest where no place was named."""
    if template.recipe not in _IN_SECTIONS or scene.spans_s:
        return scene
    spans = tuple((s.start_s, s.end_s) for s in scene.mix.song.sections if s.label in ("chorus", "drop"))
    if not spans:
        return scene
    rate = scene.mix.song.sample_rate_hz
    start_s, end_s = max(spans, key=lambda span: span[1] - span[0])
    first = round(start_s * rate)
    length = min(round(EXCERPT_S * rate), round((end_s - start_s) * rate))
    return replace(scene, spans_s=spans, start_frame=first, end_frame=first + length)


def _is_bounded(template: Template, proof: Proof) -> bool:
    asks_loudness = template.mechanism in ("loudness", "automation")
    return proof.others_db <= bound("others_db") and (asks_loudness or abs(proof.loudness_lu) <= bound("loudness_lu"))


def _told(template: Template, scene: Scene) -> Reading:
    return Reading(
        number=0, note=scene.intent.note, name=template.name, mechanism=template.mechanism, families=template.families,
        says=_filled(template.says, scene, 0), protects=_filled(template.protects, scene, 0),
        evidence="nothing that is measured here decides it",
    )  # fmt: skip


def _reading(template: Template, scene: Scene, planned: Sequence[Planned], db: float, proof: Proof) -> Reading:
    return Reading(
        number=0, note=scene.intent.note, name=template.name, mechanism=template.mechanism, families=template.families,
        says=_filled(template.says, scene, db), protects=_filled(template.protects, scene, db), evidence=_evidence(proof),
        steps=tuple(Step(where=one.where, change=one.change, title=one.title) for one in planned), proof=proof, amount_db=db,
    )  # fmt: skip


def _evidence(proof: Proof) -> str:
    return (
        f"{proof.metric}: {proof.before:.1f} → {proof.after:.1f} dB at {proof.start_s:.1f}-{proof.end_s:.1f} s; "
        f"other tracks at most {proof.others_db:.1f} dB, master {proof.loudness_lu:+.2f} LU"
    )


def _filled(text: str, scene: Scene, db: float) -> str:
    section = scene.intent.section
    where = "the choruses" if section is None else f"the {section.replace('_', ' ')}"
    if section is not None and section.startswith("time_"):
        where = f"the place at {section.removeprefix('time_')}"
    said = text.format(who=scene.who, amount=f"{db:.1f}", where=where)
    return said[:1].upper() + said[1:] if text[:1].isupper() or text.startswith("{who}") else said


def moves_of(
    steps: Sequence[Step | Planned], mix: Mix, *, number: int, said: str, proof: Proof | None
) -> tuple[Move, ...]:
    """Return changes as moves of revision `number`."""
    order = max((move.order for move in mix.moves), default=0) + 1
    because = Evidence(
        what=f"asked for: {said}" + ("" if proof is None else f"; {proof.metric} on an excerpt, and the least that counts"),
        value=0.0 if proof is None else round(proof.change, 2), limit=None if proof is None else proof.wanted, unit="dB",
        source="the person: revise",
    )  # fmt: skip
    return tuple(
        Move(
            id=f"revise.{number}.{place}", task="communication", title=step.title, where=step.where, change=step.change,
            order=order, set_by="person", **_own(step, number, because),
        )
        for place, step in enumerate(steps, start=1)
    )  # fmt: skip


def _own(step: Step | Planned, number: int, asked: Evidence) -> dict[str, Any]:
    """Return reasons, promise and dependencies of a move: those of its step, or that it was asked for."""
    if not isinstance(step, Step) or not step.because:
        return {"because": (asked,)}
    needs = tuple(f"revise.{number}.{one}" if isinstance(one, int) else one for one in step.needs)
    return {"because": step.because, "expects": step.expects, "measured": step.measured, "depends_on": needs}


def measure_steps(template: Template, scene: Scene, steps: Sequence[Step]) -> Proof:
    """Return what a reading does at another place."""
    here = scene_for(template.recipe, scene) or scene
    return _measure(template, here, steps)


def _measure(template: Template, scene: Scene, planned: Sequence[Planned | Step]) -> Proof:
    measure, kind, words = METRICS[template.metric or "level"]
    moves = moves_of(planned, scene.mix, number=0, said="", proof=None)
    changed = scene.with_moves(moves)
    touched = sorted({one.where.track for one in planned if one.where.track is not None})
    heard = hear(scene, changed, touched, base=scene.before)
    rate = scene.mix.song.sample_rate_hz
    loud = loudness_db(mastered(scene, heard, changed), rate) - loudness_db(
        mastered(scene, scene.before, scene.mix), rate
    )
    if any(isinstance(one.change, TargetChange) for one in planned):
        asked = (changed.master.target_lufs or 0.0) - (scene.mix.master.target_lufs or 0.0)
        loud = round(loud - asked, 3) if template.mechanism != "loudness" else loud
    return Proof(
        metric=words, before=round(measure(scene, scene.before, scene.mix), 3), after=round(measure(scene, heard, changed), 3),
        wanted=audible(kind) * template.sign, others_db=round(_others_db(scene, heard, template, touched), 3), loudness_lu=round(loud, 3),
        start_s=round(scene.start_frame / rate, 2), end_s=round(scene.end_frame / rate, 2),
    )  # fmt: skip


def _others_db(scene: Scene, heard: Heard, template: Template, touched: Sequence[str]) -> float:
    """Return the largest change of level of a track that is not meant; what is not touched does not change."""
    if scene.is_whole or template.recipe in OTHER_PARTS:
        return 0.0
    rate = scene.mix.song.sample_rate_hz
    others = [name for name in touched if name not in scene.tracks]
    changes = [loudness_db(heard.tracks[n], rate) - loudness_db(scene.before.tracks[n], rate) for n in others]
    return float(np.max(np.abs(changes))) if changes else 0.0
