"""The master chain of a mix of stems (files: `finishing`): tone inside the band of released music, gentle glue, and the loudness that was asked for."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.loudness import gated_loudness_from_energies
from tonmeister.document.fold import still_fader_db
from tonmeister.document.mix import Budget
from tonmeister.document.move import BandChange, Evidence, Expectation, InsertChange, Move, TargetChange, Where
from tonmeister.document.strip import MASTER, Insert
from tonmeister.knowledge import number
from tonmeister.knowledge.characters import find_character
from tonmeister.knowledge.delivery import resolve_target
from tonmeister.processing import Band, Compressor, TruePeakLimiter
from tonmeister.processing.filter_design import magnitude_db
from tonmeister.tasks.work import Work, aimed, evidence

_HERE = Where(bus=MASTER)
_SHELVES: dict[str, tuple[float, dict[str, Any]]] = {
    "high": (1.0, {"shape": "high_shelf", "frequency_hz": 2000, "q": 0.7}),
    "low": (-0.75, {"shape": "low_shelf", "frequency_hz": 400, "q": 0.7}),
}
"""A tilt: what the one gives the other takes, less of it, as most of the power is low."""
_INSIDE_DB = 0.1
"""So far inside its band a slope is brought that was outside: what is expected of the sum is not exact."""


def propose(work: Work) -> Iterator[Move]:
    """Set target and ceiling, tilt the tone back into its band, glue where the brief wants it, limit."""
    target = _target_move(work)
    yield target
    tilt = mix_tilt_db_per_octave(work)
    if tilt is not None:
        yield from _tone(work, tilt)
    if work.budget.name != "transparent":
        yield from _glue(work)
    ceiling = target.change.ceiling_dbtp if isinstance(target.change, TargetChange) else -1.0
    yield _limiter(ceiling, target.because)


def mix_tilt_db_per_octave(work: Work) -> float | None:
    """Return the slope of the mix's power density from 100 Hz to 4 kHz at the present faders."""
    power = mix_erb_power(work)
    return None if power is None else slope_db_per_octave(power)


def slope_db_per_octave(erb_power: NDArray[np.float64]) -> float | None:
    """Return the slope of a spectrum's power density from 100 Hz to 4 kHz; None where a band is silent."""
    inside = (ERB_CENTRES_HZ >= 100) & (ERB_CENTRES_HZ <= 4000)
    if not (erb_power[inside] > 0).all():
        return None
    width_hz = 24.7 * (4.37 * ERB_CENTRES_HZ[inside] / 1000 + 1)
    density_db = 10 * np.log10(erb_power[inside] / width_hz)
    return float(np.polyfit(np.log2(ERB_CENTRES_HZ[inside]), density_db, 1)[0])


def mix_erb_power(work: Work) -> NDArray[np.float64] | None:
    """Return the mean band powers of the sum, (40,), powers added; None without tracks."""
    total = None
    for track in work.facts.tracks:
        if not track.track.used:
            continue
        gain = 10 ** (still_fader_db(work.mix, track.id) / 10)
        power = work.heard[track.id].erb_power.astype(np.float64).sum(axis=0) * gain
        total = power if total is None else total + power
    return total


def _target_move(work: Work) -> Move:
    lufs, ceiling, source = resolve_target(work.mix.brief.target, work.mix.brief.ceiling_dbtp)
    lufs = min(lufs, work.budget.loudest_master_lufs)
    because = Evidence(
        what="loudness asked for", value=lufs, limit=work.budget.loudest_master_lufs, unit="LUFS", source=source
    )
    return Move(
        id="mastering.target", task="mastering", title=f"Master to {lufs:.1f} LUFS, true peak at most {ceiling:.1f} dBTP", where=_HERE,
        change=TargetChange(target_lufs=lufs, ceiling_dbtp=ceiling), because=(because,),
        expects=Expectation(metric="integrated_lufs", value=lufs, tolerance=0.1, unit="LUFS", scope="master"),
    )  # fmt: skip


def tone_bands(tilt: float, budget: Budget, *, wanted: float) -> dict[str, Band]:
    """Return the two shelves that tilt a slope towards its band; none inside the band."""
    tolerance = number("mastering.tilt_tolerance_db").value
    off = tilt - wanted
    if abs(off) <= tolerance:
        return {}
    most = min(number("mastering.shelf_most_db").value, budget.tilt_change_db)
    wanted_change = -(abs(off) - tolerance + _INSIDE_DB) * np.sign(off)
    gain_db = round(float(np.clip(wanted_change / _slope_of_shelves(), -most, most)), 1)
    return {} if abs(gain_db) < 0.5 else _shelves(gain_db)


def _shelves(gain_db: float) -> dict[str, Band]:
    return {name: Band(gain_db=round(share * gain_db, 1), **shelf) for name, (share, shelf) in _SHELVES.items()}


@cache
def _slope_of_shelves() -> float:
    """Return what a decibel of the shelves changes of the slope, an octave; at a usual rate, which hardly matters below 4 kHz."""
    inside = ERB_CENTRES_HZ[(ERB_CENTRES_HZ >= 100) & (ERB_CENTRES_HZ <= 4000)]
    change = magnitude_db(tuple(_shelves(2.0).values()), inside, 48_000)
    return float(np.polyfit(np.log2(inside), change, 1)[0]) / 2.0


def _tone(work: Work, tilt: float) -> Iterator[Move]:
    """Tilt the tone back into its band; with references their tone is followed instead."""
    if work.follows("tone"):
        return
    wanted = work.aim("tilt_db_per_octave")
    for name, band in tone_bands(tilt, work.budget, wanted=wanted.value).items():
        what = "bright" if (band.gain_db < 0) == (name == "high") else "dark"
        change = "less" if band.gain_db < 0 else "more"
        where = "above 2 kHz" if name == "high" else "below 400 Hz"
        yield Move(
            id=f"mastering.tone.{name}", task="mastering", title=f"The mix is too {what}: {change} {where}", where=_HERE,
            change=BandChange(slot="tone", band=band),
            because=(aimed("slope of the mix, 100 Hz to 4 kHz", tilt, against=wanted),), confidence=0.6,
        )  # fmt: skip


def _glue(work: Work) -> Iterator[Move]:
    """Compress the mix gently; a human's balance only where its range says that nobody has done so yet."""
    steps: dict[str, float] = {t.id: still_fader_db(work.mix, t.id) for t in work.facts.tracks if t.track.used}
    if len(steps) < 2:
        return
    longest = max(len(work.heard[name].energies_100ms) for name in steps)
    total = np.zeros(longest)
    for name, fader_db in steps.items():
        total[: len(work.heard[name].energies_100ms)] += work.heard[name].energies_100ms * 10 ** (fader_db / 10)
    range_lu = gated_loudness_from_energies(total).range_lu or 0.0
    if work.facts.is_premixed and range_lu < number("mastering.glue_range_lu").value:
        return
    loud_db = float(10 * np.log10(np.percentile(total, 90) / 2 + 1e-12))
    settings = Compressor(
        threshold_db=round(float(np.clip(loud_db - 2, -60, -1)), 1), ratio=number("mastering.bus_ratio").value, knee_db=9,
        attack_ms=30, release_ms=250, detector="rms", rms_window_ms=20,
    )  # fmt: skip
    yield Move(
        id="mastering.glue.compressor", task="mastering", title="Glue the mix gently", where=_HERE,
        change=InsertChange(insert=Insert(id="glue", slot="dynamics", processor=settings)),
        because=(
            Evidence(what="level of the loud parts, per channel", value=loud_db, unit="dBFS", source="mastering.bus_ratio"),
            evidence("loudness range of the sum", range_lu, against="mastering.glue_range_lu"),
        ),
        confidence=0.5,
    )  # fmt: skip


def _limiter(ceiling_dbtp: float, because: tuple[Evidence, ...]) -> Move:
    clean = find_character("clean")
    settings = TruePeakLimiter(ceiling_dbtp=ceiling_dbtp, release_ms=clean.release_ms, lookahead_ms=clean.lookahead_ms)
    return Move(
        id="mastering.limiter", task="mastering", title=f"Hold every true peak at {ceiling_dbtp:.1f} dBTP", where=_HERE,
        change=InsertChange(insert=Insert(id="limiter", slot="output", processor=settings)), because=because,
        expects=Expectation(metric="true_peak_dbtp", value=ceiling_dbtp, tolerance=0.05, unit="dBTP", scope="master"),
        depends_on=("mastering.target",),
    )  # fmt: skip
