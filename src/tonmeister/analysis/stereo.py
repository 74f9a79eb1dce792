"""What the two channels have to do with each other."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.analysis.bands import share_bins, sum_bins
from tonmeister.analysis.spectrum import SpectrumCurves
from tonmeister.analysis.steps import LEFT_POWER, PRODUCT, RIGHT_POWER, STEPS_PER_S
from tonmeister.model import Db, Model, Share

WIDTH_EDGES_HZ = (20.0, 100.0, 300.0, 1000.0, 3000.0, 8000.0, 16000.0)
"""Edges of the six bands of `Stereo.width_by_band` (the bands of the FxNorm-automix centring table)."""
ONE_SIDED_DB = 60.0
"""A channel so far below the other counts as not there."""
_SILENT_POWER = 1e-12


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


def measure_stereo(steps: NDArray[np.float32], curves: SpectrumCurves, *, channels: int, twin: bool) -> Stereo:
    """Return the stereo picture told from `Steps.values` and the spectra of mid and side."""
    left, right, product = (float(steps[:, c].sum(dtype=np.float64)) for c in (LEFT_POWER, RIGHT_POWER, PRODUCT))
    if channels == 1 or left + right <= _SILENT_POWER:
        return Stereo()
    ratio = 10 ** (-ONE_SIDED_DB / 10)
    one_sided: Literal["left", "right"] | None = None
    if min(left, right) < ratio * max(left, right):
        one_sided = "left" if left > right else "right"
    both = left > 0 and right > 0
    return Stereo(
        dual_mono=twin,
        one_sided=one_sided,
        correlation=float(np.clip(product / np.sqrt(left * right), -1, 1)) if both else None,
        width=float(np.clip((left + right - 2 * product) / (2 * (left + right)), 0, 1)),
        width_by_band=_width_by_band(curves),
        balance_db=float(10 * np.log10(left / right)) if both else None,
    )


def side_shares(steps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (half seconds,) side power over all power, told from `Steps.values`; 0 for mono and for silence."""
    starts = np.arange(0, len(steps), STEPS_PER_S // 2)
    if not starts.size:
        return np.zeros(0, np.float32)
    sums = np.add.reduceat(steps[:, (LEFT_POWER, RIGHT_POWER, PRODUCT)].astype(np.float64), starts, axis=0)
    whole = sums[:, 0] + sums[:, 1]
    side = np.maximum(whole - 2 * sums[:, 2], 0.0) / 2
    share = np.where(whole > _SILENT_POWER, side / np.maximum(whole, _SILENT_POWER), 0.0)
    return np.round(share, 4).astype(np.float32)


def _width_by_band(curves: SpectrumCurves) -> tuple[float | None, ...]:
    ranges = share_bins(np.array(WIDTH_EDGES_HZ), bin_hz=curves.bin_hz, bins=curves.mid.size)
    mid, side = sum_bins(curves.mid_paired, ranges), sum_bins(curves.side, ranges)
    return tuple(float(s / (m + s)) if m + s > _SILENT_POWER else None for m, s in zip(mid, side, strict=True))
