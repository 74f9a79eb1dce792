"""Rumble: steady power below the lowest note of an instrument, as traffic, machines and stands bring it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis import fourier
from tonmeister.analysis.slow import slow_down
from tonmeister.audio import Audio

RATE_HZ = 1000
LEAST_DB = -22.0
"""Rumble has so much of the power of the whole, at least: takes of speech in quiet studios have −24 dB, and nobody hears it."""
COMES_DB, GOES_DB = 8.5, 10.5
"""Rumble swings by less from the median of half-second frames to the 95th percentile, and down to the tenth; notes by more."""
NOTE_DB = -46.0
"""A note has so much of the power of the whole in its band of a sixth octave."""
LOWEST_HZ, HIGHEST_HZ = 8.0, 72.0
RUMBLE_UP_TO_HZ = 51.0
"""Above, a low voice leaks into the bands."""
_FRAME_S, _PER_OCTAVE, _LEAST_FRAMES, _LEAST_BINS = 0.5, 6, 24, 2


@dataclass(frozen=True, slots=True)
class Rumble:
    """What rumbles."""

    level_db: float
    """Its power over that of the whole."""
    lowest_note_hz: float
    """Lowest frequency at which something comes and goes; 72 where nothing does below."""


def find_rumble(audio: Audio, *, voice: bool = False) -> Rumble | None:
    """Return the rumble of a recording; None where there is none below its lowest note. No voice has a note below 72 Hz."""
    slow, rate = slow_down(audio, least_hz=RATE_HZ)
    size = round(_FRAME_S * rate)
    if slow.shape[1] < (_LEAST_FRAMES + 1) * size // 2:
        return None
    mono = slow.mean(axis=0)
    frames = np.lib.stride_tricks.sliding_window_view(mono, size)[:: size // 2]
    window = np.hanning(size + 2)[1:-1].astype(np.float32)
    power = np.square(np.abs(fourier.rfft(frames * window))) * (2 / (size * np.square(window).sum()))
    active = float(np.square(audio.samples).mean())
    if active <= 0:
        return None
    bands, edges = _band_powers(power, rate / size)
    low, usual, high = np.percentile(bands, [10, 50, 95], axis=0)
    notes = (high > 10 ** (COMES_DB / 10) * usual) | (usual > 10 ** (GOES_DB / 10) * low)
    notes &= high > 10 ** (NOTE_DB / 10) * active
    first = int(np.argmax(notes)) if notes.any() and not voice else notes.size
    if voice:
        first = int(np.searchsorted(edges, RUMBLE_UP_TO_HZ))
    level = float(np.median(bands[:, :first].sum(axis=1))) if first else 0.0
    if level < 10 ** (LEAST_DB / 10) * active:
        return None
    return Rumble(10 * float(np.log10(level / active)), float(edges[-1] if voice else edges[first]))


def _band_powers(power: NDArray[np.float32], bin_hz: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (frames, bands) of bands at least two bins wide, and their edges."""
    count = int(np.ceil(_PER_OCTAVE * np.log2(HIGHEST_HZ / LOWEST_HZ)))
    wanted = np.round(LOWEST_HZ * 2 ** (np.arange(count + 1) / _PER_OCTAVE) / bin_hz).astype(int)
    edges = [int(wanted[0])]
    for edge in wanted[1:]:
        if edge >= edges[-1] + _LEAST_BINS:
            edges.append(int(edge))
    bands = np.add.reduceat(power, edges, axis=1)[:, :-1].astype(np.float64)
    return bands, np.array(edges) * bin_hz
