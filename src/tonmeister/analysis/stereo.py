"""What the two channels have to do with each other."""

from typing import Literal

from pydantic import Field

from tonmeister.model import Db, Model, Share

WIDTH_EDGES_HZ = (20.0, 100.0, 300.0, 1000.0, 3000.0, 8000.0, 16000.0)
"""Edges of the six bands of `Stereo.width_by_band` (the bands of the FxNorm-automix centring table)."""


class Stereo(Model):
    """The stereo picture of one track; None where there is no sound or only one channel."""

    dual_mono: bool = False
    """Both channels hold exactly the same samples; a mono file is not dual mono."""
    one_sided: Literal["left", "right"] | None = None
    """The only channel that sounds, when the other is at least 60 dB lower."""
    correlation: float | None = Field(default=None, ge=-1, le=1)
    """Correlation of left and right over the whole track."""
    width: Share | None = None
    """Side power over side plus mid power: 0 is mono, 0.5 unrelated channels, 1 opposite polarity."""
    width_by_band: tuple[Share | None, ...] = ()
    """Width in each band of `WIDTH_EDGES_HZ`; empty for a mono file, None for a band without sound."""
    balance_db: Db | None = None
    """Left minus right power; None when one of them is silent."""
