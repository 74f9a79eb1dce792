"""Triangular dither to whole numbers, the same bytes whatever the blocks."""

from typing import Literal

from pydantic import Field

from tonmeister.model import Model


class Dither(Model):
    """Settings of the last step before integer samples: TPDF of 2 LSB peak to peak (Lipshitz, Vanderkooy, Wannamaker 1992)."""

    kind: Literal["dither"] = "dither"
    bits: Literal[16, 24] = 24
    """Word length of the file."""
    seed: int = Field(default=0, ge=0, lt=2**32)
    """Picks the noise; the same seed gives the same bytes."""


def is_neutral(settings: Dither) -> bool:  # noqa: ARG001 - the same question for every processor
    """Dither is never neutral."""
    return False
