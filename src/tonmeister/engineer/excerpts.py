"""Which part of a song is looked at, and how it came."""

import numpy as np
from numpy.typing import NDArray

from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix


def loudest_frames(energies: NDArray[np.float64], rate: int, frames: int, length_s: float) -> tuple[int, int]:
    """Return the loudest stretch of that length, whole steps of 100 ms, in frames."""
    steps = min(len(energies), round(length_s * 10))
    total = np.concatenate([[0.0], np.cumsum(energies)])
    start = int(np.argmax(total[steps:] - total[: len(total) - steps])) if len(energies) > steps else 0
    first = start * rate // 10
    return first, min(frames, first + round(length_s * rate))


def as_it_came(mix: Mix) -> Mix:
    """Return the mix without any move."""
    return fold(mix.model_copy(update={"moves": ()}))
