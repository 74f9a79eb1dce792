"""How far an equaliser of the cookbook's kind strays from ours at the same settings."""

from collections.abc import Sequence

import numpy as np

from tonmeister.processing import Band
from tonmeister.processing.filter_design import magnitude_db

HEARD_DB = 0.5
"""Difference of a curve above which it is said."""
_FLOOR_DB = -24.0
"""Where a pass filter lets less through, its difference is not looked at."""
_AUDIBLE_HZ = np.geomspace(20, 16_000, 120)


def cookbook_error_db(bands: Sequence[Band], sample_rate_hz: int) -> float:
    """Return the largest difference, 20 Hz to 16 kHz, between our curve and bilinear filters of the same settings.

    That is what most DAWs' own equalisers are; those that are not cramped near Nyquist are nearer to ours.
    """
    ours = magnitude_db(tuple(bands), _AUDIBLE_HZ, sample_rate_hz)
    cramped = tuple(band.model_copy(update={"design": "rbj"}) for band in bands)
    theirs = magnitude_db(cramped, _AUDIBLE_HZ, sample_rate_hz)
    kept = ours > _FLOOR_DB
    return round(float(np.max(np.abs(ours - theirs)[kept])) if kept.any() else 0.0, 2)
