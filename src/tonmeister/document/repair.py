"""A repair that listening prepared: what was found, the settings that mend it, and what they came to when they were tried."""

from typing import Annotated, Literal

from pydantic import Field

from tonmeister.model import Db, Model, Seconds, Share
from tonmeister.processing import Processor

RepairKind = Literal[
    "clipping", "offset", "azimuth", "clicks", "hum", "motor", "wow", "rumble", "noise", "room", "mouth_clicks", "wind", "plosives",
    "breaths", "sibilance", "bandwidth", "bleed",
]  # fmt: skip
"""What can be mended, in the order in which it is: what hides other defects, or shifts levels, goes first."""


class Repair(Model):
    """One defect of one recording and what is to be done about it; times and levels are those of the file as it is."""

    kind: RepairKind
    """What is mended."""
    processor: Annotated[Processor, Field(discriminator="kind")]
    """The settings; places and levels in them are those of the file as it is."""
    title: str
    """What was found, in a few words."""
    found: float
    """The measurement that speaks for the repair."""
    unit: str
    """Unit of what was found."""
    start_s: Seconds = Field(ge=0)
    """Start of the excerpt of the file in which most is mended; there the figures are measured."""
    end_s: Seconds = Field(ge=0)
    """End of that excerpt."""
    before_dbfs: Db | None = None
    """Level of the defect there, unmended; None where it has no level."""
    after_dbfs: Db | None = None
    """Level of the defect there, mended."""
    harm_db: Db
    """Wanted sound in what is taken away, relative to what stays; an estimate from above."""
    amount: Share = 1.0
    """Part of the repair that the harm test let pass; 0 is none, and the repair is only told."""
    key: str | None = None
    """Track whose sound drives the repair, for bleed."""

    @property
    def is_stopped(self) -> bool:
        """Whether the harm test stopped it."""
        return self.amount == 0
