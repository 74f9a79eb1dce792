"""Tone of the whole: a few broad bands, each on the group that carries its region, else on the mix bus."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.fine_tone import FINE_CENTRES_HZ
from tonmeister.document.move import BandChange, Evidence, Move, Where
from tonmeister.document.strip import MASTER
from tonmeister.knowledge import number
from tonmeister.knowledge.tone import regions
from tonmeister.processing.filter_design import magnitude_db
from tonmeister.tasks.direction.aims import Aims, MixSound, mood_regions_db, region_band, regions_over_db, told_source
from tonmeister.tasks.prediction import group_bands, mean_change_db, strip_bands
from tonmeister.tasks.work import Work

Floats = NDArray[np.float64]
MOST_MOVES = 4
_RIDGE = 0.5
_SPAN_HZ = (40.0, 14_000.0)
_DESIGN_HZ = 48_000
_HALF_HZ = 1000.0
_SPARE_TILT_DB = 0.4
"""Of the budget of brightness, for what compressors and the limiter change of it."""


def propose(work: Work, sound: MixSound, aims: Aims) -> Iterator[Move]:
    """Yield a band for each region that is to change by what can be heard, the largest first."""
    if not work.follows("tone") and not any(mood.tone for mood in work.moods.values()):
        return
    most = min(number("direction.tone_most_db").value, work.budget.eq_gain_db)
    gains = fit_regions(aims.tone_db, most_db=most, room=tilt_room(work, sound))
    tone = sound.portrait.tone_db
    here, wanted = regions_over_db(tone, work.mix.brief, tone), mood_regions_db(work.moods)
    for name, gain_db in sorted(gains.items(), key=lambda item: -abs(item[1])):
        yield _move(work, sound, name, gain_db, (here.get(name, 0.0), wanted[name]))


@dataclass(frozen=True, slots=True, eq=False)
class TiltRoom:
    """What a budget leaves of brightness, and what each region takes of it."""

    per_db: Floats
    """(regions,) what a decibel of each region changes of the brightness."""
    low_db: float
    high_db: float


def tilt_room(work: Work, sound: MixSound) -> TiltRoom:
    """Return how much brighter or darker the mix may still become; some is left for what compressors do to it."""
    limit = work.budget.tilt_change_db - _SPARE_TILT_DB
    here = _brightness_db(sound.power)
    moved = [
        sound.power * 10 ** (magnitude_db((region_band(name, 1.0),), ERB_CENTRES_HZ, _DESIGN_HZ) / 10)
        for name in regions()
    ]
    per_db = np.array([_brightness_db(power) - here for power in moved])
    return TiltRoom(per_db, min(0.0, -limit - sound.tilt_db), max(0.0, limit - sound.tilt_db))


def _brightness_db(power: Floats) -> float:
    """Return the power of the bands above 1 kHz against those below, as the budget counts it."""
    high = ERB_CENTRES_HZ >= _HALF_HZ
    return float(10 * np.log10(max(power[high].sum(), 1e-20) / max(power[~high].sum(), 1e-20)))


def fit_regions(wanted_db: Floats, *, most_db: float, room: TiltRoom | None = None) -> dict[str, float]:
    """Return the gains of few regions whose sum comes near a curve over the sixth octaves without passing it; NaN is free.

    Where the budget leaves less brightness than the curve wants, it is the nearest curve inside the budget: least squares with one bound.
    """
    names = list(regions())
    known = np.isfinite(wanted_db) & (_SPAN_HZ[0] <= FINE_CENTRES_HZ) & (_SPAN_HZ[1] >= FINE_CENTRES_HZ)
    if not known.any():
        return {}
    wanted = np.clip(wanted_db[known], -most_db, most_db)
    least = number("direction.tone_least_db").value
    while names:
        response = _responses()[known][:, [list(regions()).index(name) for name in names]]
        square = response.T @ response + _RIDGE * np.eye(len(names))
        gains = np.clip(np.linalg.solve(square, response.T @ wanted), -most_db, most_db)
        if room is not None:
            gains = _within(room, [list(regions()).index(name) for name in names], gains, square)
        gains = np.round(np.clip(gains, -most_db, most_db), 1)
        meant = np.array([_mean_of(name, known, wanted) for name in names])
        against = np.where(gains * meant < 0, np.abs(gains), 0.0)
        if against.max() > 0:  # a band that only makes up for its neighbours is no broad move
            names.pop(int(np.argmax(against)))
            continue
        weakest = int(np.argmin(np.abs(gains)))
        if abs(gains[weakest]) >= least and len(names) <= MOST_MOVES:
            return dict(zip(names, gains.tolist(), strict=True))
        names.pop(weakest)
    return {}


def _mean_of(name: str, known: NDArray[np.bool_], wanted: Floats) -> float:
    """Return what a region itself is to change by."""
    region, hz = regions()[name], FINE_CENTRES_HZ[known]
    inside = (region.low_hz <= hz) & (region.high_hz >= hz)
    return float(wanted[inside].mean()) if inside.any() else 0.0


def _within(room: TiltRoom, places: list[int], gains: Floats, square: Floats) -> Floats:
    """Return the gains nearest to these, as the fit weighs them, whose brightness stays inside the room."""
    per_db = room.per_db[places]
    over = float(per_db @ gains) - float(np.clip(per_db @ gains, room.low_db, room.high_db))
    if not over:
        return gains
    towards = np.linalg.solve(square, per_db)
    return np.asarray(gains - towards * over / max(float(per_db @ towards), 1e-9))


@cache
def _responses() -> Floats:
    """Return (59, regions) what a decibel of each region's band adds to each sixth octave."""
    return np.stack(
        [magnitude_db((region_band(name, 1.0),), FINE_CENTRES_HZ, _DESIGN_HZ) for name in regions()], axis=1
    )


def _move(work: Work, sound: MixSound, name: str, gain_db: float, found_db: tuple[float, float]) -> Move:
    region = regions()[name]
    group = _group_of(work, sound, name, gain_db)
    bus, own_db = group if group is not None else (MASTER, gain_db)
    found = Evidence(
        what=f"{region.words} ({region.low_hz:.0f}-{region.high_hz:.0f} Hz) over the references', at one level; the limit is what moods add",
        value=found_db[0], limit=found_db[1], unit="dB", source=told_source(work, "tone"),
    )  # fmt: skip
    place = "the mix" if bus == MASTER else f"the {bus} group, which carries them"
    title = f"Direction: {region.words} of {place} {own_db:+.1f} dB"
    return Move(
        id=f"direction.tone.{name}", task="direction", title=title, where=Where(bus=bus),
        change=BandChange(slot="tone", band=region_band(name, own_db)), because=(found,), confidence=0.6,
    )  # fmt: skip


def _group_of(work: Work, sound: MixSound, name: str, gain_db: float) -> tuple[str, float] | None:
    """Return the group that holds most of a region, and what its band must do so that the mix changes by the gain."""
    region = regions()[name]
    inside = (region.low_hz <= ERB_CENTRES_HZ) & (region.high_hz >= ERB_CENTRES_HZ)
    whole = float(sound.power[inside].sum())
    shares = {bus: float(group.power[inside].sum()) / max(whole, 1e-20) for bus, group in sound.groups.items()}
    bus = max(shares, key=lambda one: shares[one], default=None)
    if bus is None or shares[bus] < number("direction.group_share").value:
        return None
    own_db = group_gain_db(gain_db, shares[bus])
    return (bus, own_db) if own_db is not None and _fits(work, bus, name, own_db) else None


def group_gain_db(gain_db: float, share: float) -> float | None:
    """Return what a part of some power must change by so that the whole changes by a gain; None where that is more than 1.5 times it."""
    left = (10 ** (gain_db / 10) - (1 - min(share, 1.0))) / min(share, 1.0)
    own_db = 10 * float(np.log10(left)) if left > 0 else -np.inf
    return round(own_db, 1) if abs(own_db) <= 1.5 * abs(gain_db) else None


def _fits(work: Work, bus: str, name: str, gain_db: float) -> bool:
    """Say whether every track of a group stays inside its budgets with one more band of the group."""
    rate = work.facts.song.sample_rate_hz
    members = [track for track in work.mix.tracks if track.used and track.strip.output == bus]
    totals = [
        mean_change_db(
            (*strip_bands(track.strip), *group_bands(work.mix, track.id), region_band(name, gain_db)),
            sample_rate_hz=rate,
        )
        for track in members
    ]
    return abs(gain_db) <= work.budget.eq_gain_db and max(totals, default=0.0) <= work.budget.eq_total_db
