"""Corrective and tonal equalisation: few, broad, gentle moves, held against what the role usually looks like."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import THIRD_OCTAVE_CENTRES_HZ
from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import BandChange, Expectation, Move, Where
from tonmeister.knowledge import number, role
from tonmeister.knowledge.curves import role_curve_db
from tonmeister.processing import Band
from tonmeister.processing.filter_design import magnitude_db
from tonmeister.tasks.coming_and_going import follow_region, passing_move, ring_moves
from tonmeister.tasks.mid_side import half_move, half_of
from tonmeister.tasks.prediction import mean_change_db, strip_bands
from tonmeister.tasks.work import Work, evidence


@dataclass(frozen=True, slots=True)
class Region:
    """A broad part of the spectrum that has a name among engineers."""

    name: str
    words: str
    low_hz: float
    high_hz: float

    @property
    def centre_hz(self) -> float:
        """Geometric centre."""
        return float(np.sqrt(self.low_hz * self.high_hz))


REGIONS = (
    Region("mud", "Low mids pile up", 180, 400),
    Region("box", "It sounds boxy", 400, 900),
    Region("harsh", "It is harsh", 2500, 5500),
)


_NO_KIT = ("hi-hat", "cymbals", "claps", "percussion")
"""Drums of which the mean spectrum of whole kits says nothing."""


def propose(work: Work) -> Iterator[Move]:
    """High-pass what holds no music, cut what stands far over the role's curve, open a dull lead."""
    for track in work.facts.tracks:
        if not track.is_touchable or track.track.family == "mix":
            continue
        yield from _high_pass(work, track)
        if not (work.facts.is_premixed or _is_finished(work, track)):
            yield from _within_budget(work, track, _shaping(work, track))


def _is_finished(work: Work, track: TrackFacts) -> bool:
    """Say whether a track's tone is its makers': a stereo stem among produced ones, whatever its level."""
    return work.facts.is_produced and track.is_true_stereo


def _shaping(work: Work, track: TrackFacts) -> Iterator[Move]:
    yield from ring_moves(work, track)
    for region in REGIONS:
        yield from _cut(work, track, region)
    if track.track.role == "lead vocal":
        yield from _air(work, track)


def _within_budget(work: Work, track: TrackFacts, moves: Iterator[Move]) -> Iterator[Move]:
    """Yield the moves that together keep the strip's spectrum within the budget, the largest first."""
    bands = strip_bands(work.mix.track(track.id).strip)
    proposed = list(moves)
    yield from (move for move in proposed if not isinstance(move.change, BandChange))  # they cut now and then only
    steady = [move for move in proposed if isinstance(move.change, BandChange)]
    for move in sorted(steady, key=lambda move: -abs(_band(move).gain_db)):
        wider = (*bands, _band(move))
        if mean_change_db(wider, sample_rate_hz=work.facts.song.sample_rate_hz) <= work.budget.eq_total_db:
            bands = wider
            yield move


def _band(move: Move) -> Band:
    assert isinstance(move.change, BandChange)  # noqa: S101 - all moves of this task are
    return move.change.band


def band_level_db(track: TrackFacts, low_hz: float, high_hz: float) -> float:
    """Return the power of a band relative to the whole track, in dB."""
    power = 10 ** (track.curves.third_octave_db.astype(np.float64) / 10)
    inside = (low_hz <= THIRD_OCTAVE_CENTRES_HZ) & (high_hz >= THIRD_OCTAVE_CENTRES_HZ)
    return float(10 * np.log10(max(power[inside].sum(), 1e-20) / max(power.sum(), 1e-20)))


def own_low_edge_hz(track: TrackFacts, *, above_hz: float) -> float:
    """Return the third octave below which lies 1 % of a track's power, of that above a frequency: rumble does not count."""
    power = 10 ** (track.curves.third_octave_db.astype(np.float64) / 10) * (above_hz <= THIRD_OCTAVE_CENTRES_HZ)
    return float(THIRD_OCTAVE_CENTRES_HZ[np.searchsorted(np.cumsum(power), 0.01 * power.sum())])


def _high_pass(work: Work, track: TrackFacts) -> Iterator[Move]:
    wanted_hz = role(track.track.role).high_pass_hz
    if not wanted_hz or any(band.shape == "high_pass" for band in strip_bands(track.track.base)):
        return  # a person's session has one already
    edge_hz = own_low_edge_hz(track, above_hz=wanted_hz * 0.7)
    cutoff_hz = round(min(wanted_hz, max(25.0, edge_hz * number("equalisation.high_pass_of_low_edge").value)), 1)
    below_db = band_level_db(track, 16, wanted_hz * 0.7)
    if below_db < number("equalisation.rumble_share_db").value or cutoff_hz < 0.5 * wanted_hz:
        return
    band = Band(shape="high_pass", frequency_hz=cutoff_hz, slope_db_per_octave=12)
    yield _move(work, track, band, "high-pass", f"Rumble under {track.track.name}", (16.0, cutoff_hz * 0.7),
                (f"power under {wanted_hz * 0.7:.0f} Hz against the track", below_db, "equalisation.rumble_share_db"))  # fmt: skip


def _curve_db(track: TrackFacts) -> NDArray[np.float64] | None:
    """Return the mean spectrum that a track is held against; None where there is none for its role."""
    return None if track.track.role in _NO_KIT else role_curve_db(track.track.family)


def _cut(work: Work, track: TrackFacts, region: Region) -> Iterator[Move]:
    curve = _curve_db(track)
    if curve is None:
        return
    over_db = _over_curve_db(track, curve, region.low_hz, region.high_hz)
    excess_db = over_db - number("equalisation.band_tolerance_db").value
    cut_db = min(excess_db * number("equalisation.cut_share").value, work.budget.eq_gain_db)
    course = follow_region(track, curve, region.low_hz, region.high_hz)
    share = course.share_over(number("equalisation.band_tolerance_db").value)
    if number("equalisation.passing_share_least").value <= share < number("equalisation.passing_share_most").value:
        span_hz = (region.low_hz, region.high_hz)
        passing = passing_move(work, track, course, name=region.name, words=region.words, span_hz=span_hz)
        if passing is not None:
            yield passing
        return
    if cut_db < number("equalisation.cut_least_db").value:
        return
    band = Band(frequency_hz=round(region.centre_hz), gain_db=round(-cut_db, 1), q=1.0)
    half = half_of(track, region.low_hz, region.high_hz)
    if half is not None:
        over = (f"level at {region.low_hz:.0f}-{region.high_hz:.0f} Hz over the family's mean spectrum", over_db)
        yield half_move(track, band, region.name, half, over=over, span_hz=(region.low_hz, region.high_hz))
        return
    yield _move(work, track, band, region.name, f"{region.words}: {track.track.name}", (region.low_hz, region.high_hz),
                (f"level at {region.low_hz:.0f}-{region.high_hz:.0f} Hz over the family's mean spectrum", over_db, "equalisation.band_tolerance_db"))  # fmt: skip


def _air(work: Work, track: TrackFacts) -> Iterator[Move]:
    curve = role_curve_db(track.track.family)
    if curve is None:
        return
    lack_db = -_over_curve_db(track, curve, 8000, 14000)
    is_there = band_level_db(track, 8000, 14000) >= number("equalisation.air_least_db").value
    if lack_db < number("equalisation.air_lack_db").value or not is_there:
        return
    gain_db = min(number("equalisation.air_shelf_db").value, work.budget.eq_gain_db)
    band = Band(shape="high_shelf", frequency_hz=8000, gain_db=gain_db)
    yield _move(work, track, band, "air", f"{track.track.name} is dull", (10000.0, 14000.0),
                ("lack at 8-14 kHz under the family's mean spectrum", lack_db, "equalisation.air_lack_db"))  # fmt: skip


def _over_curve_db(track: TrackFacts, curve_db: NDArray[np.float64], low_hz: float, high_hz: float) -> float:
    """Return how far a band stands over the curve, when both have the same mean from 200 Hz to 6 kHz."""
    spectrum = track.curves.third_octave_db.astype(np.float64)
    middle = (THIRD_OCTAVE_CENTRES_HZ >= 200) & (THIRD_OCTAVE_CENTRES_HZ <= 6000)
    inside = (low_hz <= THIRD_OCTAVE_CENTRES_HZ) & (high_hz >= THIRD_OCTAVE_CENTRES_HZ)
    difference = spectrum - curve_db
    return float(difference[inside].mean() - difference[middle].mean())


def _move(
    work: Work,
    track: TrackFacts,
    band: Band,
    name: str,
    title: str,
    span_hz: tuple[float, float],
    found: tuple[str, float, str],
) -> Move:
    centres = THIRD_OCTAVE_CENTRES_HZ[(span_hz[0] <= THIRD_OCTAVE_CENTRES_HZ) & (span_hz[1] >= THIRD_OCTAVE_CENTRES_HZ)]
    power = 10 ** (track.curves.third_octave_db[np.isin(THIRD_OCTAVE_CENTRES_HZ, centres)].astype(np.float64) / 10)
    gain = 10 ** (magnitude_db((band,), centres, work.facts.song.sample_rate_hz) / 10)
    change_db = float(10 * np.log10((power * gain).sum() / power.sum())) if power.sum() > 0 else 0.0
    promise = None
    if abs(change_db) >= 0.5:
        promise = Expectation(
            metric="band_level_db", value=round(change_db, 2), before=0.0, tolerance=abs(change_db) / 2, unit="dB", scope="strip",
            low_hz=span_hz[0], high_hz=span_hz[1],
        )  # fmt: skip
    what, value, against = found
    return Move(
        id=f"eq.{track.id}.{name}", task="equalisation", title=title, where=Where(track=track.id),
        change=BandChange(slot="corrective", band=band), because=(evidence(what, value, against=against),),
        expects=promise, confidence=0.7,
    )  # fmt: skip
