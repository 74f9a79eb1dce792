"""A wish such as "attack 10-30 ms" in the controls of a processor: its units, steps, dials and limits."""

import math
import re
from typing import NamedTuple

from tonmeister.assistant.guidance.times import shown_number
from tonmeister.knowledge.plugins import Control, PluginFacts

_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
_HZ = {"Hz": 1.0, "kHz": 1000.0}
_TIMES = frozenset({"attack", "release", "hold", "lookahead", "pre_delay", "time", "retune", "rms_window"})
"""Roles whose wishes are in milliseconds."""
_SECONDS = frozenset({"decay"})
_FREQUENCIES = frozenset({"frequency", "high_pass", "low_pass", "sidechain_high_pass"})
_UNITS = {"ratio": ":1", "mix": "%", "feedback": "%"}


class Placed(NamedTuple):
    """Where a control goes for a wish."""

    text: str
    exact: bool
    """Whether the whole wish lies inside what the control can do."""
    value: float | None = None
    """What it then does, in the unit of the wish; None where that is not known."""


def factor(control: Control) -> float:
    """Return what one unit of the control is, in the unit of wishes."""
    unit = control.unit or ""
    if control.role in _SECONDS:
        return {"ms": 0.001, "s": 1.0}.get(unit, 1.0)
    return _MS.get(unit, _HZ.get(unit, 1.0))


def wish_unit(role: str) -> str:
    """Return the unit in which wishes for a role are told."""
    if role in _TIMES:
        return "ms"
    if role in _SECONDS:
        return "s"
    if role in _FREQUENCIES:
        return "Hz"
    return _UNITS.get(role, "dB")


def place(control: Control, low: float, high: float) -> Placed:
    """Return where a control goes for a range of wishes."""
    role = control.role or ""
    if role == "threshold" and not _is_digital_scale(control):
        return Placed("by its meter: its scale is not dBFS, so set it until it takes as much", exact=False)
    if control.dial and control.dial_at:
        return _on_dial(control, low, high)
    steps = step_values(control)
    if steps:
        return _on_steps(steps, low, high, role)
    scale = factor(control)
    lowest = None if control.min is None else control.min * scale
    highest = None if control.max is None else control.max * scale
    if lowest is None and highest is None and control.unit is None and role != "ratio":
        return Placed(
            f"by ear: its dial shows no figures here (aim at {shown_range(low, high, wish_unit(role))})", exact=False
        )
    return _inside(low, high, lowest, highest, role)


def _is_digital_scale(control: Control) -> bool:
    """Say whether a threshold is told in dBFS: digital ones reach far below zero and hardly above it."""
    return (
        control.unit == "dB"
        and (control.min is None or control.min <= -40)
        and (control.max is None or control.max <= 6)
    )


def _inside(low: float, high: float, lowest: float | None, highest: float | None, role: str) -> Placed:
    inside_low = low if lowest is None else max(low, lowest)
    inside_high = high if highest is None else min(high, highest)
    unit = wish_unit(role)
    if inside_low <= inside_high:
        note = (
            ""
            if (inside_low, inside_high) == (low, high)
            else f" (of {shown_range(low, high, unit)} it reaches that part)"
        )
        return Placed(
            shown_range(inside_low, inside_high, unit) + note,
            exact=not note,
            value=math.sqrt(max(inside_low * inside_high, 0.0)),
        )
    nearest = lowest if lowest is not None and high < lowest else highest
    end = "lowest" if nearest == lowest else "highest"
    return Placed(
        f"{shown_unit(nearest or 0.0, unit)}, its {end}: {shown_range(low, high, unit)} is out of its reach",
        exact=False,
        value=nearest,
    )


def step_values(control: Control) -> list[tuple[str, float]]:
    """Return the steps whose value is known, as printed and in the unit of wishes."""
    found = []
    for step in control.steps:
        if isinstance(step, int | float):
            unit = f" {control.unit}" if control.unit else ""
            found.append((f"{step:g}{unit}" if control.role != "ratio" else f"{step:g}:1", step * factor(control)))
            continue
        match = re.search(r"(\d+(?:\.\d+)?)\s*(us|ms|s|Hz|kHz|:1)(?![a-z])", step)
        if match:
            found.append((step, float(match[1]) * {**_MS, **_HZ, ":1": 1.0}[match[2]]))
    return found


def _on_steps(steps: list[tuple[str, float]], low: float, high: float, role: str) -> Placed:
    within = [(name, value) for name, value in steps if low * 0.999 <= value <= high * 1.001]
    if within:
        return Placed(" or ".join(name for name, _ in within[:3]), exact=True, value=within[0][1])
    middle = _middle(low, high)
    name, value = min(steps, key=lambda step: abs(math.log(max(step[1], 1e-6) / middle)))
    return Placed(f"{name}, the step nearest to {shown_range(low, high, wish_unit(role))}", exact=False, value=value)


def _on_dial(control: Control, low: float, high: float) -> Placed:
    """Place a wish on a dial whose ends are known; between them the scale is taken as logarithmic."""
    scale = factor(control)
    (first, last), ends = control.dial or (0.0, 1.0), control.dial_at or (1.0, 1.0)
    at_first, at_last = ends[0] * scale, ends[1] * scale
    least, most = min(at_first, at_last), max(at_first, at_last)
    inside = min(max(_middle(low, high), least), most)
    share = math.log(inside / at_first) / math.log(at_last / at_first)
    position = first + share * (last - first)
    fastest = " (reversed: the highest number is fastest)" if at_last < at_first else ""
    exact = least <= low and high <= most
    near = shown_time(float(f"{inside:.2g}"))
    reach = "" if exact else _reach(shown_range(low, high, "ms"), inside, least, most)
    return Placed(f"about {position:.1f} of {first:g}-{last:g}, near {near}{fastest}{reach}", exact=exact, value=inside)


def _reach(wanted: str, value: float, least: float, most: float) -> str:
    if value >= most * 0.999:
        return f"; {wanted} is out of its reach: its slowest is {shown_time(most)}"
    return f"; {wanted} is out of its reach: its fastest is {shown_time(least)}" if value <= least * 1.001 else ""


def dial_value(control: Control, position: float) -> float:
    """Return what a position of a dial stands for, in the unit of wishes (logarithmic between its ends)."""
    (first, last), ends = control.dial or (0.0, 1.0), control.dial_at or (1.0, 1.0)
    share = (position - first) / (last - first)
    return float(factor(control) * ends[0] * (ends[1] / ends[0]) ** share)


def _middle(low: float, high: float) -> float:
    return math.sqrt(max(low, 1e-6) * max(high, 1e-6)) if low > 0 else (low + high) / 2 or 1e-6


def shown_range(low: float, high: float, unit: str) -> str:
    """Return a range as people write it."""
    if unit == "ms" and low >= 1000:
        return shown_range(low / 1000, high / 1000, "s")
    if unit == ":1":
        return f"{low:g}:1" if low == high else f"{low:g}:1 to {high:g}:1"
    if low == high:
        return shown_unit(low, unit)
    return f"{shown_number(low)} to {shown_number(high)} {unit}"


def shown_unit(value: float, unit: str) -> str:
    """Return one value with its unit."""
    return f"{value:g}:1" if unit == ":1" else shown_time(value) if unit == "ms" else f"{shown_number(value)} {unit}"


def shown_time(time_ms: float) -> str:
    """Return a time in the unit in which people think of it."""
    if time_ms < 1:
        return f"{shown_number(time_ms * 1000)} us"
    return f"{shown_number(time_ms / 1000)} s" if time_ms >= 1000 else f"{shown_number(time_ms)} ms"


def shown_control(control: Control) -> str:
    """Return a control with its range, steps and note in a sentence."""
    unit = f" {control.unit}" if control.unit else ""
    low = control.min_text or ("" if control.min is None else f"{control.min:g}")
    high = control.max_text or ("" if control.max is None else f"{control.max:g}")
    parts = []
    if low and high and low != high:
        low, high = (
            f"{end}:1" if control.role == "ratio" and end[-1].isdigit() and ":" not in end else end
            for end in (low, high)
        )
        parts.append(f"{low} to {high}{unit}")
    elif low and high:
        parts.append(f"{low}{unit}")
    if control.steps:
        parts.append(
            "steps " + ", ".join(f"{step:g}" if isinstance(step, int | float) else step for step in control.steps)
        )
    if control.note:
        parts.append(control.note)
    return f"{control.name}: {'; '.join(parts)}" if parts else control.name


def missing(facts: PluginFacts, role: str) -> str:
    """Return the sentence for a setting that a processor does not have."""
    plain_role = role.replace("_", " ")
    if role in facts.fixed:
        return f"no {plain_role} control: {facts.fixed[role]}"
    if role == "threshold":
        drives = facts.control("input") or facts.control("amount")
        if drives is not None:
            return f"no threshold control: {drives.name} sets how much it takes"
    return f"no {plain_role} control"
