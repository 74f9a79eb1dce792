"""The start and the end of a song: silence before and after, and whether the sound begins or stops as if cut."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SILENT_DBFS = -60.0
"""Below this nobody hears anything at a usual level."""
_STEPS_PER_S = 100
_END_STEPS = 3
"""Thirty milliseconds: a sound that ends by itself is further down by then."""


@dataclass(frozen=True, slots=True)
class Edges:
    """What lies at both ends; None in silence."""

    head_s: float | None
    """Time before the first sound."""
    tail_s: float | None
    """Time after the last."""
    start_db: float | None
    """Level of the first 30 ms of the file against the loudness of the whole (active RMS)."""
    end_db: float | None
    """Level of its last 30 ms, likewise."""


def measure_edges(rms_10ms: NDArray[np.float32], *, active_rms_dbfs: float | None) -> Edges:
    """Return what lies at the ends of a track, from its 10 ms levels."""
    loud = np.flatnonzero(rms_10ms > 10 ** (SILENT_DBFS / 20))
    if loud.size == 0 or active_rms_dbfs is None:
        return Edges(None, None, None, None)
    return Edges(
        head_s=float(loud[0] / _STEPS_PER_S),
        tail_s=float((rms_10ms.size - 1 - loud[-1]) / _STEPS_PER_S),
        start_db=_level(rms_10ms[:_END_STEPS]) - active_rms_dbfs,
        end_db=_level(rms_10ms[-_END_STEPS:]) - active_rms_dbfs,
    )


def _level(steps: NDArray[np.float32]) -> float:
    return 10 * float(np.log10(np.square(steps.astype(np.float64)).mean() + 1e-12))
