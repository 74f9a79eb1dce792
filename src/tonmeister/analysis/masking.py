"""Which track covers which, where and when, from band powers over time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Masking:
    """Masking among the tracks of a mix, at the levels they were given with."""

    centre_hz: NDArray[np.float64]
    """(bands,) centres of the ERB bands."""
    audibility: NDArray[np.float32]
    """(sections, tracks) share of the track's essential band-time cells that stand out of the rest; NaN where it is silent."""
    audible_share_by_band: NDArray[np.float32]
    """(sections, tracks, bands) the same per band; NaN where the band is not essential to the track."""
    essential: NDArray[np.bool_]
    """(tracks, bands) bands within 30 dB of the track's own strongest band."""
    excess_db: NDArray[np.float32]
    """(sections, maskers, maskees, bands) spread level of one track over the level of the other; NaN if either is silent."""
    masker_share: NDArray[np.float32]
    """(sections, maskers, maskees) part of the maskee's covered cells in which this track is the strongest cover; sums to <= 1."""
