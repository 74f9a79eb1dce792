"""Upward compression: details of a lead or a quiet instrument that lie far under its loud parts."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Expectation, InsertChange, Move, Where
from tonmeister.document.strip import Insert
from tonmeister.knowledge import number, role
from tonmeister.processing import UpwardCompressor
from tonmeister.tasks.dynamics.playing import spread_db, syllable_levels_db
from tonmeister.tasks.work import Work, evidence

_RELEASE_MS = 60.0
"""Shorter than a syllable, so that a quiet one is lifted as a whole."""
_TRIED_S = 12.0
"""The promise speaks of the excerpt on which it is measured; what does nothing there is no move."""
_REACH = 0.7
"""Part of the static curve that is left by attack and release."""
_ROLES = ("lead vocal", "acoustic guitar", "piano")


def propose(work: Work, track: TrackFacts) -> Iterator[Move]:
    """Lift the quiet notes of a part whose details get lost, never what lies near its noise."""
    if work.facts.is_premixed or track.track.role not in _ROLES or work.budget.gain_reduction_db < 3:
        return
    levels = syllable_levels_db(track)
    spread = spread_db(levels)
    over_db = spread - number("dynamics.lift_spread_least_db").value
    floor = _floor_dbfs(track)
    if levels.size < 100 or over_db < 0 or floor is None:
        return
    middle, quiet = (float(v) for v in np.percentile(levels, (50, 20)))
    lift_db = min(number("dynamics.lift_most_db").value, 1 + over_db / 2)
    if quiet - floor < number("dynamics.lift_over_noise_db").value:
        return
    trim_db = work.mix.track(track.id).strip.trim_db
    settings = UpwardCompressor(
        threshold_db=round(float(np.clip(middle + trim_db, -79, 0)), 1), ratio=min(role(track.track.role).ratio, 2.0),
        range_db=round(lift_db, 1), floor_db=round(float(np.clip(quiet - 10 + trim_db, -119, 0)), 1),
        release_ms=_RELEASE_MS,
    )  # fmt: skip
    tried = syllable_levels_db(track, loudest_s=_TRIED_S)
    less_db = _REACH * (spread_db(tried) - spread_db(tried + _lift_db(settings, tried + trim_db)))
    if less_db < 0.5:
        return
    yield Move(
        id=f"dynamics.{track.id}.lift", task="dynamics", title=f"Lift the quiet notes of {track.track.name}",
        where=Where(track=track.id), change=InsertChange(insert=Insert(id="lift", slot="dynamics", processor=settings)),
        because=(
            evidence("loud syllables (95 %) over the quiet ones (20 %)", spread, against="dynamics.lift_spread_least_db"),
            evidence("quiet syllables over the noise", quiet - floor, against="dynamics.lift_over_noise_db"),
        ),
        expects=Expectation(
            metric="level_spread_db", value=round(-less_db, 2), before=0.0, tolerance=round(less_db / 2, 2), unit="dB", scope="strip"
        ),
        confidence=0.6,
    )  # fmt: skip


def _floor_dbfs(track: TrackFacts) -> float | None:
    """Return the noise between the notes; where there is none to be heard, far below what counts as playing."""
    levels = track.figures.levels
    if levels.noise_floor_dbfs is not None:
        return levels.noise_floor_dbfs
    return None if levels.active_threshold_dbfs is None else levels.active_threshold_dbfs - 20


def _lift_db(settings: UpwardCompressor, level_db: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip((settings.threshold_db - level_db) * (1 - 1 / settings.ratio), 0, settings.range_db)
