"""What the engine's own work may do to a song: one figure, its limit and where that comes from."""

from typing import Literal

from tonmeister.model import Model

ArtefactKind = Literal["flattened", "held", "clipped", "pumping", "mono", "mono_band", "transients", "top"]


class Artefact(Model):
    """One look for harm in the finished sound; it changes nothing, it is told."""

    kind: ArtefactKind
    """What was looked for."""
    title: str
    """The same in words."""
    value: float
    """What was measured, against the stems as they came where that makes sense."""
    limit: float
    """What is still well."""
    unit: str
    source: str
    """Where the limit comes from."""
    is_over: bool
    """Whether the limit is passed."""
