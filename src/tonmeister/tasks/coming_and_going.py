"""Tone that is a problem only now and then: bands that cut while it is there, and narrow rings, steady or passing."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ, THIRD_OCTAVE_CENTRES_HZ
from tonmeister.analysis.energy_steps import loudest_steps
from tonmeister.analysis.rings import Ring
from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import BandChange, Evidence, Expectation, InsertChange, Move, Where
from tonmeister.document.strip import Insert
from tonmeister.knowledge import number
from tonmeister.processing import Band, DynamicBand, DynamicEqualiser
from tonmeister.tasks.work import Work, evidence

Floats = NDArray[np.float64]
_HEARD_POWER = 1e-3
_PEAK_OVER_RMS_DB = 6.0
_SURE_DB = 0.5
"""A change smaller than this is no promise."""
_RINGS_MOST = 2
_REGION_RATIO, _RING_RATIO = 2.5, 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """How far a region stands over the family's curve, half second by half second."""

    over_db: Floats
    """(active half seconds,)"""
    level_dbfs: Floats
    """Level of the region in each, one channel's."""
    place: NDArray[np.int64]
    """Which half second of the song each is."""

    def share_over(self, limit_db: float) -> float:
        """Return the part of the active time in which it stands over a limit."""
        return float((self.over_db > limit_db).mean()) if self.over_db.size else 0.0


def follow_region(track: TrackFacts, curve_db: Floats, low_hz: float, high_hz: float) -> Course:
    """Return the course of a region against a mean spectrum of third octaves, both level-matched from 200 Hz to 6 kHz."""
    power = track.curves.erb_power.astype(np.float64)
    total = power.sum(axis=1)
    active = np.flatnonzero(total > _HEARD_POWER * total.max(initial=0.0))
    width_hz = 24.7 * (4.37 * ERB_CENTRES_HZ / 1000 + 1)
    third_hz = ERB_CENTRES_HZ * (2 ** (1 / 6) - 2 ** (-1 / 6))
    level_db = 10 * np.log10(np.maximum(power[active], 1e-20) * third_hz / width_hz)
    curve = np.interp(np.log2(ERB_CENTRES_HZ), np.log2(THIRD_OCTAVE_CENTRES_HZ), curve_db)
    difference = level_db - curve
    inside = (low_hz <= ERB_CENTRES_HZ) & (high_hz >= ERB_CENTRES_HZ)
    middle = (ERB_CENTRES_HZ >= 200) & (ERB_CENTRES_HZ <= 6000)
    over_db = difference[:, inside].mean(axis=1) - difference[:, middle].mean(axis=1)
    region = 10 * np.log10(np.maximum(power[active][:, inside].sum(axis=1), 1e-20))
    return Course(over_db, region, active)


def passing_move(
    work: Work, track: TrackFacts, course: Course, *, name: str, words: str, span_hz: tuple[float, float]
) -> Move | None:
    """Return the band that cuts a region only while it stands out; None where that would do too little."""
    limit_db = number("equalisation.band_tolerance_db").value
    out = course.over_db > limit_db
    if not out.any():
        return None
    worst_db = float(np.percentile(course.over_db[out], 75)) - limit_db
    cut_db = min(worst_db * number("equalisation.cut_share").value, work.budget.eq_gain_db)
    if cut_db < number("equalisation.cut_least_db").value:
        return None
    trim_db = work.mix.track(track.id).strip.trim_db
    # Bands of half seconds are mean levels: the detector hears peaks above them. The trial sets the threshold by what it hears.
    threshold_db = (
        float(np.median(course.level_dbfs[out])) + _PEAK_OVER_RMS_DB - cut_db / (1 - 1 / _REGION_RATIO) + trim_db
    )
    centre_hz = round(float(np.sqrt(span_hz[0] * span_hz[1])))
    band = DynamicBand(
        frequency_hz=centre_hz, q=1.0, threshold_db=round(float(np.clip(threshold_db, -90, 0)), 1), ratio=_REGION_RATIO, range_db=round(-cut_db, 1),
        attack_ms=15, release_ms=150,
    )  # fmt: skip
    found = (
        evidence(f"level at {span_hz[0]:.0f}-{span_hz[1]:.0f} Hz over the family's mean spectrum, where it stands out", worst_db + limit_db, against="equalisation.band_tolerance_db"),
        evidence("part of the time in which it does", course.share_over(limit_db), against="equalisation.passing_share_most"),
    )  # fmt: skip
    change_db = _expected_db(track, course, cut_db, limit_db)
    return _dynamic_move(
        work,
        track,
        band,
        name=name,
        title=f"{words} now and then: {track.track.name}",
        span_hz=span_hz,
        change_db=change_db,
        found=found,
    )


def ring_moves(work: Work, track: TrackFacts) -> Iterator[Move]:
    """Cut narrow rings: by a steady bell where they are always there, by a moving one where they come and go."""
    rings = sorted(track.rings, key=lambda ring: (-ring.over_db * ring.share, ring.frequency_hz))
    for place, ring in enumerate(rings[:_RINGS_MOST]):
        cut_db = min((ring.over_db - 6) * number("equalisation.cut_share").value, work.budget.eq_gain_db)
        if (
            cut_db < number("equalisation.cut_least_db").value
            or ring.share < number("equalisation.ring_share_least").value
        ):
            continue
        yield _steady_ring(track, ring, place, cut_db) if ring.share >= number("equalisation.ring_steady_share").value else _passing_ring(work, track, ring, place, cut_db)  # fmt: skip


def _steady_ring(track: TrackFacts, ring: Ring, place: int, cut_db: float) -> Move:
    q = number("equalisation.ring_q").value
    band = Band(frequency_hz=ring.frequency_hz, gain_db=round(-cut_db, 1), q=q)
    value = round(-0.9 * cut_db, 2)  # a bell of this width takes so much, on average over what is measured
    return Move(
        id=f"eq.{track.id}.ring-{place + 1}", task="equalisation", title=f"{track.track.name} rings at {ring.frequency_hz:.0f} Hz",
        where=Where(track=track.id), change=BandChange(slot="corrective", band=band), because=_ring_evidence(ring), confidence=0.6,
        expects=_promise(value, _ring_span(ring)),
    )  # fmt: skip


def _passing_ring(work: Work, track: TrackFacts, ring: Ring, place: int, cut_db: float) -> Move:
    threshold_db = (ring.ringing_dbfs + ring.resting_dbfs) / 2 + work.mix.track(track.id).strip.trim_db
    band = DynamicBand(
        frequency_hz=ring.frequency_hz, q=number("equalisation.ring_q").value, threshold_db=round(float(np.clip(threshold_db, -90, 0)), 1),
        ratio=_RING_RATIO, range_db=round(-cut_db, 1), attack_ms=10, release_ms=100,
    )  # fmt: skip
    share = ring.share * 10 ** ((ring.ringing_dbfs - ring.resting_dbfs) / 10)
    weight = share / (share + 1 - ring.share)
    change_db = float(10 * np.log10(1 - weight * (1 - 10 ** (-0.9 * cut_db / 10))))
    title = f"{track.track.name} rings at {ring.frequency_hz:.0f} Hz now and then"
    return _dynamic_move(work, track, band, name=f"ring-{place + 1}", title=title, span_hz=_ring_span(ring), change_db=change_db, found=_ring_evidence(ring))  # fmt: skip


def _ring_span(ring: Ring) -> tuple[float, float]:
    return round(ring.frequency_hz / 1.03, 1), round(ring.frequency_hz * 1.03, 1)


def _ring_evidence(ring: Ring) -> tuple[Evidence, Evidence]:
    over = Evidence(
        what="a narrow peak over half an octave around it, while it stands out", value=ring.over_db, limit=9.0, unit="dB",
        source="analysis.rings.STANDS_OUT_DB: ours",
    )  # fmt: skip
    return over, evidence(
        "part of the time in which it stands out", ring.share, against="equalisation.ring_steady_share"
    )


def _expected_db(track: TrackFacts, course: Course, cut_db: float, limit_db: float) -> float:
    """Return what the region loses over the track's loudest part, powers weighted, if the band does what is wanted of it."""
    first, last = loudest_steps(track.curves.energies_100ms)
    heard = (course.place >= first // 5) & (course.place <= last // 5)
    if not heard.any():
        return 0.0
    wanted = np.clip((course.over_db[heard] - limit_db) * (1 - 1 / _REGION_RATIO), 0.0, cut_db)
    power = 10 ** (course.level_dbfs[heard] / 10)
    return float(10 * np.log10((power * 10 ** (-0.75 * wanted / 10)).sum() / power.sum()))


def _dynamic_move(
    work: Work, track: TrackFacts, band: DynamicBand, *, name: str, title: str, span_hz: tuple[float, float], change_db: float,
    found: tuple[Evidence, ...],
) -> Move:  # fmt: skip
    insert = Insert(id=f"dynamic-{name}", slot="corrective", processor=DynamicEqualiser(bands=(band,)))
    return Move(
        id=f"eq.{track.id}.dynamic-{name}", task="equalisation", title=title, where=Where(track=track.id), change=InsertChange(insert=insert),
        because=found, confidence=0.6, expects=_promise(round(change_db, 2), span_hz),
    )  # fmt: skip


def _promise(value_db: float, span_hz: tuple[float, float]) -> Expectation | None:
    if abs(value_db) < _SURE_DB:
        return None
    return Expectation(
        metric="band_level_db", value=value_db, before=0.0, tolerance=abs(value_db) / 2, unit="dB", scope="strip",
        low_hz=span_hz[0], high_hz=span_hz[1],
    )  # fmt: skip
