"""Our settings in the controls of another processor, and back: nearest steps, and what it cannot express is said."""

import math
import re
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import Field, ValidationError

from tonmeister.assistant.guidance.answer import Setting
from tonmeister.assistant.guidance.controls import (
    dial_value,
    factor,
    missing,
    place,
    shown_unit,
    step_values,
    wish_unit,
)
from tonmeister.assistant.guidance.naming import find_names
from tonmeister.assistant.guidance.translating_eq import equaliser_settings
from tonmeister.errors import InputError
from tonmeister.knowledge.plugins import Control, PluginFacts
from tonmeister.model import Model
from tonmeister.processing import Processor

_ROLES: dict[str, dict[str, tuple[str, float]]] = {
    "compressor": {
        "threshold_db": ("threshold", 1), "ratio": ("ratio", 1), "attack_ms": ("attack", 1), "release_ms": ("release", 1),
        "knee_db": ("knee", 1), "makeup_db": ("makeup", 1), "lookahead_ms": ("lookahead", 1), "mix": ("mix", 100),
    },
    "true_peak_limiter": {
        "drive_db": ("makeup", 1), "ceiling_dbtp": ("ceiling", 1), "lookahead_ms": ("lookahead", 1), "release_ms": ("release", 1),
    },
    "gate": {
        "threshold_db": ("threshold", 1), "attack_ms": ("attack", 1), "hold_ms": ("hold", 1), "release_ms": ("release", 1),
        "range_db": ("range", 1), "lookahead_ms": ("lookahead", 1),
    },
    "expander": {
        "threshold_db": ("threshold", 1), "ratio": ("ratio", 1), "attack_ms": ("attack", 1), "release_ms": ("release", 1),
        "range_db": ("range", 1),
    },
    "deesser": {
        "frequency_hz": ("frequency", 1), "range_db": ("range", 1), "threshold_db": ("threshold", 1), "attack_ms": ("attack", 1),
        "release_ms": ("release", 1), "lookahead_ms": ("lookahead", 1),
    },
    "reverb": {
        "pre_delay_ms": ("pre_delay", 1), "decay_s": ("decay", 1), "low_cut_hz": ("high_pass", 1), "high_cut_hz": ("low_pass", 1),
        "mix": ("mix", 100),
    },
    "delay": {
        "time_ms": ("time", 1), "feedback": ("feedback", 100), "low_cut_hz": ("high_pass", 1), "high_cut_hz": ("low_pass", 1),
        "mix": ("mix", 100),
    },
    "saturator": {"drive_db": ("drive", 1), "mix": ("mix", 100)},
    "transient_shaper": {"attack_db": ("transient_attack", 1), "sustain_db": ("transient_sustain", 1)},
}  # fmt: skip
"""Role, and units of the wish in one of ours, for each field of our processors."""
_FITS = {
    "compressor": {"compressor", "bus_compressor", "channel_strip", "dynamics", "multiband"},
    "true_peak_limiter": {"limiter", "clipper"},
    "gate": {"gate", "dynamics", "channel_strip"},
    "expander": {"gate", "dynamics", "channel_strip"},
    "deesser": {"de-esser"},
    "reverb": {"reverb"},
    "delay": {"delay"},
    "saturator": {"saturation", "clipper"},
    "transient_shaper": {"transient"},
    "equaliser": {"eq", "preamp_eq", "channel_strip"},
}
"""Kinds of processors that can stand for ours."""
_OURS = {kind: ours for ours in ("equaliser", "transient_shaper", "saturator", "delay", "reverb", "deesser", "gate", "true_peak_limiter",
                                 "compressor") for kind in _FITS[ours]}  # fmt: skip
"""Our processor for a kind; the last one named wins, so a channel strip is read as a compressor."""
_NEUTRAL = {"mix": 1.0, "lookahead_ms": 0.0, "makeup_db": 0.0, "drive_db": 0.0}
"""Values that need no control."""


class Translation(Model):
    """Settings of one processor in the words of another."""

    processor: str
    settings: tuple[Setting, ...]
    lost: tuple[str, ...] = ()
    """What cannot be expressed, and why."""
    ours: dict[str, Any] = Field(default_factory=dict)
    """The same as a processor of ours: what was translated, or what was read back."""
    caveat: str = ""


def find_plugin(name: str) -> PluginFacts:
    """Return the processor of that name.

    Raises:
        InputError: If nobody here knows it, or it is more than one.
    """
    found = find_names(f"the {name}")
    facts = (*found.plugins, *found.types)
    if len(facts) != 1:
        known = (
            f"it names {', '.join(f.name for f in facts)}; choose one"
            if facts
            else "`tonmeister plugins` lists what is known"
        )
        raise InputError(
            f"{name[:80]}: no such processor in the table; {known}. Nothing is guessed about its controls."
        )
    return facts[0]


def ours_for(facts: PluginFacts) -> frozenset[str]:
    """Return the kinds of our processors that this one can stand for."""
    return frozenset(ours for ours, kinds in _FITS.items() if facts.kind in kinds)


def translate_settings(ours: Processor | Mapping[str, Any], plugin: str) -> Translation:
    """Return our settings in a processor's own controls: nearest steps, and what it cannot express.

    Raises:
        InputError: If the processor is unknown or of another kind, or the settings are none of ours.
    """
    facts = find_plugin(plugin)
    values = _checked(ours)
    kind = str(values["kind"])
    fits = _FITS.get(kind)
    if fits is None or facts.kind not in fits:
        raise InputError(
            f"{facts.name} is a {facts.kind.replace('_', ' ')}; settings of a {kind.replace('_', ' ')} have no place in it."
        )
    settings, lost = (
        equaliser_settings(facts, values) if kind == "equaliser" else _settings(facts, values, _ROLES[kind])
    )
    return Translation(processor=facts.name, settings=settings, lost=lost, ours=values, caveat=caveat(facts))


_BY_KIND = {str(model.model_fields["kind"].default): model for model in get_args(Processor)}
"""Our processors by kind."""


def _checked(ours: Any) -> dict[str, Any]:
    """Return settings of ours as they are stored, checked."""
    if not isinstance(ours, Mapping):
        return dict(ours.model_dump(mode="json"))
    model = _BY_KIND.get(str(ours.get("kind")))
    if model is None:
        raise InputError(f"kind {str(ours.get('kind'))[:40]!r}: no such processor; docs/processing.md lists them.")
    try:
        return dict(model.model_validate(dict(ours)).model_dump(mode="json"))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{where}: {first['msg'].lower()}; docs/processing.md lists every field.") from error


def _settings(
    facts: PluginFacts, values: Mapping[str, Any], roles: Mapping[str, tuple[str, float]]
) -> tuple[tuple[Setting, ...], tuple[str, ...]]:
    found: list[Setting] = []
    lost: list[str] = []
    for field, (role, scale) in roles.items():
        value = values.get(field)
        if value is None:
            continue
        wish = float(value) * scale
        shown = shown_unit(wish, wish_unit(role))
        control = facts.control(role)
        if control is None:
            if value != _NEUTRAL.get(field):
                lost.append(f"{role.replace('_', ' ')} {shown}: {missing(facts, role)}")
            continue
        placed = place(control, wish, wish)
        found.append(Setting(processor=facts.name, control=control.name, value=placed.text, exact=placed.exact))
        if not placed.exact:
            lost.append(f"{role.replace('_', ' ')} {shown} becomes {control.name} {placed.text}")
    known = {*roles, "kind"}
    lost += [
        f"{field.replace('_', ' ')}: has no counterpart there"
        for field in values
        if field not in known and field in _TOLD
    ]
    return tuple(found), tuple(lost)


_TOLD = frozenset({"detector", "rms_window_ms", "ducking_db", "size"})
"""Fields of ours that shape the sound and that few processors show."""


def read_settings(plugin: str, controls: Mapping[str, str]) -> Translation:
    """Return what positions of a processor's controls are as settings of ours, as near as they come.

    Raises:
        InputError: If the processor or a control is unknown, or a position is none it has.
    """
    facts = find_plugin(plugin)
    ours = _OURS.get(facts.kind)
    if ours is None or ours not in _ROLES:
        raise InputError(
            f"{facts.name} is a {facts.kind.replace('_', ' ')}; there is no processor here to read it into."
        )
    fields = {role: (field, scale) for field, (role, scale) in _ROLES[ours].items()}
    values: dict[str, Any] = {"kind": ours}
    settings: list[Setting] = []
    lost: list[str] = []
    for name, text in controls.items():
        control = _control(facts, name)
        value = _value(control, text)
        field = fields.get(control.role or "")
        if value is None or field is None:
            lost.append(f"{control.name} {text}: no counterpart here" + (f" ({control.note})" if control.note else ""))
            continue
        values[field[0]] = round(value / field[1], 6)
        settings.append(
            Setting(
                processor=facts.name,
                control=control.name,
                value=f"{text} is {shown_unit(value, wish_unit(control.role or ''))}",
            )
        )
    lost += [f"{role}: {text}" for role, text in facts.fixed.items() if role in fields]
    clipped, notes = _within(values)
    return Translation(
        processor=facts.name, settings=tuple(settings), lost=(*lost, *notes), ours=clipped, caveat=caveat(facts)
    )


def _control(facts: PluginFacts, name: str) -> Control:
    wanted = re.sub(r"[^a-z0-9]", "", name.lower())
    for control in facts.controls:
        key = re.sub(r"[^a-z0-9]", "", control.name.lower())
        if wanted in {key, (control.role or "").replace("_", "")} or (len(wanted) >= 4 and key.startswith(wanted)):
            return control
    names = ", ".join(control.name for control in facts.controls)
    raise InputError(f"{facts.name} has no control {name[:40]!r}; it has {names}.")


def _value(control: Control, text: str) -> float | None:
    """Return what a position is in the unit of wishes; None for words without a figure."""
    cleaned = text.strip().lower().replace(",", ".")
    for step, value in step_values(control):
        if cleaned in {step.lower(), step.lower().split(" ")[0]}:
            return value
    match = re.fullmatch(r"([-+]?\d+(?:\.\d+)?)\s*(us|ms|s|khz|hz|db|%|:1)?", cleaned)
    if match is None:
        return None
    number, unit = float(match[1]), match[2]
    if control.dial and control.dial_at and unit is None:
        low, high = min(control.dial), max(control.dial)
        if not low <= number <= high:
            raise InputError(f"{control.name} goes from {low:g} to {high:g}; {number:g} is no position of it.")
        return dial_value(control, number)
    in_time = {"us": 0.001, "ms": 1.0, "s": 1000.0, "khz": 1000.0, "hz": 1.0}
    seconds = control.role == "decay"
    if unit in in_time:
        return number * in_time[unit] / (1000.0 if seconds else 1.0)
    return number * factor(control)


def _within(values: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the values inside the ranges of ours, and what had to be moved."""
    notes: list[str] = []
    kept = dict(values)
    model = _BY_KIND[str(values["kind"])]
    for _ in range(len(values)):
        try:
            return dict(model.model_validate(kept).model_dump(mode="json")), notes
        except ValidationError as error:
            first = error.errors()[0]
            field, limits = str(first["loc"][-1]), first.get("ctx", {})
            limit = next((limits[name] for name in ("le", "ge") if name in limits), None)
            if limit is None or field not in kept:
                raise InputError(f"{field}: {first['msg'].lower()}.") from error
            notes.append(f"{field.replace('_', ' ')} {kept[field]:g} is out of our range; {limit:g} is the nearest")
            kept[field] = math.copysign(abs(limit), limit)
    return kept, notes


def caveat(facts: PluginFacts) -> str:
    """Return how far the facts about a processor are checked."""
    told = {
        "manual": "Ranges are from its manual.",
        "partly": "Ranges are partly from its manual, partly general knowledge.",
        "general": "Ranges are general knowledge, not checked against its manual: check it before you rely on a figure.",
    }
    return f"{told[facts.status]} Equal figures do not sound equal on every processor: compare at equal loudness and set by reduction."
