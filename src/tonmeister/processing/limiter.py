"""True-peak look-ahead limiter for the end of the master chain."""

from typing import Literal

from pydantic import Field

from tonmeister.model import Db, Model, Ms


class TruePeakLimiter(Model):
    """Settings of a true-peak limiter; the ceiling holds between the samples too."""

    kind: Literal["true_peak_limiter"] = "true_peak_limiter"
    drive_db: Db = Field(default=0.0, ge=-40, le=40)
    """Gain before the limiter."""
    ceiling_dbtp: Db = Field(default=-1.0, ge=-20, le=0)
    """Level that no true peak passes (8x interpolation), in dBTP."""
    lookahead_ms: Ms = Field(default=3.0, ge=1, le=20)
    """How long before a peak the gain begins to fall; becomes latency."""
    release_ms: Ms = Field(default=80.0, ge=5, le=2000)
    """Recovery after longer loud parts; after a short peak it is many times faster by itself."""


def is_neutral(settings: TruePeakLimiter) -> bool:  # noqa: ARG001 - the same question for every processor
    """A limiter is never neutral: whether it acts depends on the sound."""
    return False
