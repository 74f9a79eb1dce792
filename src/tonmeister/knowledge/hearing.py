"""What the ear hears of a pure tone: threshold and contours of equal loudness (ISO 226:2003)."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from tonmeister.knowledge.rows import table

_LOWEST_HZ, _HIGHEST_HZ = 20.0, 12_500.0
_TOP_DB_PER_OCTAVE = 60.0
"""Above its last row the standard says nothing; the threshold rises steeply towards 20 kHz (ISO 389-7: about 80 dB at 18 kHz)."""


def threshold_db(frequency_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the threshold of hearing in dB SPL, in a free field, for tones from the front."""
    rows = _rows()
    return _between(frequency_hz, rows["threshold_db"])


def contour_db(frequency_hz: NDArray[np.float64], *, loudness_phon: float) -> NDArray[np.float64]:
    """Return the sound pressure levels that sound as loud as a 1 kHz tone of so many phon (20 to 90)."""
    rows = _rows()
    exponent, magnitude, threshold = rows["exponent"], rows["magnitude_db"], rows["threshold_db"]
    hearing = (0.4 * 10 ** ((threshold + magnitude) / 10 - 9)) ** exponent
    drive = 4.47e-3 * (10 ** (0.025 * loudness_phon) - 1.15) + hearing
    level = 10 / exponent * np.log10(drive) - magnitude + 94
    return _between(frequency_hz, level)


def _between(frequency_hz: NDArray[np.float64], level_db: NDArray[np.float64]) -> NDArray[np.float64]:
    held = np.clip(frequency_hz, _LOWEST_HZ, _HIGHEST_HZ)
    octaves_over = np.log2(np.maximum(frequency_hz, _HIGHEST_HZ) / _HIGHEST_HZ)
    found: NDArray[np.float64] = np.interp(np.log2(held), np.log2(_rows()["hz"]), level_db)
    return found + _TOP_DB_PER_OCTAVE * octaves_over


@cache
def _rows() -> dict[str, NDArray[np.float64]]:
    return {name: np.asarray(row, np.float64) for name, row in table("playback")["ear"].items() if name != "source"}
