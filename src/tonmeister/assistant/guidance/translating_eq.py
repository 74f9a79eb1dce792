"""Bands of our equaliser on an equaliser with its own frequencies, gains and widths."""

import math
from collections.abc import Mapping
from typing import Any

from tonmeister.assistant.guidance.answer import Setting
from tonmeister.assistant.guidance.controls import factor, place, step_values
from tonmeister.assistant.guidance.times import shown_number
from tonmeister.knowledge.plugins import Control, PluginFacts

_FARTHEST_OCTAVES = 0.5
"""A fixed frequency farther away than this stands for another sound."""


_WITH_GAIN = frozenset({"peak", "low_shelf", "high_shelf"})


def equaliser_settings(facts: PluginFacts, values: Mapping[str, Any]) -> tuple[tuple[Setting, ...], tuple[str, ...]]:
    """Return where the bands go, and which have no place."""
    found: list[Setting] = []
    lost: list[str] = []
    for band in values["bands"]:
        settings, problems = _band(facts, band)
        found += settings
        lost += problems
    if values.get("channels", "stereo") != "stereo":
        lost.append(f"{values['channels']} only: choose it there if it has mid/side")
    if values.get("phase") == "linear":
        lost.append("linear phase: choose it there if it has such a mode")
    return tuple(found), tuple(lost)


def _band(facts: PluginFacts, band: Mapping[str, Any]) -> tuple[list[Setting], list[str]]:
    shape, frequency = str(band["shape"]), float(band["frequency_hz"])
    gain = band["gain_db"] if shape in _WITH_GAIN else None
    q = band["q"]
    shown = f"{shape.replace('_', ' ')} at {shown_number(frequency)} Hz" + (
        f" {gain:+g} dB" if gain is not None else ""
    )
    general = facts.control("frequency")
    if general is not None:
        parts = [f"{shape.replace('_', ' ')}: {place(general, frequency, frequency).text}"]
        problems = []
        for value, role in ((gain, "gain"), (q, "q")):
            control = facts.control(role)
            if value is not None and control is not None:
                text, inside = _number(control, float(value), role)
                parts.append(text)
                problems += [] if inside else [f"{shown}: {text}"]
        if shape.endswith("_pass"):
            parts.append(f"{band.get('slope_db_per_octave', 12)} dB/oct")
        return [
            Setting(processor=facts.name, control=general.name, value=", ".join(parts), exact=not problems)
        ], problems
    return _fixed(facts, shown, shape, frequency, gain)


def _fixed(facts: PluginFacts, shown: str, shape: str, frequency: float, gain: Any) -> tuple[list[Setting], list[str]]:
    """Place a band on an equaliser whose bands have frequencies of their own."""
    near = [
        (abs(math.log2(value / frequency)), control, text)
        for control in facts.controls
        for text, value in _frequencies(control, frequency)
        if _shape_fits(control, shape)
    ]
    if not near:
        return [], [f"{shown}: it has no band for that"]
    away, control, text = min(near, key=lambda item: item[0])
    if away > _FARTHEST_OCTAVES:
        return [], [f"{shown}: its nearest is {control.name} {text}, too far away"]
    value = text if gain is None else f"{text}, {'boost' if gain > 0 else 'cut'} about {abs(gain):g} dB"
    level = facts.control("gain")
    problems = [] if away < 0.06 else [f"{shown} becomes {control.name} {text}"]
    if gain is not None and level is not None and level.max is not None and abs(gain) > level.max:
        problems.append(f"{shown}: it reaches {level.max:g} dB")
    return [Setting(processor=facts.name, control=control.name, value=value, exact=not problems)], problems


def _shape_fits(control: Control, shape: str) -> bool:
    name = control.name.lower()
    if "high_pass" in shape or "low_pass" in shape:
        return control.role == shape or name.startswith(shape.replace("_", "-"))
    shelf_side = {"low_shelf": "low", "high_shelf": "high"}.get(shape)
    other_end = {"low": ("high", "hf", "treble"), "high": ("low", "lf", "bass", "sub")}.get(shelf_side or "", ())
    return control.role not in {"high_pass", "low_pass"} and "atten" not in name and not name.startswith(other_end)


def _frequencies(control: Control, frequency: float) -> list[tuple[str, float]]:
    if control.unit not in {"Hz", "kHz"}:
        return []
    steps = [(text, value) for text, value in step_values(control) if value > 0]
    if steps:
        return steps
    if control.min is None or control.max is None:
        return []
    inside = min(max(frequency, control.min * factor(control)), control.max * factor(control))
    return [(f"{shown_number(inside)} Hz", inside)]


def _number(control: Control, value: float, role: str) -> tuple[str, bool]:
    unit = " dB" if role == "gain" else ""
    low = -math.inf if control.min is None else control.min
    high = math.inf if control.max is None else control.max
    inside = min(max(value, low), high)
    name = control.name
    if control.unit == "oct" and role == "q":
        octaves = 2 / math.log(2) * math.asinh(1 / (2 * value))
        return f"{name} {shown_number(octaves)} oct", True
    text = f"{name} {inside:+g}{unit}" if role == "gain" else f"{name} {inside:.3g}"
    return text, inside == value
