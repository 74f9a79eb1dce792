"""What a finished sound is like, in figures that can be kept in a small file and held against those of another."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.analysis.bands import ERB_BANDS, ERB_CENTRES_HZ
from tonmeister.analysis.crest import measure_crest
from tonmeister.analysis.loudness import integrated_from_energies
from tonmeister.analysis.sections import find_sections
from tonmeister.analysis.stereo import WIDTH_EDGES_HZ
from tonmeister.analysis.track_meter import TrackCurves, TrackMeasurement
from tonmeister.model import Db, Model, Seconds, Share

Floats = NDArray[np.float64]
LOWEST_DB = -120.0
"""No band is told to be quieter."""
COMPARED_HZ = (60.0, 12_000.0)
"""Bands between which two sounds are brought to one level before their tone is compared: what nearly all music holds."""
HEARD_DB = -60.0
"""A band so far below the sound's loudest is not there: no equaliser can bring it."""


class PortraitSection(Model):
    """One section of a song."""

    start_s: Seconds = Field(ge=0)
    """Where it begins."""
    end_s: Seconds = Field(ge=0)
    """Where it ends."""
    group: str
    """Sections that hold the same music share a letter."""
    level_lu: float
    """Loudness against the whole."""
    tone_db: tuple[Db, ...]
    """(40,) level of each ERB band, in dBFS."""
    crest_db: Db
    """Mean of the largest sample over the RMS of each half second."""


class Portrait(Model):
    """A finished sound in figures; None for what silence does not have."""

    version: int = 1
    """Version of these fields."""
    name: str = ""
    """What it was taken from."""
    duration_s: Seconds = Field(ge=0)
    """Length."""
    integrated_lufs: float | None = None
    """Integrated loudness (BS.1770-5)."""
    range_lu: float | None = None
    """Loudness range (EBU Tech 3342)."""
    true_peak_dbtp: Db | None = None
    """Largest true peak."""
    plr_db: Db | None = None
    """True peak over integrated loudness."""
    crest_db: Db | None = None
    """Mean over the sections, by their length, of their crest: how far hits stand out, whatever the level."""
    tone_db: tuple[Db, ...] = Field(default=(), max_length=ERB_BANDS)
    """(40,) level of each ERB band over the whole, in dBFS."""
    fine_tone_db: tuple[Db, ...] = ()
    """(59,) level of each sixth octave from 25 Hz to 20 kHz over the whole, in dBFS; empty where it was not measured."""
    width_by_band: tuple[Share | None, ...] = ()
    """Side power over all power in the bands of `analysis.stereo.WIDTH_EDGES_HZ`; empty for mono."""
    sections: tuple[PortraitSection, ...] = ()
    """Sections by their sound, in the order of time."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairing:
    """Sections of a song and what they were held against."""

    song: tuple[int, ...]
    other: tuple[int, ...]
    """As long as song: the section of the other sound that plays the same part."""
    weights: tuple[float, ...]
    """Share of the song's length."""


def draw_portrait(measured: TrackMeasurement, *, name: str = "", fine_tone_db: tuple[float, ...] = ()) -> Portrait:
    """Return the portrait of a sound that was metered, with its tone in sixth octaves where that was measured too."""
    curves, figures = measured.curves, measured.figures
    crest = measure_crest(measured)
    parts = _sections(curves)
    lengths = [part.end_s - part.start_s for part in parts]
    return Portrait(
        name=name,
        duration_s=figures.duration_s,
        integrated_lufs=figures.loudness.integrated_lufs,
        range_lu=figures.loudness.range_lu,
        true_peak_dbtp=figures.true_peak_dbtp,
        plr_db=crest.plr_db,
        crest_db=round(float(np.average([part.crest_db for part in parts], weights=lengths)), 2) if parts else None,
        tone_db=_levels(curves.erb_power.astype(np.float64).mean(axis=0)) if len(curves.erb_power) else (),
        fine_tone_db=fine_tone_db,
        width_by_band=figures.stereo.width_by_band,
        sections=parts,
    )


def _sections(curves: TrackCurves) -> tuple[PortraitSection, ...]:
    whole = integrated_from_energies(curves.energies_100ms)
    if whole is None:
        return ()
    found = find_sections([curves], ["mix"], np.array([0.0, curves.rms_10ms.size / 100]))
    crest = _crest_of_halves(curves)
    parts = []
    for section in found:
        halves = slice(round(2 * section.start_s), max(round(2 * section.end_s), round(2 * section.start_s) + 1))
        steps = slice(round(10 * section.start_s), round(10 * section.end_s))
        power = curves.erb_power[halves].astype(np.float64)
        loudness = integrated_from_energies(curves.energies_100ms[steps])
        if not power.any() or loudness is None:
            continue
        parts.append(
            PortraitSection(
                start_s=section.start_s, end_s=section.end_s, group=section.group, level_lu=round(loudness - whole, 2),
                tone_db=_levels(power.mean(axis=0)), crest_db=round(float(np.nanmean(crest[halves])), 2) if np.isfinite(crest[halves]).any() else 0.0,
            )
        )  # fmt: skip
    return tuple(parts)


def _crest_of_halves(curves: TrackCurves) -> Floats:
    """Return the largest sample over the RMS of each half second, in dB; NaN where it is silent."""
    whole = curves.rms_10ms.size // 50 * 50
    power = np.square(curves.rms_10ms[:whole].astype(np.float64)).reshape(-1, 50).mean(axis=1)
    peak = curves.peak_10ms[:whole].astype(np.float64).reshape(-1, 50).max(axis=1)
    out = np.full(len(curves.erb_power), np.nan)
    sounding = power > 1e-8
    out[: len(power)][sounding] = 20 * np.log10(peak[sounding]) - 10 * np.log10(power[sounding])
    return out


def _levels(power: Floats) -> tuple[float, ...]:
    return tuple(np.round(np.maximum(10 * np.log10(np.maximum(power, 1e-13)), LOWEST_DB), 2).tolist())


def pair_sections(song: Portrait, other: Portrait) -> Pairing:
    """Return which section of another sound each section of a song is held against: the one of the same standing in its own song.

    A quiet part is held against a quiet one and a chorus against a chorus: what counts is the level against the whole and how
    dense it is, not the place in time. Where one of them has no sections, the whole stands for them.
    """
    if not song.sections or not other.sections:
        return Pairing((), (), ())
    lengths = np.array([part.end_s - part.start_s for part in song.sections])
    nearest = [_nearest(part, song, other) for part in song.sections]
    weights = lengths * 10 ** (np.array([part.level_lu for part in song.sections]) / 10)
    return Pairing(tuple(range(len(nearest))), tuple(nearest), tuple((weights / weights.sum()).tolist()))


def _nearest(part: PortraitSection, song: Portrait, other: Portrait) -> int:
    crest = song.crest_db or 0.0, other.crest_db or 0.0
    shape = np.array(part.tone_db) - np.array(song.tone_db)
    distances = [
        abs(part.level_lu - their.level_lu)
        + 0.5 * abs((part.crest_db - crest[0]) - (their.crest_db - crest[1]))
        + 0.25 * float(np.abs(shape - (np.array(their.tone_db) - np.array(other.tone_db))).mean())
        for their in other.sections
    ]
    return int(np.argmin(distances))


def tone_difference_db(tone_db: Sequence[float], other_db: Sequence[float]) -> Floats:
    """Return (40,) by how much the other is brighter or fuller in each ERB band, at one level; NaN where either has no sound.

    One level means that the middle of the differences between 60 Hz and 12 kHz is 0: what was done to one region alone stays in
    that region.
    """
    mine, theirs = np.array(tone_db, np.float64), np.array(other_db, np.float64)
    there = (mine > mine.max() + HEARD_DB) & (theirs > theirs.max() + HEARD_DB)
    difference = np.where(there, theirs - mine, np.nan)
    inside = there & (COMPARED_HZ[0] <= ERB_CENTRES_HZ) & (COMPARED_HZ[1] >= ERB_CENTRES_HZ)
    return difference - (float(np.median(difference[inside])) if inside.any() else 0.0)


def side_gain_db(width: float, wanted: float) -> float:
    """Return the gain of the side that turns one share of side power into another."""
    low, high = 1e-4, 1 - 1e-4
    ratios = [np.clip(value, low, high) / (1 - np.clip(value, low, high)) for value in (width, wanted)]
    return float(10 * np.log10(ratios[1] / ratios[0]))


def band_names() -> tuple[tuple[float, float], ...]:
    """Return the edges of the bands of `Portrait.width_by_band`."""
    return tuple(itertools.pairwise(WIDTH_EDGES_HZ))
