"""Bleed: how much of another source, known by its own track, comes through in a track, band by band."""

from dataclasses import dataclass
from itertools import pairwise

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
LEAST_COHERENCE = 0.15
"""Of track and key in those frames; chance gives one over their number, noise of the track's own no more."""
_FRAME_S, _HOP_S = 0.048, 0.024
_MIDDLE_DB = 2.0  # from the twentieth percentile of a band's level to its middle
_SOUNDS_DB = 30.0
_LEAST_FRAMES = 40


@dataclass(frozen=True, slots=True)
class Bleed:
    """What comes through."""

    edges_hz: tuple[float, ...]
    """Edges of the bands."""
    transfer_db: tuple[float, ...]
    """Power of the bleed over that of the key in each band; -120 where none was found."""
    coherence: float
    """Of track and key while the track's own source is silent, mean of the bands."""


def learn_bleed(track: Audio, key: Audio) -> Bleed | None:
    """Return how much of the key is heard in the track; None where the track does not follow it.

    Both have the same rate and stand in time with each other.
    """
    sound, other, edges = _spectra(track), _spectra(key), _edges(track.sample_rate_hz)
    count = min(len(sound), len(other))
    transfer, coherence = [], []
    for first, last in pairwise(edges):
        one, two = sound[:count, first:last], other[:count, first:last]
        level, loud = _level_db(one), _level_db(two)
        sounds = np.flatnonzero(loud > max(loud.max(initial=-200.0) - _SOUNDS_DB, -100))
        if last <= first or sounds.size < _LEAST_FRAMES:
            transfer.append(-120.0)
            continue
        over = (level - loud)[sounds]
        quiet = sounds[over <= np.percentile(over, 2 * QUIETEST)]
        coherence.append(_coherence(one[quiet], two[quiet]))
        found = coherence[-1] > LEAST_COHERENCE
        transfer.append(float(np.percentile(over, QUIETEST)) + _MIDDLE_DB if found else -120.0)
    if not any(value > -120 for value in transfer):
        return None
    return Bleed(EDGES_HZ, tuple(round(value, 2) for value in transfer), float(np.mean(coherence)))


def _coherence(one: NDArray[np.complex64], two: NDArray[np.complex64]) -> float:
    """Return the magnitude-squared coherence of two signals over some frames, mean of the bins (Carter 1987)."""
    cross = np.square(np.abs((one * two.conj()).sum(axis=0)))
    powers = np.square(np.abs(one)).sum(axis=0) * np.square(np.abs(two)).sum(axis=0)
    return float((cross / np.maximum(powers, 1e-30)).mean())


def _level_db(spectra: NDArray[np.complex64]) -> NDArray[np.float64]:
    return np.asarray(10 * np.log10(np.square(np.abs(spectra)).sum(axis=1, dtype=np.float64) + 1e-14))


def _edges(rate: int) -> list[int]:
    size = round(_FRAME_S * rate)
    return [min(size // 2 + 1, int(np.ceil(edge * size / rate))) for edge in EDGES_HZ]


def _spectra(audio: Audio) -> NDArray[np.complex64]:
    """Return (frames, bins) of the mono sum."""
    size, hop = round(_FRAME_S * audio.sample_rate_hz), round(_HOP_S * audio.sample_rate_hz)
    window = np.hanning(size + 2)[1:-1].astype(np.float32)
    window /= np.sqrt(np.square(window).sum())
    mono = np.ascontiguousarray(audio.samples.mean(axis=0))
    if mono.size < size:
        return np.zeros((0, size // 2 + 1), np.complex64)
    frames = np.lib.stride_tricks.sliding_window_view(mono, size)[::hop]
    return np.concatenate([fourier.rfft(frames[k : k + 500] * window) for k in range(0, len(frames), 500)])
