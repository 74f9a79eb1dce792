"""The plugins that come with DAWs: what they call their controls, and how far these go."""

from functools import cache

from pydantic import Field

from tonmeister.knowledge.rows import table
from tonmeister.model import Model

DAWS = {
    "logic": "Logic Pro", "pro_tools": "Pro Tools", "cubase": "Cubase", "studio_one": "Studio One",
    "fl_studio": "FL Studio",
}  # fmt: skip
"""Key → name; the order of recipe pages."""


class Control(Model):
    """A control of a plugin for one setting of ours."""

    name: str
    """What stands beside it."""
    unit: str
    least: float | None = None
    """Its lower end; None where it is not known."""
    most: float | None = None
    """Its upper end; None where it is not known."""
    scale: float = 1.0
    """Its value for a setting of 1."""


class StockPlugin(Model):
    """A plugin that comes with a DAW."""

    plugin: str
    """What the DAW calls it."""
    source: str
    """Key of a row of sources.toml."""
    note: str = ""
    """What else has to be set."""
    controls: dict[str, Control] = Field(default_factory=dict)
    """Our setting → its control."""


@cache
def stock_plugins() -> dict[str, dict[str, StockPlugin]]:
    """Return the plugins by DAW and by the kind of our processor."""
    return {
        daw: {kind: StockPlugin.model_validate(row) for kind, row in rows.items()}
        for daw, rows in table("stock_plugins").items()
    }
