"""The key of a song, from the pitch classes of its tracks."""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from tonmeister.model import Model, Share

Tonic = Literal["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
"""The twelve pitch classes."""
LEAST_CORRELATION = 0.4
"""Below, no key fits."""
_MAJOR = np.array([0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081])
_MINOR = np.array([0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052])


class Key(Model):
    """A major or minor key."""

    tonic: Tonic
    """The home note."""
    mode: Literal["major", "minor"]
    """Major or natural minor."""
    confidence: Share
    """Correlation of the best key's profile minus that of the second best, times five, 0..1."""


def find_key(chroma: Sequence[NDArray[np.float32]], *, gains_db: Sequence[float] | None = None) -> Key | None:
    """Return the key of a mix (profiles of Albrecht and Shanahan 2013); None if none fits.

    Args:
        chroma: `TrackCurves.chroma_125ms` of the tracks, (steps, 12), or one (12,) each; leave drums out where they are
            known. Over steps, a quiet one counts as much as a loud one.
        gains_db: Gain of each track in the mix; as they came when None.
    """
    steps = max((len(np.atleast_2d(part)) for part in chroma), default=1)
    sums = np.zeros((steps, 12))
    for number, part in enumerate(chroma):
        rows = np.atleast_2d(part).astype(np.float64)
        sums[: len(rows)] += rows * (1.0 if gains_db is None else 10 ** (gains_db[number] / 10))
    root = np.sqrt(sums)
    total = (root / (np.linalg.norm(root, axis=1, keepdims=True) + 1e-6)).mean(axis=0)
    if not np.ptp(total) > 0:
        return None
    profiles = np.array([np.roll(shape, shift) for shape in (_MAJOR, _MINOR) for shift in range(12)])
    fit = np.array([np.corrcoef(total, profile)[0, 1] for profile in profiles])
    order = np.argsort(-fit, kind="stable")
    best = int(order[0])
    if fit[best] < LEAST_CORRELATION:
        return None
    confidence = float(np.clip(5 * (fit[best] - fit[order[1]]), 0, 1))
    return Key(
        tonic=get_args(Tonic)[best % 12], mode="major" if best < 12 else "minor", confidence=round(confidence, 3)
    )
