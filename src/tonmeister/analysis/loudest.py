"""Where a track is loudest."""

import numpy as np
from numpy.typing import NDArray


def loudest_span_s(energies_100ms: NDArray[np.float64], *, length_s: float) -> tuple[float, float]:
    """Return start and end of the loudest stretch of that length, in whole steps of 100 ms."""
    steps = max(1, min(len(energies_100ms), round(length_s * 10)))
    total = np.concatenate([[0.0], np.cumsum(energies_100ms)])
    start = int(np.argmax(total[steps:] - total[:-steps])) if len(energies_100ms) > steps else 0
    return start / 10, (start + steps) / 10
