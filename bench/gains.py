"""The arithmetic of balances: gains drawn at random, and how near a system came back to the artists' levels."""

import shutil
from functools import cache
from pathlib import Path
from statistics import fmean

import numpy as np

from bench.measures import gated_lufs
from bench.songs import Song
from bench.sound import read, write

RANGE_DB = 12.0
NEAR_DB = 3.0
LEVEL_LUFS = -26.0
"""Loudness of each stem where the artists' balance is hidden."""
DRAWS = 2000
"""Times that stems are drawn anew for an interval."""
PEAK_DBFS = -1.0
"""No stem is written louder than this; the whole set is turned down together, which the common offset takes out again."""


def draw_gains_db(song: Song, *, seed: int) -> list[float]:
    """Return one gain a stem, evenly from ±12 dB, the same for the same seed, turned down together where any would clip."""
    gains = np.random.default_rng(seed).uniform(-RANGE_DB, RANGE_DB, len(song.stems))
    over = max(0.0, float(np.max(gains + stem_peaks_db(song))) - PEAK_DBFS)
    return [float(gain) for gain in gains - over]


def level_gains_db(song: Song) -> list[float]:
    """Return the gain that brings each stem to one loudness, turned down together where any would clip; a silent one stays."""
    level = [0.0 if lufs is None else LEVEL_LUFS - lufs for lufs in stem_lufs(song)]
    over = max(0.0, max(gain + peak for gain, peak in zip(level, stem_peaks_db(song), strict=True)) - PEAK_DBFS)
    return [gain - over for gain in level]


def write_stems(song: Song, gains_db: list[float], folder: Path) -> Path:
    """Write the stems with these gains as 24-bit WAV under their own names into an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    for stem, gain_db in zip(song.stems, gains_db, strict=True):
        samples, rate = read(stem.wav(song))
        write(folder / f"{stem.name}.wav", samples * np.float32(10 ** (gain_db / 20)), rate)
    return folder


@cache
def stem_lufs(song: Song) -> tuple[float | None, ...]:
    """Return the gated loudness of each stem at the artists' level; None where a stem is silent."""
    return tuple(gated_lufs(*read(stem.wav(song))) for stem in song.stems)


@cache
def stem_peaks_db(song: Song) -> tuple[float, ...]:
    """Return the largest sample of each stem at the artists' level, in dBFS."""
    return tuple(20 * np.log10(max(float(np.abs(read(stem.wav(song))[0]).max()), 1e-9)) for stem in song.stems)


def balance_errors_db(drawn_db: list[float], found_db: list[float | None]) -> list[float | None]:
    """Return each stem's level against the artists' after the common offset (the mean) is taken out.

    What was drawn plus what the system added is the level against the artists' own.  Stems without an answer stay None.
    """
    levels = [None if found is None else drawn + found for drawn, found in zip(drawn_db, found_db, strict=True)]
    known = [level for level in levels if level is not None]
    middle = fmean(known) if known else 0.0
    return [None if level is None else level - middle for level in levels]


def balance_figures(errors_db: list[float | None], roles: list[str]) -> dict[str, float | None]:
    """Return mean absolute error, error of the lead vocal (absolute) and the share of stems within 3 dB."""
    known = [error for error in errors_db if error is not None]
    lead = [
        abs(error) for error, role in zip(errors_db, roles, strict=True) if role == "lead vocal" and error is not None
    ]
    return {
        "mae_db": fmean(map(abs, known)) if known else None,
        "lead_error_db": max(lead) if lead else None,
        "within_3db": fmean(abs(error) <= NEAR_DB for error in known) if known else None,
    }


def bootstrap_mae_db(songs: list[list[float]], *, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % interval of the mean over the songs of the mean absolute error, stems drawn anew within each song."""
    random = np.random.default_rng(seed)
    draws = [np.abs(random.choice(errors, (DRAWS, len(errors)))).mean(axis=1) for errors in songs]
    low, high = np.quantile(np.mean(draws, axis=0), [0.025, 0.975])
    return float(low), float(high)
