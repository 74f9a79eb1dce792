"""Towards references: the tone they have, the width they have, how dense they are; each as far as a person asked for."""

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.difference import Comparison
from tonmeister.analysis.fine_tone import FINE_CENTRES_HZ
from tonmeister.document.move import Evidence, Move, Nothing
from tonmeister.knowledge import number
from tonmeister.knowledge.rows import source_text
from tonmeister.processing import Band, Compressor, Equaliser, TransientShaper
from tonmeister.processing.filter_design import magnitude_db
from tonmeister.tasks.mastering.finishing import HERE, Finishing, insert_move
from tonmeister.tasks.mastering.sides import side_equaliser, wanted_sides

Floats = NDArray[np.float64]
BANDS = 27
"""Bands of the equaliser that follows a reference, a third of an octave apart: four of our equalisers."""
_GRID_HZ = (40.0, 16_000.0)
_Q = 4.0
_DESIGN_HZ = 48_000
_RIDGE, _ROUNDS = 0.02, 3
_LEAST_DB = 0.2
_SMOOTH = np.array([0.1, 0.8, 0.1])
"""One setting serves the whole song: what one note or one resonance of the reference brings is not copied."""


def propose(work: Finishing) -> Iterator[Move]:
    """Follow the references in tone, width and dynamics, and say what is out of reach."""
    if work.comparison is None:
        return
    yield from _tone(work, work.comparison)
    yield from _width(work, work.comparison)
    yield from _dynamics(work, work.comparison)
    yield from _out_of_reach(work.comparison)


def match_bands(wanted_db: Floats) -> tuple[Band, ...]:
    """Return bells on a grid whose sum comes as near as can be to a curve over the sixth octaves; NaN is free."""
    known = np.isfinite(wanted_db)
    if not known.any():
        return ()
    response = _responses()[known]
    wanted = wanted_db[known]
    gains = np.zeros(BANDS)
    ridge = _RIDGE * np.eye(BANDS)
    for _ in range(_ROUNDS):
        missing = wanted - magnitude_db(_bells(gains), FINE_CENTRES_HZ, _DESIGN_HZ)[known]
        gains = gains + np.linalg.solve(response.T @ response + ridge, response.T @ missing)
        gains = np.clip(gains, -12, 12)
    return tuple(band for band in _bells(np.round(gains, 1)) if abs(band.gain_db) >= _LEAST_DB)


def wanted_tone_db(comparison: Comparison) -> Floats:
    """Return (59,) what the references have more in each sixth octave, smoothed; from the ERB bands where no finer figures are known."""
    fine = comparison.fine_tone_db
    if fine is None:
        known = np.isfinite(comparison.tone_db)
        if not known.any():
            return np.full(FINE_CENTRES_HZ.size, np.nan)
        octaves = np.log2(FINE_CENTRES_HZ), np.log2(ERB_CENTRES_HZ[known])
        return np.asarray(np.interp(*octaves, comparison.tone_db[known]))
    known = np.isfinite(fine)
    padded = np.pad(np.where(known, fine, 0.0), 1, mode="edge"), np.pad(known.astype(float), 1, mode="edge")
    values, weights = (np.convolve(row, _SMOOTH, "valid") for row in padded)
    return np.where(known, values / np.maximum(weights, 1e-9), np.nan)


def _grid() -> Floats:
    return np.geomspace(*_GRID_HZ, BANDS)


def _bells(gains_db: Floats) -> tuple[Band, ...]:
    return tuple(
        Band(frequency_hz=round(float(hz), 1), gain_db=float(gain), q=_Q)
        for hz, gain in zip(_grid(), gains_db, strict=True)
    )


@cache
def _responses() -> Floats:
    """Return (59, bands) what a decibel of each bell adds to each sixth octave."""
    return np.stack(
        [
            magnitude_db((Band(frequency_hz=float(hz), gain_db=1.0, q=_Q),), FINE_CENTRES_HZ, _DESIGN_HZ)
            for hz in _grid()
        ],
        axis=1,
    )


def _why(what: str, value: float, *, unit: str = "dB", row: str) -> Evidence:
    entry = number(row)
    return Evidence(
        what=what, value=round(value, 2), limit=entry.value, unit=unit, source=f"the person's reference; {row}: {source_text(entry.source)}"
    )  # fmt: skip


def _tone(work: Finishing, comparison: Comparison) -> Iterator[Move]:
    amount = work.amounts["tone"]
    known = np.isfinite(comparison.tone_db)
    if amount <= 0 or not known.any():
        return
    most = number("finishing.reference_most_db").value
    wanted = np.clip(amount * wanted_tone_db(comparison), -most, most)
    top = 0.45 * work.measured.figures.sample_rate_hz
    bands = match_bands(np.where(top > FINE_CENTRES_HZ, wanted, np.nan))
    size = float(np.nanmean(np.abs(comparison.tone_db)))
    because = (_why("mean difference in tone to the references", size, row="finishing.reference_most_db"),)
    for place in range(0, len(bands), 8):
        part = bands[place : place + 8]
        title = f"Tone of the reference, {amount:.0%} of the way: {part[0].frequency_hz:.0f} to {part[-1].frequency_hz:.0f} Hz"
        yield insert_move(work, f"reference.tone-{place // 8 + 1}", title, "corrective", Equaliser(bands=part), because)


def _width(work: Finishing, comparison: Comparison) -> Iterator[Move]:
    amount = work.amounts["width"]
    if amount <= 0:
        return
    most = number("finishing.reference_side_most_db").value
    gains = wanted_sides(comparison.side_db, work.portrait.width_by_band, amount=amount, most_db=most)
    if gains:
        largest = max(gains.values(), key=abs)
        because = (
            _why("largest difference of the side to the references", largest, row="finishing.reference_side_most_db"),
        )
        yield insert_move(
            work, "reference.width", f"Width of the reference, {amount:.0%} of the way", "tone", side_equaliser(gains), because
        )  # fmt: skip


def _dynamics(work: Finishing, comparison: Comparison) -> Iterator[Move]:
    """Hold the whole where the reference is denser; give attacks back, within limits, where it is livelier."""
    amount, crest = work.amounts["dynamics"], comparison.crest_db
    if amount <= 0 or crest is None or abs(crest) < number("finishing.dynamics_sure_db").value:
        return
    because = (_why("crest of the references against the song's", crest, row="finishing.dynamics_sure_db"),)
    size = amount * abs(crest)
    if crest < 0:
        size -= _limited_db(work)
        if size <= 0:
            return
        settings = Compressor(
            threshold_db=round(float(np.clip(work.loud_db - 2 * size, -60, -1)), 1), ratio=2.0, knee_db=9, attack_ms=3,
            release_ms=100, detector="peak", mix=1.0,
        )  # fmt: skip
        title = f"The reference is denser by {-crest:.1f} dB: held"
        yield insert_move(work, "reference.dynamics", title, "dynamics", settings, because)
        return
    gain = round(min(size, number("finishing.restore_most_db").value), 1)
    title = f"Hits of the reference stand out {crest:.1f} dB more: attacks up by {gain:.1f} dB"
    yield insert_move(work, "reference.dynamics", title, "dynamics", TransientShaper(attack_db=gain), because)


def _limited_db(work: Finishing) -> float:
    """Return what the clip stage and the limiter take off the crest on the way to the target: no compressor needs to do that twice."""
    plr, room = work.portrait.plr_db, work.ceiling_dbtp - work.target_lufs
    return 0.0 if plr is None else max(0.0, number("finishing.limited_crest_share").value * (plr - room))


def _out_of_reach(comparison: Comparison) -> Iterator[Move]:
    for place, item in enumerate((one for one in comparison.differences if one.out_of_reach), start=1):
        where = "" if item.low_hz is None else f" at {item.low_hz:.0f} to {item.high_hz:.0f} Hz"
        because = Evidence(what=item.what, value=item.value, unit=item.unit, source="the person's reference")
        yield Move(
            id=f"mastering.reference.out-of-reach-{place}", task="mastering", where=HERE, change=Nothing(), because=(because,),
            title=f"Out of reach: {item.what}{where}: {item.out_of_reach}",
        )  # fmt: skip
