"""F-measures of beats, boundaries and labels, as mir_eval has them (Raffel et al. 2014), written out plainly."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BEAT_S = 0.07
"""Window of a beat to either side."""
FRAME_S = 0.1
"""Step of the comparison of labels."""


def hit_f(found: Sequence[float] | Floats, truth: Sequence[float] | Floats, *, window_s: float) -> float:
    """Return the F-measure of the largest matching of two rising lists in which each pair is within the window.

    For rising lists, taking the earliest pair that fits is a largest matching.
    """
    one, other = np.sort(np.asarray(found, float)), np.sort(np.asarray(truth, float))
    i = j = hits = 0
    while i < one.size and j < other.size:
        if abs(one[i] - other[j]) <= window_s + 1e-9:
            hits, i, j = hits + 1, i + 1, j + 1
        elif one[i] < other[j]:
            i += 1
        else:
            j += 1
    return 2 * hits / (one.size + other.size) if one.size + other.size else 1.0


def label_f(
    found_s: Sequence[float] | Floats, found: Sequence[str], truth_s: Sequence[float] | Floats, truth: Sequence[str]
) -> float:
    """Return the F-measure of pairs of moments that carry the same label in both (Levy and Sandler 2008).

    Args:
        found_s: Edges of the sections that were found, one more than labels.
        found: Their labels.
        truth_s: Edges of the true sections.
        truth: Their labels.
    """
    end = min(found_s[-1], truth_s[-1])
    moments = np.arange(0, end, FRAME_S)
    one, other = _labels_at(moments, found_s, found), _labels_at(moments, truth_s, truth)
    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), 1)

    def pairs(counts: Floats) -> float:
        return float((counts * (counts - 1) / 2).sum())

    both, mine, true = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    return 2 * both / (mine + true) if mine + true else 1.0


def _labels_at(moments: Floats, edges: Sequence[float] | Floats, labels: Sequence[str]) -> NDArray[np.int64]:
    number = {label: place for place, label in enumerate(dict.fromkeys(labels))}
    index = np.clip(np.searchsorted(edges, moments, "right") - 1, 0, len(labels) - 1)
    return np.array([number[label] for label in labels])[index]
