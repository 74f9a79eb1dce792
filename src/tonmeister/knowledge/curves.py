"""Mean spectra of families, as curves over the third octaves."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from tonmeister.knowledge.rows import table

_CENTRES_HZ = 1000.0 * 10 ** (np.arange(-17, 14) / 10)
_OTHER = ("guitar", "keys", "synth", "strings", "brass", "woodwind")


@cache
def role_curve_db(family: str) -> NDArray[np.float64] | None:
    """Return the mean third-octave spectrum of a family, shape (31,), dB re its maximum; None where there is none."""
    name = "other" if family in _OTHER else family
    rows = table("curves")
    if name not in rows:
        return None
    curve: NDArray[np.float64] = np.interp(np.log2(_CENTRES_HZ), np.log2(rows[name]["hz"]), rows[name]["db"])
    return curve
