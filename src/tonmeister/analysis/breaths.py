"""Breaths of a singer or speaker: soft, noise-like stretches before a phrase."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis import fourier
from tonmeister.audio import Audio

SOFTEST_DB, LOUDEST_DB = -46.0, -13.0
"""Level of a breath over that of the active parts."""
OVER_FLOOR_DB = 8.0
"""And over the floor: the quietest fiftieth, in dense speech the only true pauses."""
LEAST_HIGH, MOST_HIGH = 0.5, 0.75
"""Part of its power from 1 to 9 kHz, and from 4.5 kHz on: less is tone or rumble, more a hissed consonant."""
MOST_PERIODIC = 0.55
"""Largest normalised autocorrelation at the periods of 70 to 400 Hz, median of 90 ms: single frames of noise reach 0.8."""
SHORTEST_S, LONGEST_S, BEFORE_PHRASE_S = 0.14, 1.2, 0.6
_FRAME_S, _HOP_S = 0.032, 0.01
_FLOOR_PERCENTILE, _STEADY = 2, 9


@dataclass(frozen=True, slots=True)
class BreathSpan:
    """A breath."""

    start_s: float
    """Where it begins."""
    end_s: float
    """Where it ends."""
    level_db: float
    """Its RMS over that of the active parts."""
    over_floor_db: float
    """Its RMS over that of the quietest tenth."""


def find_breaths(audio: Audio) -> tuple[BreathSpan, ...]:
    """Return the breaths before phrases; meant for voices."""
    rate, size, hop = audio.sample_rate_hz, round(_FRAME_S * audio.sample_rate_hz), round(_HOP_S * audio.sample_rate_hz)
    mono = audio.samples.mean(axis=0)
    if mono.size < 10 * size:
        return ()
    frames = np.lib.stride_tricks.sliding_window_view(mono, size)[::hop]
    features = np.concatenate([_describe(frames[k : k + 500], rate) for k in range(0, len(frames), 500)])
    power, high, hiss, periodic = features.T
    periodic = _steadied(periodic)
    active = power[power > 1e-3 * power.max()].mean() if power.max() > 0 else 0.0
    if active <= 0:
        return ()
    level = 10 * np.log10(power / active + 1e-12)
    floor = float(np.percentile(level[power > 1e-14], _FLOOR_PERCENTILE)) if (power > 1e-14).any() else -120.0
    breath = (level > max(SOFTEST_DB, floor + OVER_FLOOR_DB)) & (level < LOUDEST_DB)
    breath &= (high > LEAST_HIGH) & (hiss < MOST_HIGH) & (periodic < MOST_PERIODIC)
    loud = level > LOUDEST_DB
    ahead = round(BEFORE_PHRASE_S / _HOP_S)
    found = []
    for first, last in _runs(_closed(breath, 4)):
        if SHORTEST_S <= (last - first) * _HOP_S <= LONGEST_S and loud[last : last + ahead].any():
            mean = 10 * float(np.log10(power[first:last].mean() / active))
            found.append(
                BreathSpan(first * hop / rate + _FRAME_S / 2, last * hop / rate + _FRAME_S / 2, mean, mean - floor)
            )
    return tuple(found)


def _describe(frames: NDArray[np.float32], rate: int) -> NDArray[np.float64]:
    """Return (frames, 4): power, share from 1 to 9 kHz, share from 4.5 kHz on, periodicity."""
    size = frames.shape[1]
    window = np.hanning(size + 2)[1:-1].astype(np.float32)
    spectrum = np.square(np.abs(fourier.rfft(frames * window, 2 * size))).astype(np.float64)
    frequency = np.arange(spectrum.shape[1]) * rate / (2 * size)
    total = spectrum[:, frequency > 60].sum(axis=1) + 1e-20
    middle = spectrum[:, (frequency > 1000) & (frequency < 9000)].sum(axis=1)
    hiss = spectrum[:, frequency > 4500].sum(axis=1)
    voice = np.where((frequency > 60) & (frequency < 1500), spectrum, 0)
    correlation = fourier.irfft(voice, 2 * size)[:, : round(rate / 70)]
    shape = fourier.irfft(np.square(np.abs(fourier.rfft(window, 2 * size))), 2 * size)[: correlation.shape[1]]
    shape = shape / shape[0]
    periods = correlation[:, round(rate / 400) :] / shape[round(rate / 400) :]
    periodic = periods.max(axis=1) / (correlation[:, 0] + 1e-20)
    low_share = voice.sum(axis=1) / total
    power = np.square(frames, dtype=np.float64).mean(axis=1)
    return np.column_stack([power, middle / total, hiss / total, periodic * np.minimum(1, 4 * low_share)])


def _closed(mask: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """Return the mask with holes of up to `reach` frames filled."""
    out = mask.copy()
    runs = _runs(mask)
    for (_, before), (after, _) in pairwise(runs):
        if after - before <= reach:
            out[before:after] = True
    return out


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _steadied(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the running median of nine frames."""
    wide = np.pad(values, _STEADY // 2, mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(wide, _STEADY), axis=1))
