"""Dynamic equaliser: bands whose gain follows a level, of the signal itself or of a key."""

from typing import Literal

from pydantic import Field

from tonmeister.model import Db, Hz, Model, Ms


class DynamicBand(Model):
    """One band that moves with the level it hears around its own frequency."""

    shape: Literal["peak", "low_shelf", "high_shelf"] = "peak"
    """Bell or shelf; the detector hears the same region (band, low or high pass)."""
    frequency_hz: Hz = Field(ge=10, le=40_000)
    """Centre of the bell, half-gain point of the shelf; held below 0.49 x rate."""
    q: float = Field(default=1.0, ge=0.05, le=20)
    """Sharpness of the band and of its detector."""
    threshold_db: Db = Field(default=-30.0, ge=-90, le=0)
    """Peak level in the detector's region above which the band moves, in dBFS."""
    ratio: float = Field(default=2.0, ge=1, le=20)
    """Decibels in per decibel out above the threshold; 1 changes nothing."""
    range_db: Db = Field(default=-6.0, ge=-24, le=24)
    """Furthest the band goes: negative cuts, positive lifts; 0 changes nothing."""
    attack_ms: Ms = Field(default=5.0, ge=0.5, le=500)
    """Time constant of moving away from flat."""
    release_ms: Ms = Field(default=80.0, ge=5, le=5000)
    """Time constant of coming back."""

    @property
    def is_neutral(self) -> bool:
        """Whether the band can never move."""
        return self.ratio == 1 or self.range_db == 0


class DynamicEqualiser(Model):
    """Settings of a dynamic equaliser; with a key it makes room for another track."""

    kind: Literal["dynamic_equaliser"] = "dynamic_equaliser"
    bands: tuple[DynamicBand, ...] = Field(default=(), max_length=4)
    """The bands, in the order in which they run."""
