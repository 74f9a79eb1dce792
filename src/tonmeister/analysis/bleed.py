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
TAPS = 3
"""Frames of the key, 24 ms apart, that a frame of the track may hear."""
LEAST_OVER_CHANCE = 4.0
"""So many times what tracks that share nothing would show by chance, at least."""
KEY_SILENT, LEAST_BANDS = 1e-5, 3
"""A band in which the key has less of its power tells nothing; fewer bands than that are chance."""
KEY_SOUNDS, MOST_FRAMES = 1e-4, 1200
"""The key sounds where it has more of its highest power; so many frames, half a minute of them, say enough."""
LEAST_TRANSFER_DB, MOST_TRANSFER_DB = -70.0, 0.0
_FRAME_S, _HOP_S = 0.048, 0.024
_LEAST_FRAMES, _ROUNDS, _SMOOTHED_BINS = 40, 3, 7


@dataclass(frozen=True, slots=True)
class Bleed:
    """What comes through."""

    edges_hz: tuple[float, ...]
    """Edges of the bands."""
    transfer_db: tuple[float, ...]
    """Power of the bleed over that of the key in each band; -120 where none was found."""
    coherence: float
    """Share of the track that the key explains where its own source is quiet, mean of the bands."""


def learn_bleed(track: Audio, key: Audio) -> Bleed | None:
    """Return how much of the key is heard in the track; None where the track does not follow it.

    Both have the same rate and stand in time with each other.
    """
    sound, other, edges = _spectra(track), _spectra(key), _edges(track.sample_rate_hz)
    count = min(len(sound), len(other))
    if count < _LEAST_FRAMES or not other.any() or not sound.any():
        return None
    chosen = _choose_frames(other[:count])
    if chosen.size < _LEAST_FRAMES:
        return None
    padded = np.pad(other[:count], ((TAPS - 1, 0), (0, 0)))
    past = np.stack([padded[chosen + TAPS - 1 - tap] for tap in range(TAPS)], axis=2)
    heard, chance, quiet = _explain(sound[chosen], past)
    power = np.square(np.abs(past[:, :, 0])).mean(axis=0)
    transfer, share = [], []
    soft = KEY_SILENT * float(power.sum())
    for first, last in pairwise(edges):
        found, least = float(heard[first:last].sum()), float(chance[first:last].sum())
        if last <= first or found <= LEAST_OVER_CHANCE * least or float(power[first:last].sum()) < soft:
            transfer.append(-120.0)
            continue
        value = 10 * float(np.log10((found - least) / max(float(power[first:last].sum()), 1e-30)))
        transfer.append(value if LEAST_TRANSFER_DB < value < MOST_TRANSFER_DB else -120.0)
        share.append(min(1.0, (found - least) / max(float(quiet[first:last].sum()), 1e-30)))
    if sum(value > -120 for value in transfer) < LEAST_BANDS:
        return None
    return Bleed(EDGES_HZ, tuple(round(value, 2) for value in transfer), float(np.mean(share)))


def _explain(
    sound: NDArray[np.complex64], past: NDArray[np.complex64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return for each bin the power of the key heard in the track, that by chance, and the track's where it is quiet.

    Sound is (frames, bins), past (frames, bins, taps) of the key. Least squares over those, each frame weighted by the inverse
    of what the key does not explain: then those count in which the track's own source is silent (the weights of Nakatani et al. 2010, with the other track as past).
    """
    rest = sound
    floor = 1e-6 * float(np.square(np.abs(sound)).mean()) + 1e-20
    for _ in range(_ROUNDS):
        weight = 1 / (_over_bins(np.square(np.abs(rest)).astype(np.float64)) + floor)
        weighted = past.conj() * weight[:, :, None]
        matrix = np.einsum("tki,tkj->kij", weighted, past)
        right = np.einsum("tki,tk->ki", weighted, sound)
        trace = np.einsum("kii->k", matrix).real / TAPS
        matrix += (1e-3 * trace + 1e-20)[:, None, None] * np.eye(TAPS)
        taps = np.linalg.solve(matrix, right[:, :, None])[:, :, 0]
        rest = sound - np.einsum("tki,ki->tk", past, taps)
    heard = np.square(np.abs(sound - rest)).mean(axis=0)
    inverse = np.linalg.inv(matrix)
    spread = np.einsum("tki,tkj->kij", past, past.conj()) / len(sound)
    chance = np.einsum("kij,kij->k", inverse, spread).real
    return heard.astype(np.float64), np.maximum(chance, 0), 1 / weight.mean(axis=0)


def _choose_frames(other: NDArray[np.complex64]) -> NDArray[np.int64]:
    """Return the frames in which the key sounds, of many some evenly spread."""
    power = np.square(np.abs(other)).sum(axis=1)
    sounding = np.flatnonzero(power > KEY_SOUNDS * power.max())
    return sounding[:: max(1, sounding.size // MOST_FRAMES)]


def _over_bins(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over neighbouring bins."""
    sums = np.cumsum(np.pad(power, ((0, 0), (_SMOOTHED_BINS // 2 + 1, _SMOOTHED_BINS // 2)), mode="edge"), axis=1)
    return np.asarray((sums[:, _SMOOTHED_BINS:] - sums[:, :-_SMOOTHED_BINS]) / _SMOOTHED_BINS)


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
