"""One band of an equaliser: what it asks for, not how it is computed."""

from typing import Literal

from pydantic import Field

from tonmeister.model import Db, Hz, Model

Shape = Literal["peak", "low_shelf", "high_shelf", "high_pass", "low_pass", "notch"]
"""What a band does to the spectrum."""

BUTTERWORTH_Q = 0.7071067811865476
"""The Q of a second-order filter that is as flat as can be."""


class Band(Model):
    """One equaliser band."""

    shape: Shape = "peak"
    """Bell, shelf, pass filter or notch."""
    frequency_hz: Hz = Field(ge=10, le=40_000)
    """Centre of a bell or notch, half-gain point (in dB) of a shelf, -3 dB point of a pass filter; held below 0.49 x rate."""
    gain_db: Db = Field(default=0.0, ge=-36, le=36)
    """Gain of a bell at its centre or of a shelf at its end; pass filters and notches have none."""
    q: float = Field(default=BUTTERWORTH_Q, ge=0.05, le=100)
    """Sharpness, as in the RBJ cookbook; 12 dB pass filters use it, 24 dB ones are Butterworth."""
    slope_db_per_octave: Literal[12, 24] = 12
    """Steepness of a pass filter."""
    design: Literal["matched", "rbj"] = "matched"
    """matched keeps the analogue curve up to near Nyquist; rbj is the bilinear cookbook, cramped at the top."""

    @property
    def is_neutral(self) -> bool:
        """Whether the band changes nothing."""
        return self.gain_db == 0 and self.shape in ("peak", "low_shelf", "high_shelf")
