"""What a denoiser needs to know about the noise of a recording: its density over frequency, how far it moves."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ, ERB_EDGES_HZ
from tonmeister.analysis.fourier import fast_size, rfft
from tonmeister.audio import Audio
from tonmeister.model import Db, Hz, Seconds, Share

FRAME_S = 0.0427
"""Length of a frame; they follow each other by a quarter of it."""
QUIET_SHARES = (0.25, 0.12, 0.06)
"""So many frames, the quietest against the noise, are taken for pauses: most that hold nothing but noise."""
STEADY_DB = 1.5
"""Pauses that hold nothing but steady noise wander less; music without noise, or noise that changes, wanders more."""
LEAST_S = 1.0
"""Shorter sounds teach nothing."""
FLOOR_DBFS = -150.0
"""Densities below, in dB of full scale squared per Hz, are rounding, not noise."""
PEAK_POWER = 2.0
"""A band so many times over its neighbours holds a tone; the noise under it is taken to be as strong as theirs."""
LEAST_BANDS = 6
"""Fewer bands with noise make no broad noise."""
_NEIGHBOURS = 3
_ROUNDS = 4
_AHEAD = 10_000  # frames measured at a time, to hold memory down
_TINY = 1e-18


@dataclass(frozen=True, slots=True)
class NoiseProfile:
    """A noise that is there in the pauses."""

    points: tuple[tuple[Hz, Db], ...]
    """Frequency and power density, dB of full scale squared per Hz."""
    level_dbfs: Db
    """RMS of the noise."""
    over_noise_db: Db
    """Level of the whole over the noise: about the signal-to-noise ratio."""
    wander_db: Db
    """How far the level of the noise moves in the pauses (spread of its bands, less what any noise spreads)."""
    spread_db: Db
    """How much lower it would be if learnt from the quietest of the pauses alone; little in noise that only wanders."""
    pauses_s: Seconds
    """Length of the pauses it was learnt in."""
    silent_share: Share
    """Part of the recording that is digital silence, in which there is no noise."""


def learn_noise(audio: Audio) -> NoiseProfile | None:
    """Learn the noise from the quietest frames of a recording; None if it is too short or silent.

    Quiet is what stands nearest to the noise over all ERB bands, and the noise is the median of what is quiet: a few rounds
    of both settle. Digital silence teaches nothing. Whether it is noise, or just the quietest music, `wander_db` tells.
    """
    bands, bins = _measure_bands(audio)
    sounding = bands.max(axis=1, initial=0.0) > _TINY
    bands = bands[sounding]
    if len(bands) * FRAME_S / 4 < LEAST_S:
        return None
    smooth = _running_mean(bands)
    found = [noise for share in QUIET_SHARES if (noise := _learn_from(bands, smooth, share, bins)) is not None]
    if not found:
        return None
    steady = next((noise for noise in found if noise.wander_db <= STEADY_DB), found[0])
    spread_db = round(steady.level_dbfs - found[-1].level_dbfs, 2)
    return replace(steady, spread_db=spread_db, silent_share=round(1 - float(sounding.mean()), 3))


def _learn_from(
    bands: NDArray[np.float64], smooth: NDArray[np.float64], share: float, bins: NDArray[np.float64]
) -> NoiseProfile | None:
    noise = 1.3 * np.percentile(smooth, 10, axis=0) + _TINY
    for _ in range(_ROUNDS):
        over = np.square(np.clip(np.log(smooth / noise), -0.7, 6.0)).mean(axis=1)
        quiet = np.argsort(over, kind="stable")[: max(8, round(share * len(over)))]
        noise = 1.05 * np.median(smooth[quiet], axis=0) + _TINY
    if np.count_nonzero(noise > 10 ** (FLOOR_DBFS / 10)) < LEAST_BANDS:
        return None
    return _describe(bands, bands[np.sort(quiet)], noise, bins)


def _describe(
    bands: NDArray[np.float64], quiet: NDArray[np.float64], noise: NDArray[np.float64], bins: NDArray[np.float64]
) -> NoiseProfile:
    width = np.diff(ERB_EDGES_HZ)[: noise.size]
    scatter = 4.34 / np.sqrt(np.maximum(1.0, bins / 1.5))  # dB; neighbouring bins under a Hann window share power
    spread = np.std(10 * np.log10(quiet + _TINY), axis=0)
    excess = np.sqrt(np.maximum(0.0, np.square(spread) - np.square(scatter)))
    there = noise > 10 ** (FLOOR_DBFS / 10)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(noise, _NEIGHBOURS, mode="reflect"), 2 * _NEIGHBOURS + 1)
    noise = np.minimum(noise, PEAK_POWER * np.median(around, axis=1))
    level = float(10 * np.log10((noise * width).sum()))
    whole = float(10 * np.log10((bands.mean(axis=0) * width).sum()))
    points = tuple(
        (round(float(hz), 1), round(float(10 * np.log10(density)), 2))
        for hz, density in zip(ERB_CENTRES_HZ, noise, strict=False)
    )
    return NoiseProfile(
        points=points,
        level_dbfs=round(level, 2),
        over_noise_db=round(whole - level, 2),
        wander_db=round(float(np.median(excess[there])), 2),
        spread_db=0.0,
        pauses_s=round(len(quiet) * FRAME_S / 4, 2),
        silent_share=0.0,
    )


def _measure_bands(audio: Audio) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (frames, bands) power density in full scale squared per Hz, and how many bins each band has."""
    size = fast_size(round(FRAME_S * audio.sample_rate_hz))
    hop, bin_hz = size // 4, audio.sample_rate_hz / size
    if audio.frames < size:
        return np.zeros((0, 1)), np.zeros(1)
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)
    centre = np.arange(size // 2 + 1) * bin_hz
    low, high = ERB_EDGES_HZ[:-1, None], ERB_EDGES_HZ[1:, None]
    share = np.clip(np.minimum(high, centre + bin_hz / 2) - np.maximum(low, centre - bin_hz / 2), 0, None) / bin_hz
    share = share[ERB_EDGES_HZ[1:] < 0.48 * audio.sample_rate_hz]
    bins = share.sum(axis=1)
    scale = 1 / (bins * 0.5 * audio.sample_rate_hz * float(np.square(window).sum()))
    frames = np.lib.stride_tricks.sliding_window_view(audio.samples, size, axis=1)[:, ::hop]
    parts = []
    for start in range(0, frames.shape[1], _AHEAD):
        power = np.square(np.abs(rfft(frames[:, start : start + _AHEAD] * window))).mean(axis=0)
        parts.append((power @ share.T.astype(np.float32)) * scale)
    return np.concatenate(parts).astype(np.float64), bins


def _running_mean(bands: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over five frames."""
    padded = np.pad(bands, ((2, 2), (0, 0)), mode="edge")
    total = np.cumsum(np.pad(padded, ((1, 0), (0, 0))), axis=0)
    return np.maximum((total[5:] - total[:-5]) / 5, _TINY)
