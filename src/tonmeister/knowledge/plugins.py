"""Read the table of processors that people own: their controls, ranges, steps and behaviour."""

import tomllib
from functools import cache
from typing import Literal

from pydantic import Field

from tonmeister.knowledge.cards import folder_texts
from tonmeister.model import Model

Checked = Literal["manual", "partly", "general"]
"""How far facts are checked: a manual's page, partly, or common knowledge."""


class Control(Model):
    """One control as it is printed."""

    name: str
    role: str | None = None
    """What it does in plain words, such as `attack`; None where it has no counterpart elsewhere."""
    unit: str | None = None
    min: float | None = None
    max: float | None = None
    min_text: str | None = None
    """Low end where it is no number, such as `off`."""
    max_text: str | None = None
    steps: tuple[float | str, ...] = ()
    """Positions, if it has steps."""
    dial: tuple[float, float] | None = None
    """What is printed at the two ends, if it is not the unit."""
    dial_at: tuple[float, float] | None = None
    """What those ends stand for, in the unit."""
    note: str | None = None


class PluginFacts(Model):
    """A processor as people know it."""

    name: str
    kind: str
    maker: str | None = None
    aliases: tuple[str, ...] = ()
    controls: tuple[Control, ...]
    behaviour: tuple[str, ...] = Field(min_length=1)
    fixed: dict[str, str] = Field(default_factory=dict)
    """What has no control, and how it behaves, by role."""
    status: Checked
    sources: tuple[str, ...]

    @property
    def is_type(self) -> bool:
        """Whether it is a family and not one product."""
        return "(type" in self.name

    def control(self, role: str) -> Control | None:
        """Return the control that does this, if it has one."""
        return next((control for control in self.controls if control.role == role), None)


@cache
def plugins() -> tuple[PluginFacts, ...]:
    """Return every processor of the table."""
    found = []
    for text in folder_texts("processors"):
        found += [PluginFacts.model_validate(row) for row in tomllib.loads(text)["processor"]]
    return tuple(found)
