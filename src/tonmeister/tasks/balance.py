"""Faders: equal loudness corrected by what each track is like, the lead held in a band against everything else."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.loudness import integrated_from_energies
from tonmeister.document.facts import TrackFacts
from tonmeister.document.fold import still_fader_db
from tonmeister.document.lane import constant
from tonmeister.document.move import Evidence, Expectation, FaderChange, Move, Where
from tonmeister.knowledge import number, role
from tonmeister.knowledge.rows import source_text
from tonmeister.tasks.levels import find_levels
from tonmeister.tasks.work import Work, evidence

MIX_LUFS = -20.0
"""Loudness aimed at on the mix bus: loud enough for bus dynamics, with headroom."""


def propose(work: Work) -> Iterator[Move]:
    """Set each fader so that the track sits at its place; inside its tolerance nothing moves."""
    tracks = [track for track in work.facts.tracks if track.is_touchable and loudness_lufs(work, track) is not None]
    if not tracks:
        return
    levels = find_levels(tracks)
    wanted = {track.id: float(wanted_lu) for track, wanted_lu in zip(tracks, levels.wanted_lu, strict=True)}
    if work.facts.is_premixed:
        yield from _mend_outliers(work, tracks, wanted)
        return
    faders = {track.id: wanted[track.id] - (loudness_lufs(work, track) or 0.0) for track in tracks}
    lead_db, found = _lead_correction(work, tracks, faders)
    for lead in work.facts.leads:
        if lead.id in faders:
            faders[lead.id] += lead_db
    level_db = MIX_LUFS - (mix_lufs(work, faders) or MIX_LUFS)
    mean_lufs = float(np.mean([loudness_lufs(work, track) or 0.0 for track in tracks]))
    mean_lu = float(levels.wanted_lu.mean())
    for place, track in enumerate(tracks):
        if track.track.keep_level:
            continue
        before_lu = (loudness_lufs(work, track) or 0.0) - mean_lufs
        because = (_place(track, before_lu, wanted[track.id] - mean_lu), *levels.reasons(place))
        because = (*because, found) if found is not None and track in work.facts.leads else because
        yield _fader_move(work, track, round(faders[track.id] + level_db, 2), because)


def loudness_lufs(work: Work, track: TrackFacts) -> float | None:
    """Return the gated loudness of a strip before its fader."""
    return integrated_from_energies(work.heard[track.id].energies_100ms)


def mix_lufs(work: Work, faders_db: dict[str, float]) -> float | None:
    """Return the loudness of the sum at these faders, powers added."""
    return integrated_from_energies(_sum_energies(work, faders_db))


def _sum_energies(work: Work, faders_db: dict[str, float]) -> NDArray[np.float64]:
    longest = max(len(work.heard[name].energies_100ms) for name in faders_db)
    total = np.zeros(longest)
    for name, fader_db in faders_db.items():
        energies = work.heard[name].energies_100ms
        total[: len(energies)] += energies * 10 ** (fader_db / 10)
    return total


def _lead_correction(
    work: Work, tracks: list[TrackFacts], faders_db: dict[str, float]
) -> tuple[float, Evidence | None]:
    """Return how far the leads must move to sit in their band against the whole mix while they sing."""
    leads = [track.id for track in work.facts.leads if track.id in faders_db]
    if not leads or len(leads) == len(tracks):
        return 0.0, None
    total = _sum_energies(work, faders_db)
    lead = np.zeros_like(total)
    part = _sum_energies(work, {name: faders_db[name] for name in leads})
    lead[: len(part)] = part
    sings = lead > 0.1 * integrated_energy(lead)
    if not sings.any():
        return 0.0, None
    place_lu = float(10 * np.log10(lead[sings].sum() / total[sings].sum()))
    low, high = number("balance.lead_low_lu").value, number("balance.lead_high_lu").value
    wanted_lu = float(np.clip(place_lu, low, high))
    against = "balance.lead_high_lu" if place_lu > high else "balance.lead_low_lu"
    found = evidence("lead against the whole mix while it sings, before correction", place_lu, against=against)
    ratio = 10 ** (wanted_lu / 10), 10 ** (place_lu / 10)
    change_db = 10 * np.log10(ratio[0] / (1 - ratio[0])) - 10 * np.log10(ratio[1] / max(1 - ratio[1], 1e-6))
    most_db = number("balance.lead_change_most_db").value
    return float(np.clip(change_db, -most_db, most_db)), found


def integrated_energy(energies: NDArray[np.float64]) -> float:
    """Return the mean K-weighted power of the gated parts; 0 for silence."""
    lufs = integrated_from_energies(energies)
    return 0.0 if lufs is None else float(10 ** ((lufs + 0.691) / 10))


def _place(track: TrackFacts, before_lu: float, wanted_lu: float) -> Evidence:
    row = role(track.track.role)
    return Evidence(
        what="gated loudness before the fader against the mean of all tracks", value=before_lu, limit=wanted_lu, unit="LU",
        source=f"causes below, and roles.{track.track.role}: {source_text(row.source)}",
    )  # fmt: skip


def _fader_move(work: Work, track: TrackFacts, change_db: float, because: tuple[Evidence, ...]) -> Move:
    before = loudness_lufs(work, track) or 0.0
    promise = Expectation(
        metric="strip_loudness_lu", value=round(before + change_db, 2), before=round(before, 2),
        tolerance=max(0.25, min(0.5, abs(change_db) / 2)), unit="LUFS", scope="strip",
    )  # fmt: skip
    return Move(
        id=f"balance.{track.id}.fader", task="balance", title=f"Fader of {track.track.name}: {change_db:+.1f} dB",
        where=Where(track=track.id), change=FaderChange(change_db=constant(change_db)), because=because,
        expects=promise if abs(change_db) >= 0.5 else None, confidence=0.5 + 0.5 * track.track.role_confidence,
    )  # fmt: skip


def _mend_outliers(work: Work, tracks: list[TrackFacts], wanted: dict[str, float]) -> Iterator[Move]:
    """Move only what stands far outside where its role belongs: the balance is a human's."""
    faders = {track.id: still_fader_db(work.mix, track.id) for track in tracks}
    deviation = {
        track.id: (loudness_lufs(work, track) or 0.0) + faders[track.id] - wanted[track.id] for track in tracks
    }
    middle = float(np.median(list(deviation.values())))
    tolerance = number("balance.as_is_tolerance_lu").value
    for track in tracks:
        off_lu = deviation[track.id] - middle
        if track.track.role_confidence < 0.5 or abs(off_lu) <= 1.5 * tolerance or track.track.family == "effects":
            continue
        change_db = round(-(abs(off_lu) - tolerance) * np.sign(off_lu) / 2, 2)
        found = evidence("distance from where its role belongs", off_lu, against="balance.as_is_tolerance_lu")
        yield _fader_move(work, track, float(change_db), (found,))
