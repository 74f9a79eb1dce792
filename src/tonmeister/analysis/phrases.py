"""Sung phrases: where a voice sounds, the gaps between, and the phrase ends on which echoes and fills can answer."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.analysis.spans import Span
from tonmeister.model import Model, Seconds

BREATH_S = 0.16
"""Shorter pauses belong to the words."""
SHORTEST_S = 0.3
"""Shorter sounds are no phrases."""
BELOW_NEAR_DB, BELOW_LOUD_DB = 13.0, 30.0
"""A phrase is over where the voice falls this far below the loudest of the three seconds around, or below its loud parts:
breaths and the noise between phrases lie lower, the vowels of a quiet verse do not."""


class Phrase(Model):
    """One phrase of a voice."""

    start_s: Seconds = Field(ge=0)
    end_s: Seconds = Field(ge=0)
    gap_s: Seconds = Field(ge=0)
    """How long the voice is silent afterwards, until its next phrase or the end of the track."""

    @property
    def span(self) -> Span:
        """From start to end."""
        return Span(start_s=self.start_s, end_s=self.end_s)


def find_phrases(rms_10ms: NDArray[np.float32]) -> tuple[Phrase, ...]:
    """Return the phrases of a voice from `TrackCurves.rms_10ms`, in order."""
    if rms_10ms.size < SHORTEST_S * 100:
        return ()
    power = np.square(rms_10ms, dtype=np.float64)
    sounding = power[power > 1e-12]
    if sounding.size == 0:
        return ()
    smooth = np.convolve(power, np.ones(3) / 3, "same")
    loud = float(np.square(power).sum() / power.sum())
    near = _highest_around(np.convolve(power, np.ones(20) / 20, "same"), 300)
    threshold = np.maximum(near * 10 ** (-BELOW_NEAR_DB / 10), loud * 10 ** (-BELOW_LOUD_DB / 10))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], smooth > threshold, [False]]).astype(np.int8)))
    runs: list[list[int]] = []
    for start, end in edges.reshape(-1, 2).tolist():
        if runs and start - runs[-1][1] < BREATH_S * 100:
            runs[-1][1] = end
        else:
            runs.append([start, end])
    kept = [(start, end) for start, end in runs if end - start >= SHORTEST_S * 100]
    starts = [start for start, _ in kept] + [rms_10ms.size]
    return tuple(
        Phrase(start_s=start / 100, end_s=end / 100, gap_s=max(0, following - end) / 100)
        for (start, end), following in zip(kept, starts[1:], strict=True)
    )


def _highest_around(curve: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """Return the highest value within so many steps to either side (van Herk's running maximum, by blocks)."""
    size = 2 * reach + 1
    padded = np.pad(curve, (reach, reach + size), constant_values=0.0)
    blocks = padded[: padded.size // size * size].reshape(-1, size)
    ahead = np.maximum.accumulate(blocks, axis=1).ravel()
    back = np.maximum.accumulate(blocks[:, ::-1], axis=1)[:, ::-1].ravel()
    highest: NDArray[np.float64] = np.maximum(back[: curve.size], ahead[size - 1 : size - 1 + curve.size])
    return highest
