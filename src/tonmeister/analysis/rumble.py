"""Rumble: steady power below the lowest note of an instrument, as traffic, machines and stands bring it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis import fourier
from tonmeister.analysis.slow import slow_down
from tonmeister.audio import Audio

RATE_HZ = 1000
LEAST_DB = -40.0
"""Rumble has so much of the power of the active parts, at least."""
STEADY_DB = 16.0
"""It swings by less, from the tenth to the 95th percentile of half-second frames; notes come and go by more."""
NOTE_DB = -46.0
"""A note has so much of the power of the active parts in its band of a sixth octave."""
LOWEST_HZ, HIGHEST_HZ = 8.0, 72.0
_FRAME_S, _PER_OCTAVE, _LEAST_FRAMES = 0.5, 6, 8


@dataclass(frozen=True, slots=True)
class Rumble:
    """What rumbles."""

    level_db: float
    """Its power over that of the active parts."""
    lowest_note_hz: float
    """Lowest frequency at which something comes and goes; 72 where nothing does below."""


def find_rumble(audio: Audio) -> Rumble | None:
    """Return the rumble of a recording; None where there is none below its lowest note."""
    slow, rate = slow_down(audio, least_hz=RATE_HZ)
    size = round(_FRAME_S * rate)
    if slow.shape[1] < (_LEAST_FRAMES + 1) * size // 2:
        return None
    mono = slow.mean(axis=0)
    frames = np.lib.stride_tricks.sliding_window_view(mono, size)[:: size // 2]
    window = np.hanning(size + 2)[1:-1].astype(np.float32)
    power = np.square(np.abs(fourier.rfft(frames * window))) * (2 / (size * np.square(window).sum()))
    whole = np.square(audio.samples).mean()
    active = float(whole)
    if active <= 0:
        return None
    bands, edges = _band_powers(power, rate / size)
    low, high = np.percentile(bands, 10, axis=0), np.percentile(bands, 95, axis=0)
    swings = (high > 10 ** (STEADY_DB / 10) * low) & (high > 10 ** (NOTE_DB / 10) * active)
    first = int(np.argmax(swings)) if swings.any() else swings.size
    level = float(np.median(bands[:, :first].sum(axis=1))) if first else 0.0
    if level < 10 ** (LEAST_DB / 10) * active:
        return None
    return Rumble(10 * float(np.log10(level / active)), float(edges[first]))


def _band_powers(power: NDArray[np.float32], bin_hz: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (frames, bands) of bands at least two bins wide, and their edges."""
    count = int(np.ceil(_PER_OCTAVE * np.log2(HIGHEST_HZ / LOWEST_HZ)))
    edges = np.unique(np.round(LOWEST_HZ * 2 ** (np.arange(count + 1) / _PER_OCTAVE) / bin_hz).astype(int))
    bands = np.add.reduceat(power, edges, axis=1)[:, :-1].astype(np.float64)
    return bands, edges * bin_hz
