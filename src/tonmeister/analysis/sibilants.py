"""Hissed consonants of a voice, one by one: how loud each is beside the voice's own vowels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis import fourier
from tonmeister.audio import Audio

HISS_HZ, VOWEL_HZ, JUDGED_HZ = 4500.0, 3000.0, 8000.0
"""What lies above the first is hiss, below the second vowel; levels are judged from the first to the third."""
OVER_VOWEL = 0.8
"""A consonant hisses where the power above is so many times that below."""
SOFTEST_DB = -36.0
"""And where its hiss lies so far above the vowels, at least."""
SHORTEST_S, LONGEST_S, BRIDGED_S = 0.025, 0.4, 0.015
_FRAME_S, _HOP_S = 0.012, 0.004


@dataclass(frozen=True, slots=True)
class Sibilant:
    """A hissed consonant."""

    start_s: float
    """Where it begins."""
    end_s: float
    """Where it ends."""
    over_vowels_db: float
    """RMS of its hiss up to 8 kHz over that of the vowels below 3 kHz: files of low rate compare."""


def find_sibilants(audio: Audio) -> tuple[Sibilant, ...]:
    """Return the hissed consonants, in order; meant for voices."""
    rate = audio.sample_rate_hz
    size, hop = round(_FRAME_S * rate), round(_HOP_S * rate)
    mono = audio.samples.mean(axis=0)
    if mono.size < 10 * size or rate < 4 * VOWEL_HZ:
        return ()
    hiss, low, judged = _powers(mono, size, hop, rate)
    voiced = low > 1e-3 * low.max()
    vowels = float(low[voiced & (low > hiss)].mean()) if (voiced & (low > hiss)).any() else 0.0
    if vowels <= 0:
        return ()
    hissing = (hiss > OVER_VOWEL * low) & (hiss > 10 ** (SOFTEST_DB / 10) * vowels)
    found = []
    for first, last in _runs(_bridged(hissing, round(BRIDGED_S / _HOP_S))):
        if SHORTEST_S <= (last - first) * _HOP_S <= LONGEST_S:
            start_s = (first * hop + size / 2 - hop / 2) / rate
            over_db = 10 * float(np.log10(judged[first:last].mean() / vowels))
            found.append(Sibilant(start_s, start_s + (last - first) * hop / rate, over_db))
    return tuple(found)


def _powers(mono: NDArray[np.float32], size: int, hop: int, rate: int) -> NDArray[np.float64]:
    """Return (3, frames): the power of hiss, of vowels, and of the hiss by which consonants are judged."""
    frames = np.lib.stride_tricks.sliding_window_view(mono, size)[::hop]
    window = np.hanning(size + 2)[1:-1].astype(np.float32)
    frequency = np.arange(size // 2 + 1) * rate / size
    bands = [frequency > HISS_HZ, frequency < VOWEL_HZ, (frequency > HISS_HZ) & (frequency < JUDGED_HZ)]
    weights = np.array(bands, np.float32).T
    parts = [
        np.square(np.abs(fourier.rfft(frames[start : start + 2000] * window))) @ weights
        for start in range(0, len(frames), 2000)
    ]
    return np.concatenate(parts).T.astype(np.float64)


def _bridged(mask: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """Return the mask with holes of up to `reach` frames filled."""
    out = mask.copy()
    for first, last in _runs(~mask):
        if last - first <= reach and first > 0 and last < mask.size:
            out[first:last] = True
    return out


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
