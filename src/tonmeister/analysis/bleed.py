"""Bleed: how much of another source, known by its own track, comes through in a track, band by band."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis import fourier
from tonmeister.audio import Audio

EDGES_HZ = (
    30.0,
    80.0,
    150.0,
    250.0,
    400.0,
    600.0,
    900.0,
    1300.0,
    1900.0,
    2700.0,
    3900.0,
    5500.0,
    8000.0,
    12000.0,
    20000.0,
)
QUIETEST = 20
"""Percentile of the level over the key, among frames in which the key sounds: there the track's own source is silent."""
LEAST_FOLLOWING = 0.5
"""Correlation of both levels in those frames, below which what is there is no bleed but noise of its own."""
_FRAME_S, _HOP_S = 0.024, 0.012
_SOUNDS_DB = 30.0
_LEAST_FRAMES = 40


@dataclass(frozen=True, slots=True)
class Bleed:
    """What comes through."""

    edges_hz: tuple[float, ...]
    """Edges of the bands."""
    transfer_db: tuple[float, ...]
    """Power of the bleed over that of the key in each band; -120 where none was found."""
    following: float
    """Correlation of the levels of track and key while the track's own source is silent, mean of the bands."""


def learn_bleed(track: Audio, key: Audio) -> Bleed | None:
    """Return how much of the key is heard in the track; None where the track does not follow it.

    Both have the same rate and stand in time with each other.
    """
    sound, other = _band_powers(track), _band_powers(key)
    count = min(len(sound), len(other))
    level, loud = 10 * np.log10(sound[:count] + 1e-14), 10 * np.log10(other[:count] + 1e-14)
    transfer, follows = [], []
    for band in range(level.shape[1]):
        sounds = loud[:, band] > max(loud[:, band].max() - _SOUNDS_DB, -100)
        over = level[sounds, band] - loud[sounds, band]
        if sounds.sum() < _LEAST_FRAMES:
            transfer.append(-120.0)
            continue
        quiet = np.flatnonzero(sounds)[over <= np.percentile(over, 2 * QUIETEST)]
        pair = level[quiet, band], loud[quiet, band]
        following = float(np.corrcoef(*pair)[0, 1]) if min(np.std(pair[0]), np.std(pair[1])) > 0 else 0.0
        follows.append(following)
        transfer.append(float(np.percentile(over, QUIETEST)) + 2.0 if following > LEAST_FOLLOWING else -120.0)
    if not any(value > -120 for value in transfer):
        return None
    return Bleed(EDGES_HZ, tuple(round(value, 2) for value in transfer), float(np.mean(follows)))


def _band_powers(audio: Audio) -> NDArray[np.float64]:
    """Return (frames, bands)."""
    rate = audio.sample_rate_hz
    size, hop = round(_FRAME_S * rate), round(_HOP_S * rate)
    edges = np.searchsorted(np.arange(size // 2 + 1) * rate / size, EDGES_HZ)
    window = np.hanning(size + 2)[1:-1].astype(np.float32)
    rows = []
    for start in range(0, max(0, audio.frames - size + 1), hop):
        spectrum = np.square(np.abs(fourier.rfft(audio.samples[:, start : start + size] * window))).sum(axis=0)
        total = np.concatenate([[0.0], np.cumsum(spectrum, dtype=np.float64)])
        rows.append(np.diff(total[np.minimum(edges, total.size - 1)]) / np.square(window).sum())
    return np.array(rows) if rows else np.zeros((0, len(EDGES_HZ) - 1))
