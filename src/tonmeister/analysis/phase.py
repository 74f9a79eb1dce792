"""How left and right agree over time: correlation of three seconds, and where the channels work against each other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.spans import Span
from tonmeister.audio import Samples

STEP_S = 0.1
WINDOW_STEPS = 30
"""Three seconds: shorter, the meter follows single notes."""
AGAINST = -0.2
"""Below this correlation the channels work against each other: more than chance makes of unrelated ones in this time."""
_SILENT = 1e-7  # mean square of -70 dBFS


@dataclass(frozen=True, slots=True)
class Phase:
    """What the correlation meter shows."""

    lowest: float | None
    """Lowest correlation of three seconds that sound."""
    against_share: float
    """Part of the sounding time in which the channels work against each other."""
    spans: tuple[Span, ...]
    """Where."""


class PhaseMeter:
    """Collects the powers of both channels and their product, ten times a second."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._step = round(STEP_S * sample_rate_hz)
        self._waiting = np.zeros((2, 0), np.float32)
        self._rows: list[NDArray[np.float64]] = []

    def add(self, block: Samples) -> None:
        """Take the next block; a mono one counts as the same twice."""
        both = np.repeat(block, 2, axis=0) if block.shape[0] == 1 else block
        joined = np.concatenate([self._waiting, both], axis=1)
        whole = joined.shape[1] // self._step
        left, right = joined[:, : whole * self._step].astype(np.float64).reshape(2, whole, self._step)
        rows = [(left * left).mean(axis=1), (right * right).mean(axis=1), (left * right).mean(axis=1)]
        self._rows.append(np.stack(rows, axis=1))
        self._waiting = joined[:, whole * self._step :].copy()

    def result(self) -> Phase:
        """Return what was found."""
        rows = np.concatenate(self._rows) if self._rows else np.zeros((0, 3))
        if len(rows) < WINDOW_STEPS:
            return Phase(None, 0.0, ())
        total = np.cumsum(np.vstack([np.zeros(3), rows]), axis=0)
        left, right, product = ((total[WINDOW_STEPS:] - total[:-WINDOW_STEPS]) / WINDOW_STEPS).T
        sounds = np.minimum(left, right) > _SILENT
        if not sounds.any():
            return Phase(None, 0.0, ())
        correlation = np.where(sounds, product / np.sqrt(np.maximum(left * right, _SILENT**2)), 1.0)
        against = correlation < AGAINST
        edges = np.flatnonzero(np.diff(np.concatenate([[False], against, [False]]).astype(np.int8)))
        spans = [
            Span(start_s=float(first * STEP_S), end_s=float((last + WINDOW_STEPS - 1) * STEP_S))
            for first, last in edges.reshape(-1, 2)
        ]
        return Phase(float(np.clip(correlation.min(), -1, 1)), float(against.sum() / sounds.sum()), tuple(spans[:20]))
