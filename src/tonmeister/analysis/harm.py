"""Did a repair eat the performance? How much of the wanted sound is in what was taken away, told without the original."""

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_EDGES_HZ
from tonmeister.analysis.fourier import fast_size, rfft
from tonmeister.audio import Audio
from tonmeister.model import Db

FRAME_S = 0.064
"""Length of a frame; they follow each other by a half."""
NOTHING_DB = -120.0
"""What is said when nothing of the target is in the residual, or nothing was taken."""
_AHEAD = 512


def estimate_harm_db(repaired: Audio, residual: Audio) -> Db:
    """Return the energy of wanted sound in the residual relative to that in the repaired sound.

    Noise does not know when the performance is loud. In each ERB band the power of the residual is set against that of the
    repaired sound by a straight line; what rises with the performance is taken from it. Defects that come with the
    performance (plosives, sibilance, reverberation) rise with it too: for them this figure is an upper bound.
    """
    wanted, taken = _band_powers(repaired), _band_powers(residual)
    if wanted.size == 0 or not taken.any() or not wanted.any():
        return NOTHING_DB
    centred = wanted - wanted.mean(axis=0)
    slope = (centred * taken).mean(axis=0) / np.maximum(np.square(centred).mean(axis=0), 1e-30)
    lost = np.minimum(np.maximum(slope, 0.0) * wanted.sum(axis=0), taken.sum(axis=0)).sum()
    return float(10 * np.log10(max(lost / wanted.sum(), 10 ** (NOTHING_DB / 10))))


def _band_powers(audio: Audio) -> NDArray[np.float64]:
    """Return (frames, bands) power, summed over channels."""
    size = fast_size(round(FRAME_S * audio.sample_rate_hz))
    if audio.frames < size:
        return np.zeros((0, 1))
    window = np.hanning(size).astype(np.float32)
    edges = np.unique(np.clip(np.round(ERB_EDGES_HZ * size / audio.sample_rate_hz).astype(int), 1, size // 2))
    cut = np.lib.stride_tricks.sliding_window_view(audio.samples, size, axis=1)[:, :: size // 2]
    parts = []
    for start in range(0, cut.shape[1], _AHEAD):
        power = np.square(np.abs(rfft(cut[:, start : start + _AHEAD] * window))).sum(axis=0)
        parts.append(np.add.reduceat(power, edges, axis=1)[:, :-1])
    return np.concatenate(parts).astype(np.float64)
