"""How to build a strip with the plugins that a DAW brings: what to set where, typed, from our settings and knowledge rows."""

from collections.abc import Iterator, Sequence
from typing import Any

from tonmeister.daw.words import summary_of, title_of
from tonmeister.document.strip import Bus, Insert, Strip
from tonmeister.knowledge.rows import source_text
from tonmeister.knowledge.stock_plugins import DAWS, Control, StockPlugin, stock_plugins
from tonmeister.model import Model
from tonmeister.processing import Equaliser

_SAME = {"expander": "gate"}
"""Kinds of ours that a DAW has under the name of another."""
_SHAPES = {
    "peak": "bell", "low_shelf": "low shelf", "high_shelf": "high shelf", "high_pass": "high-pass", "low_pass": "low-pass",
    "notch": "notch",
}  # fmt: skip


class Knob(Model):
    """One control at its value."""

    name: str
    value: float
    unit: str
    wanted: float | None = None
    """Our value, where the control does not go so far."""


class RecipeStep(Model):
    """One plugin of a strip."""

    insert: str
    """Which of our inserts it stands for."""
    plugin: str | None
    """What the DAW calls it; None where it brings none that is known here."""
    part: str = ""
    """Which band, of an equaliser."""
    knobs: tuple[Knob, ...] = ()
    note: str = ""
    """What else has to be set, or what to do instead."""


class Recipe(Model):
    """A strip in one DAW."""

    daw: str
    steps: tuple[RecipeStep, ...]
    sources: tuple[str, ...]
    """Where names and ranges come from."""


def recipes_of(inserts: Sequence[Insert], *, stem: str) -> tuple[Recipe, ...]:
    """Return the recipe of a chain for every DAW that is known."""
    return tuple(_recipe(daw, inserts, stem) for daw in DAWS)


def recipe_page(name: str, owner: Strip | Bus, recipes: Sequence[Recipe], *, stem: str) -> str:
    """Return the page of a strip as Markdown."""
    lines = [
        f"# {name}",
        "",
        f"With all of its processing it is `{stem}`. To build it anew, start with the sound as it came.",
    ]
    if isinstance(owner, Strip):
        lines += [
            "",
            f"Gain before the chain: {owner.trim_db:+.1f} dB. Polarity: {'turned over' if owner.polarity_inverted else 'as it is'}.",
        ]
        lines.append(
            f"Pan: {_pan(owner.pan.points[0].value)}{' at first; it moves' if not owner.pan.is_constant else ''}."
        )
    moves = "" if owner.fader_db.is_constant else " at first; it moves, which the stem has"
    lines.append(f"Fader: {owner.fader_db.points[0].value:+.1f} dB{moves}.")
    lines += [f"Send to {send.bus}: {send.level_db.points[0].value:+.1f} dB." for send in owner.sends]
    if not recipes or not recipes[0].steps:
        return "\n".join([*lines, "", "No plugin is needed.", ""])
    for recipe in recipes:
        lines += ["", f"## {recipe.daw}", ""]
        for place, step in enumerate(recipe.steps, 1):
            title = step.plugin or "No plugin of its own"
            lines.append(f"{place}. **{title}**{f', {step.part}' if step.part else ''} ({step.insert})")
            lines += [f"   - {_knob(knob)}" for knob in step.knobs]
            if step.note:
                lines.append(f"   - {step.note}")
        lines += ["", f"Names and ranges: {'; '.join(recipe.sources)}."] if recipe.sources else []
    return "\n".join([*lines, ""])


def _recipe(daw: str, inserts: Sequence[Insert], stem: str) -> Recipe:
    rows = stock_plugins()[daw]
    steps, used = [], []
    for insert in inserts:
        kind = insert.processor.kind
        row = rows.get(_SAME.get(kind, kind))
        if row is None or insert.key is not None:
            why = f"which listens to {insert.key}: " if insert.key is not None else ""
            note = f"Its {title_of(insert)}, {why}{summary_of(insert.processor)}. `{stem}` has it."
            steps.append(RecipeStep(insert=insert.id, plugin=None, note=note))
            continue
        used.append(source_text(row.source))
        steps += _steps(insert, row)
    return Recipe(daw=DAWS[daw], steps=tuple(steps), sources=tuple(dict.fromkeys(used)))


def _steps(insert: Insert, row: StockPlugin) -> Iterator[RecipeStep]:
    settings = insert.processor
    if not isinstance(settings, Equaliser):
        knobs = tuple(_knobs(settings.model_dump(), row.controls))
        yield RecipeStep(insert=insert.id, plugin=row.plugin, knobs=knobs, note=row.note)
        return
    where = "" if settings.channels == "stereo" else f"On the {settings.channels} alone. "
    for place, band in enumerate([band for band in settings.bands if not band.is_neutral]):
        values = band.model_dump()
        has_gain = band.shape in ("peak", "low_shelf", "high_shelf")
        is_cut = band.shape.endswith("_pass")
        kept = {
            key: control
            for key, control in row.controls.items()
            if (has_gain or key != "gain_db") and (is_cut or key != "slope_db_per_octave")
        }
        note = f"{where}{row.note}" if place == 0 else ""
        yield RecipeStep(
            insert=insert.id, plugin=row.plugin, part=_SHAPES[band.shape], knobs=tuple(_knobs(values, kept)), note=note
        )


def _knobs(values: dict[str, Any], controls: dict[str, Control]) -> Iterator[Knob]:
    for key, control in controls.items():
        if key not in values:
            continue
        wanted = round(float(values[key]) * control.scale, 3)
        low = wanted if control.least is None else control.least
        high = wanted if control.most is None else control.most
        value = min(max(wanted, low), high)
        yield Knob(name=control.name, value=value, unit=control.unit, wanted=None if value == wanted else wanted)


def _knob(knob: Knob) -> str:
    unit = f"{'' if knob.unit.startswith(':') else ' '}{knob.unit}" if knob.unit else ""
    held = "" if knob.wanted is None else f" (ours is {knob.wanted:g}{unit}; it does not go so far)"
    return f"{knob.name}: {knob.value:g}{unit}{held}"


def _pan(pan: float) -> str:
    side = "left" if pan < 0 else "right"
    return "centre" if pan == 0 else f"{100 * abs(pan):.0f} % {side}"
