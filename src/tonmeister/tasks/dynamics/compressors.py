"""Compressors: one where the level or its peaks wander, two in a row on a lead where both do.

How much: role and budget; how fast: crest factor (Giannoulis, Massberg, Reiss 2013), onset rate, tempo; whether at all: the
measured fluctuation, of which more asks for more compression (Ma et al. 2015).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Evidence, Expectation, InsertChange, Move, Where
from tonmeister.document.strip import Insert
from tonmeister.knowledge import number, role
from tonmeister.processing import Compressor
from tonmeister.tasks.dynamics.gates import is_own, split_own
from tonmeister.tasks.dynamics.playing import active_levels_db, overshoot_db
from tonmeister.tasks.dynamics.times import beat_ms, fitting_times_ms, next_note_ms
from tonmeister.tasks.prediction import compressor_gain_db
from tonmeister.tasks.work import Work, evidence

_FINISHED_SHARE = 0.5  # stems that a human has finished get half, because they are compressed already


@dataclass(frozen=True, slots=True)
class Stage:
    """One compressor of a chain before its threshold is found."""

    name: str
    title: str
    first: Compressor
    """Its times and its ratio."""
    wanted_db: float
    """Mean reduction while it works."""
    because: tuple[Evidence, ...]


def propose(work: Work, track: TrackFacts) -> Iterator[Move]:
    """Compress what moves more than it should for its role; what a person's session compresses already is theirs."""
    if any(isinstance(insert.processor, Compressor) for insert in track.track.base.inserts):
        return
    level_db = active_levels_db(track, trim_db=work.mix.track(track.id).strip.trim_db)
    for stage in _stages(work, track):
        settings = find_threshold(stage.first, level_db, stage.wanted_db)
        if settings is None:
            continue
        gain = compressor_gain_db(settings, level_db)
        reduction_db = taken_db(settings, level_db)
        settings = settings.model_copy(update={"makeup_db": round(float(-gain.mean()), 1)})
        level_db = level_db + compressor_gain_db(settings, level_db)  # the next one hears what this one leaves
        yield _move(track, stage, settings, reduction_db=reduction_db)


def _stages(work: Work, track: TrackFacts) -> tuple[Stage, ...]:
    row = role(track.track.role)
    fluctuation = track.figures.levels.level_fluctuation_db
    if row.ratio <= 1 or fluctuation is None or fluctuation < number("dynamics.fluctuation_least_db").value:
        return ()
    if track.track.role == "toms" and not work.facts.is_premixed:
        split = split_own(track)
        if split is not None and not is_own(work, track, split):
            return ()  # a microphone that hears nothing but kick and snare: compression would only raise them
    wanted_db = min(row.gain_reduction_db, work.budget.gain_reduction_db)
    wanted_db *= _FINISHED_SHARE if work.facts.is_premixed else 1.0
    if wanted_db < 0.5:
        return ()
    is_lead = any(track.id == lead.id for lead in work.facts.leads)
    over_db = overshoot_db(track)
    peaks = evidence("loudest syllables over the level around them", over_db, against="dynamics.overshoot_least_db")
    moves = evidence("spread of the 400 ms level while it plays", fluctuation, against="dynamics.fluctuation_least_db")
    both = over_db >= number("dynamics.overshoot_least_db").value
    both = both and fluctuation >= number("dynamics.serial_fluctuation_least_db").value
    swings = evidence(
        "spread of the 400 ms level while it plays", fluctuation, against="dynamics.serial_fluctuation_least_db"
    )
    if is_lead and both and wanted_db >= number("dynamics.serial_least_db").value:
        fast_db = wanted_db * number("dynamics.serial_fast_share").value
        return (
            _fast(track, fast_db, peaks),
            _slow(work, track, wanted_db - fast_db, swings),
        )
    return (_only(track, wanted_db, moves, ratio=row.ratio),)


def _only(track: TrackFacts, wanted_db: float, moves: Evidence, *, ratio: float) -> Stage:
    attack, release = fitting_times_ms(track)
    first = Compressor(ratio=ratio, knee_db=6.0, attack_ms=round(attack, 1), release_ms=round(release))
    because = (
        moves,
        evidence("attack from the crest factor of 100 ms steps", attack, against="dynamics.attack_window_ms"),
        evidence(
            "release, recovered before the next onset at the measured rate",
            release,
            against="dynamics.release_window_ms",
        ),
    )
    return Stage("compressor", f"Even out {track.track.name}", first, wanted_db, because)


def _fast(track: TrackFacts, wanted_db: float, peaks: Evidence) -> Stage:
    attack, release = fitting_times_ms(track)
    attack = min(attack, number("dynamics.fast_attack_most_ms").value)
    release = min(release, next_note_ms(track), number("dynamics.fast_release_most_ms").value)
    first = Compressor(
        ratio=number("dynamics.fast_ratio").value, knee_db=3.0, attack_ms=round(attack, 1), release_ms=round(release)
    )
    because = (
        peaks,
        evidence("attack, short enough for a peak", attack, against="dynamics.fast_attack_most_ms"),
    )
    return Stage("peaks", f"Catch the peaks of {track.track.name}", first, wanted_db, because)


def _slow(work: Work, track: TrackFacts, wanted_db: float, moves: Evidence) -> Stage:
    by_beat = beat_ms(work.facts.song, beats=number("dynamics.slow_release_beats").value)
    release = by_beat if by_beat is not None else number("dynamics.slow_release_ms").value
    attack = number("dynamics.slow_attack_ms").value
    first = Compressor(
        ratio=number("dynamics.slow_ratio").value, knee_db=9.0, attack_ms=attack, release_ms=round(release), detector="rms",
        rms_window_ms=30.0,
    )  # fmt: skip
    told = "dynamics.slow_release_ms" if by_beat is None else "dynamics.slow_release_beats"
    because = (moves, evidence("release in ms, by the tempo where there is one", release, against=told))
    return Stage("compressor", f"Even out {track.track.name}", first, wanted_db, because)


def taken_db(settings: Compressor, level_db: NDArray[np.float64]) -> float:
    """Return the mean reduction while it works, or the power it takes, whichever is more: hits are short, but they are the sound."""
    gain = compressor_gain_db(settings.model_copy(update={"makeup_db": 0.0, "mix": 1.0}), level_db)
    working = gain[gain < -0.1]
    if not working.size:
        return 0.0
    power = 10 ** (level_db / 10)
    lost_db = 10 * np.log10(power.sum() / max(float((power * 10 ** (gain / 10)).sum()), 1e-20))
    return float(max(-working.mean(), lost_db))


def find_threshold(settings: Compressor, level_db: NDArray[np.float64], wanted_db: float) -> Compressor | None:
    """Find the threshold at which as much is taken as wanted."""
    low, high = -80.0, 0.0
    for _ in range(24):
        middle = (low + high) / 2
        taken = taken_db(settings.model_copy(update={"threshold_db": middle}), level_db)
        low, high = (middle, high) if taken > wanted_db else (low, middle)
    threshold = round(high, 1)
    return settings.model_copy(update={"threshold_db": threshold}) if -79 < threshold < 0 else None


def _move(track: TrackFacts, stage: Stage, settings: Compressor, *, reduction_db: float) -> Move:
    promise = Expectation(
        metric="gain_reduction_db", value=round(reduction_db, 2), before=0.0, tolerance=max(reduction_db, 0.5) / 2, unit="dB",
        scope="strip",
    )  # fmt: skip
    return Move(
        id=f"dynamics.{track.id}.{stage.name}", task="dynamics", title=stage.title, where=Where(track=track.id),
        change=InsertChange(insert=Insert(id=stage.name, slot="dynamics", processor=settings)), because=stage.because,
        expects=promise if reduction_db >= 0.5 else None, confidence=0.7,
    )  # fmt: skip
