"""Faders: equal loudness corrected by what each track is like, the lead held in a band against everything else."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.loudness import integrated_from_energies
from tonmeister.document.facts import TrackFacts
from tonmeister.document.fold import applied_moves, still_fader_db
from tonmeister.document.lane import constant
from tonmeister.document.move import Evidence, Expectation, FaderChange, Move, Where
from tonmeister.knowledge import number, role
from tonmeister.knowledge.rows import source_text
from tonmeister.tasks.levels import find_levels, whole_kit
from tonmeister.tasks.voices.parts import level_lu, part_of
from tonmeister.tasks.wet import return_of
from tonmeister.tasks.work import Work, aimed, evidence

MIX_LUFS = -20.0
"""Loudness aimed at on the mix bus: loud enough for bus dynamics, with headroom."""
_SINGS = 0.1
"""A lead sings where its power in 100 ms is above this share of its gated power."""
_ALONE = 0.97
"""A lead with more of the power sings alone: what plays with it lies 15 dB under it, and no fader gives it a place in a mix."""
_WINDOW_STEPS, _HOP_STEPS, _LEAST_STEPS = 30, 10, 10
_MOVE_STEP_DB = 0.25


def propose(work: Work) -> Iterator[Move]:
    """Set each fader so that the track sits at its place; inside its tolerance nothing moves."""
    tracks = [track for track in work.facts.tracks if track.is_touchable and loudness_lufs(work, track) is not None]
    if not tracks:
        return
    levels = find_levels(tracks)
    parts = {track.id: part_of(work.facts, track) for track in tracks}
    wanted = {
        track.id: float(wanted_lu) + low_end_lu(work, track) + level_lu(parts[track.id])
        for track, wanted_lu in zip(tracks, levels.wanted_lu, strict=True)
    }
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
    kit = whole_kit(tracks)
    for place, track in enumerate(tracks):
        if track.track.keep_level:
            continue
        before_lu = (loudness_lufs(work, track) or 0.0) - mean_lufs
        because = (_place(track, before_lu, wanted[track.id] - mean_lu), *levels.reasons(place))
        part = parts[track.id]
        because = (*because, *part.because) if part is not None and part.is_layer else because
        because = (*because, found) if found is not None and track in work.facts.leads else because
        because = (*because, *_low_end(work, track), *_as_return(track))
        because = (*because, _as_kit()) if track is kit else because
        yield _fader_move(work, track, round(faders[track.id] + level_db, 2), because)


def low_end_lu(work: Work, track: TrackFacts) -> float:
    """Return how far the genre has a kick or bass over its usual place."""
    carries = track.track.role == "kick" or track.track.family == "bass"
    return work.genre.low_end_lu if work.genre is not None and carries else 0.0


def _as_return(track: TrackFacts) -> Iterator[Evidence]:
    kind = return_of(track)
    if kind is not None:
        yield evidence(f"place of a {kind} return", number("space.return_lu").value, against="space.return_lu")


def _as_kit() -> Evidence:
    lower_lu = number("balance.whole_kit_lu").value
    return evidence(
        "one stem holds the whole kit: lower than its causes say by", lower_lu, against="balance.whole_kit_lu"
    )


def _low_end(work: Work, track: TrackFacts) -> Iterator[Evidence]:
    over_lu, genre = low_end_lu(work, track), work.genre
    if over_lu and genre is not None:
        source = f"genres.{work.mix.brief.genre}: {source_text(genre.sources['low_end'])}"
        yield Evidence(
            what="kick and bass over their usual place in this genre", value=over_lu, unit="LU", source=source
        )


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
    """Return the smallest move of the leads that has them in their band against the whole mix for most of the sung time."""
    leads = [track.id for track in work.facts.leads if track.id in faders_db]
    if not leads or len(leads) == len(tracks):
        return 0.0, None
    total = _sum_energies(work, faders_db)
    lead = np.zeros_like(total)
    part = _sum_energies(work, {name: faders_db[name] for name in leads})
    lead[: len(part)] = part
    ratios = sung_ratios(lead, total)
    if not ratios.size:
        return 0.0, None
    low, high = work.aim("lead_low_lu"), work.aim("lead_high_lu")
    # Produced stems get few spaces, and their lead stands higher once others give way: the ride brings in what is left outside.
    kept = work.facts.is_produced
    wanted = number("balance.lead_in_band_produced" if kept else "balance.lead_in_band").value
    margin_lu = 0.0 if kept else number("balance.lead_margin_lu").value
    band = (10 ** ((low.value + margin_lu) / 10), 10 ** ((high.value - margin_lu) / 10))
    place_lu = float(10 * np.log10(np.median(ratios)))
    middle_lu = (low.value + high.value) / 2
    found = aimed(
        "lead against the whole mix while it sings, median, before correction",
        place_lu,
        against=high if place_lu > middle_lu else low,
    )
    return lead_move_db(ratios, band, wanted), found


def sung_ratios(lead: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the lead's share of the power while it sings with others, in windows of 3 s, one each second; pauses take no part."""
    sings = lead > _SINGS * integrated_energy(lead)
    starts = range(0, max(1, len(lead) - _WINDOW_STEPS + 1), _HOP_STEPS)
    sung = ((slice(start, start + _WINDOW_STEPS), sings[start : start + _WINDOW_STEPS]) for start in starts)
    ratios = [lead[there][now].sum() / total[there][now].sum() for there, now in sung if now.sum() >= _LEAST_STEPS]
    return np.array([ratio for ratio in ratios if ratio <= _ALONE])


def lead_move_db(ratios: NDArray[np.float64], band: tuple[float, float], wanted: float) -> float:
    """Return the smallest change that has the lead's share of the power in its band for as much of the sung time as is wanted."""
    most_db = number("balance.lead_change_most_db").value
    moves_db = np.arange(-most_db, most_db + _MOVE_STEP_DB / 2, _MOVE_STEP_DB)
    moves_db = moves_db[np.argsort(np.abs(moves_db), kind="stable")]
    gains = 10 ** (moves_db[:, None] / 10)
    moved = ratios * gains / (1 - ratios + ratios * gains)
    shares = ((moved >= band[0]) & (moved <= band[1])).mean(axis=1)
    return round(float(moves_db[np.flatnonzero(shares >= min(wanted, shares.max()))[0]]), 2)


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
    before = (loudness_lufs(work, track) or 0.0) + _fader_before_db(work, track)
    promise = Expectation(
        metric="strip_loudness_lu", value=round(before + change_db, 2), before=round(before, 2),
        tolerance=max(0.25, min(0.5, abs(change_db) / 2)), unit="LUFS", scope="strip",
    )  # fmt: skip
    return Move(
        id=f"balance.{track.id}.fader", task="balance", title=f"Fader of {track.track.name}: {change_db:+.1f} dB",
        where=Where(track=track.id), change=FaderChange(change_db=constant(change_db)), because=because,
        expects=promise if abs(change_db) >= 0.5 else None, confidence=0.5 + 0.5 * track.track.role_confidence,
    )  # fmt: skip


def _fader_before_db(work: Work, track: TrackFacts) -> float:
    """Return where the fader stands before the balance; what sets it besides comes behind: room for others, a person, rides."""
    earlier = (
        move.change.change_db.points[0].value
        for move in applied_moves(work.mix.moves)
        if isinstance(move.change, FaderChange) and move.where.track == track.id and move.task == "gain_staging"
    )
    return track.track.base.fader_db.points[0].value + sum(earlier)


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
