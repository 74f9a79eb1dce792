"""The pieces of an Ardour 7 session file: numbered elements, controls, automation, processors, inputs and outputs.

What Ardour needs and in which form was found by letting Ardour 7.3 write sessions and by reading ours back with it.
"""

from collections.abc import Mapping, Sequence
from typing import Literal
from xml.etree.ElementTree import Element, SubElement

from tonmeister.daw.ardour.lanes import Points

Interpolation = Literal["Linear", "Exponential", "Logarithmic", "Discrete"]
FIRST_ID = 100
"""Ardour gives its own objects the numbers below."""


class Numbers:
    """Counts the ids of a session, which are unique across all kinds of things."""

    def __init__(self) -> None:
        self.last = FIRST_ID

    def take(self) -> str:
        """Return the next id."""
        self.last += 1
        return str(self.last)


def number(value: float) -> str:
    """Return a number as text: the same on every machine, without a trailing zero."""
    return f"{value + 0.0:.9g}"


def add(parent: Element, tag: str, attributes: Mapping[str, str] | None = None) -> Element:
    """Return a new last child."""
    return SubElement(parent, tag, dict(attributes or {}))


def add_automation(
    parent: Element, numbers: Numbers, what: str, *, points: Points | None = None, style: Interpolation
) -> None:
    """Add breakpoints; without points the control stands still at its value."""
    element = add(
        parent,
        "AutomationList",
        {
            "automation-id": what,
            "id": numbers.take(),
            "interpolation-style": style,
            "time-domain": "AudioTime",
            "state": "Play" if points else "Off",
        },
    )
    if points:
        add(element, "events").text = "".join(f"a{at} {number(value)}\n" for at, value in points)


def add_control(parent: Element, numbers: Numbers, name: str, value: float, *, flags: str = "", **more: str) -> None:
    """Add a control at a value; further attributes by keyword, with _ for -."""
    named = {key.replace("_", "-"): text for key, text in more.items()}
    add(parent, "Controllable", {"name": name, "id": numbers.take(), "flags": flags, "value": number(value), **named})


def add_processor(parent: Element, numbers: Numbers, name: str, kind: str, **more: str) -> Element:
    """Add something that a route runs; further attributes by keyword, with _ for -."""
    named = {key.replace("_", "-"): text for key, text in more.items()}
    return add(parent, "Processor", {"id": numbers.take(), "name": name, "active": "1", "type": kind, **named})


def add_gain(parent: Element, numbers: Numbers, *, kind: Literal["trim", "amp"], gain: float, points: Points) -> None:
    """Add the trim or the fader of a route."""
    processor = add_processor(parent, numbers, "Amp", kind)
    what: tuple[str, Interpolation] = ("trim", "Logarithmic") if kind == "trim" else ("gain", "Exponential")
    add_automation(add(processor, "Automation"), numbers, what[0], points=points, style=what[1])
    add_control(processor, numbers, "trimcontrol" if kind == "trim" else "gaincontrol", gain, flags="GainLike")


def add_ports(parent: Element, numbers: Numbers, name: str, *, inputs: int, outputs: Sequence[str]) -> None:
    """Add the inputs and the outputs of a route; each output names the port it goes to."""
    side = {"name": name, "default-type": "audio"}
    element = add(parent, "IO", {**side, "id": numbers.take(), "direction": "Input"})
    for port in range(1, inputs + 1):
        add(element, "Port", {"type": "audio", "name": f"{name}/audio_in {port}"})
    element = add(parent, "IO", {**side, "id": numbers.take(), "direction": "Output"})
    for port, target in enumerate(outputs, 1):
        made = add(element, "Port", {"type": "audio", "name": f"{name}/audio_out {port}"})
        add(made, "Connection", {"other": target})


def add_pannable(parent: Element, numbers: Numbers, *, azimuth: float, channels: int, points: Points) -> None:
    """Add the panner's controls; stereo is balanced at full width."""
    element = add(parent, "Pannable")
    add_control(element, numbers, "pan-azimuth", azimuth)
    add_control(element, numbers, "pan-width", 1 if channels == 2 else 0)
    add_automation(add(element, "Automation"), numbers, "pan-azimuth", points=points, style="Linear")


def add_panner(parent: Element) -> None:
    """Add what leads an output through the route's panner."""
    add(parent, "PannerShell", {"bypassed": "0", "user-panner": "", "linked-to-route": "1"})
