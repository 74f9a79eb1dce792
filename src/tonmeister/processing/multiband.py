"""Three-band compressor: Linkwitz-Riley crossovers that sum flat, a compressor on each band."""

from typing import Literal, Self

from pydantic import Field, model_validator

from tonmeister.model import Hz, Model, Share
from tonmeister.processing.compressor import Compressor
from tonmeister.processing.compressor import is_neutral as is_neutral_compressor


class Multiband(Model):
    """Settings of a three-band compressor."""

    kind: Literal["multiband"] = "multiband"
    low_crossover_hz: Hz = Field(default=150.0, ge=40, le=1000)
    """Between the low and the middle band (−6 dB point of both)."""
    high_crossover_hz: Hz = Field(default=4000.0, ge=500, le=16000)
    """Between the middle and the high band (−6 dB point of both)."""
    low: Compressor = Field(default_factory=lambda: Compressor(ratio=1))
    """The compressor of the low band."""
    mid: Compressor = Field(default_factory=lambda: Compressor(ratio=1))
    """The compressor of the middle band."""
    high: Compressor = Field(default_factory=lambda: Compressor(ratio=1))
    """The compressor of the high band."""
    mix: Share = 1.0
    """Share of the compressed sound; the rest is the bands without compression, so nothing combs."""

    @model_validator(mode="after")
    def _crossovers_ascend(self) -> Self:
        if self.high_crossover_hz < 2 * self.low_crossover_hz:
            message = "high_crossover_hz must lie at least an octave above low_crossover_hz"
            raise ValueError(message)
        return self


def is_neutral(settings: Multiband) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.mix == 0 or all(is_neutral_compressor(b) for b in (settings.low, settings.mid, settings.high))
