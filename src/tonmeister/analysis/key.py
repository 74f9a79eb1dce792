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
_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])


class Key(Model):
    """A major or minor key."""

    tonic: Tonic
    """The home note."""
    mode: Literal["major", "minor"]
    """Major or natural minor."""
    confidence: Share
    """Correlation of the best key's profile minus that of the second best, times five, 0..1."""


def find_key(chroma: Sequence[NDArray[np.float32]], *, gains_db: Sequence[float] | None = None) -> Key | None:
    """Return the key of a mix (profiles of Krumhansl and Kessler 1982); None if none fits.

    Args:
        chroma: `TrackCurves.chroma` of the tracks; leave drums out where they are known.
        gains_db: Gain of each track in the mix; as they came when None.
    """
    total = np.zeros(12)
    for number, part in enumerate(chroma):
        total += part.astype(np.float64) * (1.0 if gains_db is None else 10 ** (gains_db[number] / 10))
    if not np.ptp(total) > 0:
        return None
    total = np.sqrt(total)
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
