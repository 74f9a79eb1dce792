"""Where a recording was cut off: the levels above and below which nothing goes, though the wave runs against them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Audio

LEAST_SAMPLES = 12
"""So many samples at the very extreme in all."""
LEAST_RUNS = 3
"""Of at least two neighbours each."""
CROWDED = 8.0
"""The last 0.1 % below the extreme holds so many times the samples of each of the steps below it."""
_NEAR = 0.9990


@dataclass(frozen=True, slots=True)
class ClipLevel:
    """Where it was cut off."""

    high: float
    """Largest value, full scale 1.0."""
    low: float
    """Magnitude of the lowest value."""


def find_clip_level(audio: Audio) -> ClipLevel | None:
    """Return the levels at which both sides were cut off, or None where at least one was not."""
    high, low = _cut(audio.samples), _cut(-audio.samples)
    if high is None and low is None:
        return None
    top, bottom = float(audio.samples.max()), float(-audio.samples.min())
    return ClipLevel(high if high is not None else 2 * top, low if low is not None else 2 * bottom)


def _cut(samples: NDArray[np.float32]) -> float | None:
    """Return the value at which the positive side was cut off, or None."""
    top = float(samples.max(initial=0.0))
    if top <= 1e-3:
        return None
    at_top = samples >= top * _NEAR
    count = int(at_top.sum())
    if count < LEAST_SAMPLES:
        return None
    runs = int((at_top[:, 1:] & at_top[:, :-1] & ~np.pad(at_top[:, :-2], ((0, 0), (1, 0)))).sum())
    below = [
        int(((samples >= top * (0.999 - 0.001 * k)) & (samples < top * (1.0 - 0.001 * k))).sum()) for k in (1, 2, 3, 4)
    ]
    return top * _NEAR if runs >= LEAST_RUNS and count > CROWDED * max(1.0, float(np.mean(below))) else None
