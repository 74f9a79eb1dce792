"""The tone of released music: its mean curve, and the regions in which a master is held against it."""

from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tonmeister.knowledge.rows import table
from tonmeister.model import Db, Hz, Model


class Region(Model):
    """A broad region of the spectrum, and the one band that moves it."""

    source: str
    """Key of sources.toml: where the tolerance comes from."""
    low_hz: Hz
    high_hz: Hz
    tolerance_db: Db
    """Inside this nothing moves."""
    shape: Literal["low_shelf", "peak", "high_shelf"]
    frequency_hz: Hz
    q: float
    words: str
    """What a person calls it."""


@cache
def regions() -> dict[str, Region]:
    """Return the regions by name, from low to high."""
    return {name: Region(**row) for name, row in table("tone")["regions"].items()}


def released_curve_db(frequency_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the third-octave level of released music at some frequencies, against 100 Hz."""
    curve = table("tone")["curve"]
    levels: NDArray[np.float64] = np.interp(np.log2(frequency_hz), np.log2(curve["hz"]), curve["db"])
    return levels
