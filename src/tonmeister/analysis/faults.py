"""Faults of a recording, each with the numbers that show it."""

from typing import Literal

from pydantic import Field

from tonmeister.analysis.spans import Span
from tonmeister.model import Hz, Model

FaultKind = Literal["silence", "clipping", "dc_offset", "not_finite", "late_start", "hum", "noise"]
"""What can be wrong with one recording."""


class Fault(Model):
    """One fault: what was measured, against which limit, and where."""

    kind: FaultKind
    """What is wrong."""
    value: float
    """The measured number."""
    limit: float
    """The number that it may not pass."""
    unit: str
    """Unit of value and limit."""
    sentence: str
    """The fault in one plain sentence."""
    spans: tuple[Span, ...] = ()
    """Where, at most the first hundred places; empty when it is everywhere."""
    count: int = Field(default=1, ge=0)
    """How many places or samples there are in all."""
    frequency_hz: Hz | None = None
    """Fundamental of a hum."""


class Duplicate(Model):
    """Two tracks that hold the same recording."""

    first: int = Field(ge=0)
    """Index of one track in the list that was compared."""
    second: int = Field(ge=0)
    """Index of the other, larger than the first."""
    kind: Literal["same_samples", "same_but_level", "same_envelope"]
    """The same to the sample, the same but for the level, or the same course of level and onsets."""
    correlation: float = Field(ge=-1, le=1)
    """Correlation of the level envelopes."""
    level_difference_db: float
    """Level of the second minus the first."""
