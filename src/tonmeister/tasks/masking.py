"""Room for what matters: small cuts on the track that covers, in bands that the covered track needs and the other does not."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.masking import Masking, measure_masking
from tonmeister.document.facts import TrackFacts
from tonmeister.document.fold import still_fader_db
from tonmeister.document.move import BandChange, Evidence, Expectation, Move, Nothing, Where
from tonmeister.knowledge import number
from tonmeister.processing import Band
from tonmeister.processing.filter_design import magnitude_db
from tonmeister.tasks.prediction import mean_change_db, strip_bands
from tonmeister.tasks.work import Work, evidence

_LEAST_GAIN_DB = 0.5  # a smaller change of the covered track against the rest is no promise
_OWN_RANGE_DB = 6.0  # a masker keeps the bands within this distance of its own strongest


Energies = dict[int, NDArray[np.float64]]
"""By maskee, (tracks, bands) energies over the time in which that maskee plays."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One track over another in one band."""

    masker: int
    maskee: int
    band: int
    excess_db: float
    section: int


def propose(work: Work) -> Iterator[Move]:
    """Cut the offenders, worst first, while each cut still lifts the covered track out of the rest."""
    tracks = [
        track for track in work.facts.tracks if track.track.used and track.figures.loudness.integrated_lufs is not None
    ]
    maskees = [place for place, track in enumerate(tracks) if _is_worth_hearing(work, track)]
    if len(tracks) < 2 or not maskees:
        return
    power = band_powers(work, tracks)
    spans = [(round(2 * section.start_s), round(2 * section.end_s)) for section in work.facts.song.sections]
    found = measure_masking(list(power), sections=spans or None)
    energy = _energies(power, maskees)
    cuts: dict[int, list[Band]] = {}
    for conflict in _conflicts(work, tracks, power, found, maskees):
        made = cuts.get(conflict.masker, [])
        if len(made) >= _cuts_allowed(work):
            continue
        move = _cut(work, tracks, energy, conflict, made)
        if move is not None and isinstance(move.change, BandChange):
            cuts[conflict.masker] = [*made, move.change.band]
            yield move
    if not cuts:
        yield _nothing(tracks, found, maskees)


def band_powers(work: Work, tracks: list[TrackFacts]) -> NDArray[np.float32]:
    """Return (tracks, half seconds, bands) powers after the faders."""
    halves = max(len(work.heard[track.id].erb_power) for track in tracks)
    power = np.zeros((len(tracks), halves, len(ERB_CENTRES_HZ)), np.float32)
    for place, track in enumerate(tracks):
        heard = work.heard[track.id].erb_power
        fader_db = still_fader_db(work.mix, track.id)
        power[place, : len(heard)] = heard * np.float32(10 ** (fader_db / 10))
    return power


def _is_worth_hearing(work: Work, track: TrackFacts) -> bool:
    return track in work.facts.leads or track.track.role == "kick"


def _cuts_allowed(work: Work) -> int:
    return min(1, work.budget.masking_cuts) if work.facts.is_premixed else work.budget.masking_cuts


def _conflicts(
    work: Work, tracks: list[TrackFacts], power: NDArray[np.float32], found: Masking, maskees: list[int]
) -> list[Conflict]:
    """List who covers whom, worst first: one conflict per pair and band, at its worst section."""
    own = power.astype(np.float64).sum(axis=1)
    own_db = 10 * np.log10(np.maximum(own, 1e-20))
    needs = own_db >= own_db.max(axis=1, keepdims=True) - _OWN_RANGE_DB
    conflicts = []
    for maskee in maskees:
        for masker, track in enumerate(tracks):
            if masker == maskee or not track.is_touchable or not _may_cut(track, tracks[maskee]):
                continue
            excess = np.nan_to_num(found.excess_db[:, masker, maskee, :], nan=-np.inf)
            section = np.argmax(excess, axis=0)
            worst = excess.max(axis=0)
            allowed = found.essential[maskee] & ~needs[masker] & _range_of(tracks[maskee])
            conflicts += [
                Conflict(masker, maskee, int(band), float(worst[band]), int(section[band]))
                for band in np.flatnonzero(allowed & (worst > number("masking.harmful_excess_db").value))
            ]
    return sorted(
        conflicts, key=lambda conflict: (-round(conflict.excess_db, 3), conflict.masker, conflict.maskee, conflict.band)
    )


def _may_cut(masker: TrackFacts, maskee: TrackFacts) -> bool:
    """Say whether one track gives way to the other: bass to kick, everything that matters less to a lead."""
    if maskee.track.role == "kick":
        return masker.track.family == "bass"
    return masker.track.priority < maskee.track.priority


def _range_of(maskee: TrackFacts) -> NDArray[np.bool_]:
    low, high = (40.0, 120.0) if maskee.track.role == "kick" else (250.0, 6000.0)
    return (low <= ERB_CENTRES_HZ) & (high >= ERB_CENTRES_HZ)


def _cut(work: Work, tracks: list[TrackFacts], energy: Energies, conflict: Conflict, made: list[Band]) -> Move | None:
    """Return the cut that makes room, or None where it would change too little, a cut is near already, or the budget is spent."""
    masker, maskee = tracks[conflict.masker], tracks[conflict.maskee]
    centre_hz = round(float(ERB_CENTRES_HZ[conflict.band]))
    taken = (*strip_bands(work.mix.track(masker.id).strip), *made)
    if any(abs(np.log2(centre_hz / band.frequency_hz)) < 0.5 for band in taken):
        return None
    most = min(number("masking.cut_most_db").value, work.budget.eq_gain_db) * (0.5 if work.facts.is_premixed else 1.0)
    cut_db = round(min(conflict.excess_db / 2, most), 1)
    if cut_db < number("masking.cut_least_db").value:
        return None
    band = Band(frequency_hz=centre_hz, gain_db=-cut_db, q=number("masking.cut_q").value)
    rate = work.facts.song.sample_rate_hz
    before, after = (_place_db(energy, conflict, one, sample_rate_hz=rate) for one in (None, band))
    if after - before < _LEAST_GAIN_DB or mean_change_db((*taken, band), sample_rate_hz=rate) > work.budget.eq_total_db:
        return None
    spans = work.facts.song.sections
    span = spans[conflict.section] if spans else None
    return Move(
        id=f"masking.{masker.id}.{maskee.id}-{centre_hz}", task="masking",
        title=f"{masker.track.name} covers {maskee.track.name} at {centre_hz} Hz", where=Where(track=masker.id),
        change=BandChange(slot="masking", band=band),
        because=(
            evidence(
                f"level over {maskee.track.name} at {centre_hz} Hz, where it needs the band and {masker.track.name} does not",
                conflict.excess_db, against="masking.harmful_excess_db",
                start_s=span.start_s if span else None, end_s=span.end_s if span else None,
            ),
        ),
        expects=Expectation(
            metric="audibility_db", value=round(after, 2), before=round(before, 2), tolerance=(after - before) / 2, unit="dB",
            scope="mix", track=maskee.id, low_hz=round(centre_hz / 2**0.25, 1), high_hz=round(centre_hz * 2**0.25, 1),
        ),
        confidence=0.6,
    )  # fmt: skip


def _place_db(energy: Energies, conflict: Conflict, band: Band | None, *, sample_rate_hz: int) -> float:
    """Return the covered track against all others around the band, over the time in which it plays, in dB."""
    near = np.abs(np.log2(ERB_CENTRES_HZ / ERB_CENTRES_HZ[conflict.band])) <= 0.25
    parts = energy[conflict.maskee][:, near].copy()
    if band is not None:
        parts[conflict.masker] *= 10 ** (magnitude_db((band,), ERB_CENTRES_HZ[near], sample_rate_hz) / 10)
    own = parts[conflict.maskee].sum()
    rest = np.delete(parts, conflict.maskee, axis=0).sum()
    return float(10 * np.log10(max(own, 1e-20) / max(rest, 1e-20)))


def _energies(power: NDArray[np.float32], maskees: list[int]) -> Energies:
    """Return, by maskee, (tracks, bands) energies over the time in which that maskee plays."""
    own = power.astype(np.float64).sum(axis=2)
    return {
        maskee: power[:, own[maskee] > 1e-3 * own[maskee].max()].astype(np.float64).sum(axis=1) for maskee in maskees
    }


def _nothing(tracks: list[TrackFacts], found: Masking, maskees: list[int]) -> Move:
    worst = max(
        (
            float(np.nanmax(row))
            for m in maskees
            if np.isfinite(row := found.excess_db[:, :, m, :][..., found.essential[m]]).any()
        ),
        default=0.0,
    )
    who = Evidence(
        what=f"largest level of any track over {', '.join(tracks[m].track.name for m in maskees)} in a band it needs; no cut there helps",
        value=worst, limit=number("masking.harmful_excess_db").value, unit="dB", source="masking.harmful_excess_db",
    )  # fmt: skip
    return Move(
        id="masking.nothing",
        task="masking",
        title="No cut would make more room",
        where=Where(),
        change=Nothing(),
        because=(who,),
    )
