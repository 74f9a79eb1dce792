"""How one finished sound differs from another: in tone, width, dynamics and loudness, section held against section."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_EDGES_HZ
from tonmeister.analysis.fine_tone import FINE_CENTRES_HZ, fine_difference_db
from tonmeister.analysis.portrait import (
    COMPARED_HZ,
    HEARD_DB,
    Portrait,
    band_names,
    pair_sections,
    side_gain_db,
    tone_difference_db,
)
from tonmeister.model import Hz, Model

Floats = NDArray[np.float64]
Dimension = Literal["tone", "width", "dynamics", "loudness"]
TOLD_DB = 0.8
"""Differences of tone and width below this are not told."""
TOLD_CREST_DB, TOLD_RANGE_LU, TOLD_LOUDNESS_LU = 0.8, 1.0, 0.5
"""The same of crest, loudness range and loudness."""
WHOLE_SHARE = 0.75
"""Part of the whole songs in their difference of tone; the rest is that of the sections held against each other. One setting serves the
whole song, so the whole leads; a section that has no counterpart cannot lead it astray."""
_SMOOTH = np.array([0.25, 0.5, 0.25])
_LEAST_WIDTH = 0.002
"""Less side power than this is none: no gain makes a side out of it."""


class ReferenceGap(Model):
    """One way in which a reference differs from the song: positive means that the reference has more."""

    dimension: Dimension
    what: str
    """In words, such as `the side`."""
    value: float
    unit: str
    low_hz: Hz | None = None
    high_hz: Hz | None = None
    song: float | None = None
    """What the song has, where that is a figure of its own."""
    reference: float | None = None
    """What the reference has."""
    out_of_reach: str = ""
    """Why no processing of the whole can bring it, in words; empty where it can."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """A song held against references."""

    tone_db: Floats
    """(40,) what would have to be added to each ERB band; NaN where there is nothing to add to, or to go by."""
    fine_tone_db: Floats | None
    """(59,) the same of each sixth octave, over the whole songs; None where a portrait does not hold it."""
    side_db: tuple[float | None, ...]
    """What would have to be added to the side in each band of the width; None where it cannot be told."""
    crest_db: float | None
    """Crest of the reference minus the song's."""
    range_lu: float | None
    loudness_lufs: float | None
    """Of the references."""
    differences: tuple[ReferenceGap, ...]
    by_section: tuple[tuple[int, Floats], ...]
    """For each section of the song, the tone difference of that section alone."""


def compare(song: Portrait, references: Sequence[tuple[Portrait, float]]) -> Comparison:
    """Hold a song against references, each with a weight; the mean counts."""
    weights = np.array([weight for _, weight in references], np.float64)
    weights /= weights.sum()
    others = [portrait for portrait, _ in references]
    tones = [_tone(song, other) for other in others]
    tone = _weighted(np.stack([whole for whole, _ in tones]), weights)
    sections = tuple(
        (number, _weighted(np.stack([parts[number] for _, parts in tones]), weights)) for number in range(len(song.sections))
        if all(len(parts) == len(song.sections) for _, parts in tones)
    )  # fmt: skip
    side = _side(song, others, weights)
    crest, span, loudness = (
        _mean([getattr(other, name) for other in others], weights)
        for name in ("crest_db", "range_lu", "integrated_lufs")
    )
    told = [
        *_tone_differences(tone), *_unreachable(song, others), *_side_differences(song, side, others),
        *_plain("dynamics", "how far hits stand out (crest)", "dB", song.crest_db, crest, TOLD_CREST_DB),
        *_plain("dynamics", "loudness range", "LU", song.range_lu, span, TOLD_RANGE_LU),
        *_plain("loudness", "integrated loudness", "LU", song.integrated_lufs, loudness, TOLD_LOUDNESS_LU),
    ]  # fmt: skip
    return Comparison(
        tone,
        _fine_tone(song, others, weights),
        side,
        _minus(crest, song.crest_db),
        _minus(span, song.range_lu),
        loudness,
        tuple(told),
        sections,
    )


def _tone(song: Portrait, other: Portrait) -> tuple[Floats, list[Floats]]:
    """Return the tone difference of the whole and of each section of the song."""
    pairing = pair_sections(song, other)
    if not pairing.song:
        return tone_difference_db(song.tone_db, other.tone_db), []
    parts = [
        tone_difference_db(song.sections[mine].tone_db, other.sections[theirs].tone_db)
        for mine, theirs in zip(pairing.song, pairing.other, strict=True)
    ]
    aligned = _weighted(np.stack(parts), np.array(pairing.weights))
    whole = tone_difference_db(song.tone_db, other.tone_db)
    return _weighted(np.stack([whole, aligned]), np.array([WHOLE_SHARE, 1 - WHOLE_SHARE])), parts


def _fine_tone(song: Portrait, others: Sequence[Portrait], weights: Floats) -> Floats | None:
    """Return the difference in sixth octaves at one level: the middle of the differences where nearly all music sounds is 0."""
    if not song.fine_tone_db or not all(other.fine_tone_db for other in others):
        return None
    rows = []
    for other in others:
        difference = fine_difference_db(song.fine_tone_db, other.fine_tone_db, heard_db=HEARD_DB)
        inside = np.isfinite(difference) & (COMPARED_HZ[0] <= FINE_CENTRES_HZ) & (COMPARED_HZ[1] >= FINE_CENTRES_HZ)
        rows.append(difference - (float(np.median(difference[inside])) if inside.any() else 0.0))
    return _weighted(np.stack(rows), weights)


def _weighted(rows: Floats, weights: Floats) -> Floats:
    """Return the mean of the rows by weight, over those that know a band; NaN where less than half of the weight does."""
    known = np.isfinite(rows)
    total = (known * weights[:, None]).sum(axis=0)
    mean = (np.where(known, rows, 0.0) * weights[:, None]).sum(axis=0) / np.maximum(total, 1e-9)
    return np.where(total >= 0.5 * weights.sum(), mean, np.nan)


def _mean(values: Sequence[float | None], weights: Floats) -> float | None:
    known = [(value, weight) for value, weight in zip(values, weights, strict=True) if value is not None]
    total = sum(weight for _, weight in known)
    return sum(value * weight for value, weight in known) / total if total > 0 else None


def _minus(reference: float | None, song: float | None) -> float | None:
    return None if reference is None or song is None else reference - song


def _side(song: Portrait, others: Sequence[Portrait], weights: Floats) -> tuple[float | None, ...]:
    if not song.width_by_band or not any(other.width_by_band for other in others):
        return ()
    out: list[float | None] = []
    for band, mine in enumerate(song.width_by_band):
        theirs = _mean([other.width_by_band[band] if other.width_by_band else None for other in others], weights)
        out.append(None if mine is None or theirs is None or mine < _LEAST_WIDTH else side_gain_db(mine, theirs))
    return tuple(out)


def _tone_differences(tone_db: Floats) -> list[ReferenceGap]:
    """Tell each stretch of bands that differ the same way by its largest value."""
    known = np.isfinite(tone_db)
    filled = np.where(known, tone_db, 0.0)
    smooth = np.convolve(np.pad(filled, 1, mode="edge"), _SMOOTH, "valid")
    sign = np.where(known & (np.abs(smooth) >= TOLD_DB), np.sign(smooth), 0)
    edges = np.flatnonzero(np.diff(sign, prepend=0, append=0))
    told = []
    for first, end in itertools.pairwise(edges):
        if sign[first] == 0:
            continue
        value = float(smooth[first:end][np.argmax(np.abs(smooth[first:end]))])
        low, high = float(ERB_EDGES_HZ[first]), float(ERB_EDGES_HZ[end])
        told.append(
            ReferenceGap(dimension="tone", what="tone", value=round(value, 2), unit="dB", low_hz=round(low), high_hz=round(high))
        )  # fmt: skip
    return told


def _unreachable(song: Portrait, others: Sequence[Portrait]) -> list[ReferenceGap]:
    """Tell bands that the references hold and the song does not: that is the arrangement, not the tone."""
    if not song.tone_db:
        return []
    mine = np.array(song.tone_db)
    theirs = np.mean([np.array(other.tone_db) for other in others], axis=0)
    absent = (mine < mine.max() - 50) & (theirs > theirs.max() - 40)
    edges = np.flatnonzero(np.diff(absent.astype(int), prepend=0, append=0))
    return [
        ReferenceGap(
            dimension="tone", what="tone", value=round(float((theirs - mine)[first:end].mean()), 1), unit="dB",
            low_hz=round(float(ERB_EDGES_HZ[first])), high_hz=round(float(ERB_EDGES_HZ[end])),
            out_of_reach="the song has no sound there; only another arrangement has",
        )
        for first, end in zip(edges[::2], edges[1::2], strict=True)
    ]  # fmt: skip


def _side_differences(
    song: Portrait, side_db: tuple[float | None, ...], others: Sequence[Portrait]
) -> list[ReferenceGap]:
    told = []
    for band, ((low, high), mine) in enumerate(zip(band_names(), song.width_by_band, strict=False)):
        theirs = [other.width_by_band[band] for other in others if other.width_by_band]
        known = [value for value in theirs if value is not None]
        if mine is None or not known:
            continue
        gain, reference = side_db[band] if band < len(side_db) else None, float(np.mean(known))
        common = {"low_hz": low, "high_hz": high, "song": round(mine, 3), "reference": round(reference, 3)}
        if gain is None and reference > 10 * _LEAST_WIDTH:
            why = "the song has no side there; width needs parts that differ left and right"
            told.append(
                ReferenceGap(dimension="width", what="the side", value=24.0, unit="dB", out_of_reach=why, **common)
            )
        elif gain is not None and abs(gain) >= TOLD_DB and max(mine, reference) > 0.01:
            told.append(ReferenceGap(dimension="width", what="the side", value=round(gain, 2), unit="dB", **common))
    if not song.width_by_band and any(other.width_by_band for other in others):
        why = "the song is mono; width needs parts that differ left and right"
        told.append(ReferenceGap(dimension="width", what="the side", value=24.0, unit="dB", out_of_reach=why))
    return told


def _plain(
    dimension: Dimension, what: str, unit: str, song: float | None, reference: float | None, least: float
) -> list[ReferenceGap]:
    difference = _minus(reference, song)
    if difference is None or abs(difference) < least or song is None or reference is None:
        return []
    return [
        ReferenceGap(
            dimension=dimension, what=what, value=round(difference, 2), unit=unit, song=round(song, 2), reference=round(reference, 2)
        )
    ]  # fmt: skip
