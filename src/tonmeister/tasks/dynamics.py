"""Compressors and de-essers, their times and thresholds from what was measured."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Expectation, InsertChange, Move, Where
from tonmeister.document.strip import Insert
from tonmeister.knowledge import number, role
from tonmeister.processing import Compressor, DeEsser
from tonmeister.tasks.prediction import compressor_gain_db, level_10ms_db
from tonmeister.tasks.work import Work, evidence

_FINISHED_SHARE = 0.5  # stems that a human has finished get half, because they are compressed already


def propose(work: Work) -> Iterator[Move]:
    """Compress what moves more than it should for its role; de-ess vocals that hiss."""
    for track in work.facts.tracks:
        if not track.is_touchable:
            continue
        yield from _compressor(work, track)
        if track.track.family == "vocal":
            yield from _deesser(work, track)


def times_ms(transient_crest_db: float) -> tuple[float, float]:
    """Return attack and release in ms from the crest factor (Giannoulis, Massberg, Reiss 2013), within sane bounds."""
    crest_squared = 10 ** (transient_crest_db / 10)
    attack = 2 * number("dynamics.attack_window_ms").value / crest_squared
    release = 2 * number("dynamics.release_window_ms").value / crest_squared - attack
    return float(np.clip(attack, 2, 40)), float(np.clip(release, 40, 400))


def _compressor(work: Work, track: TrackFacts) -> Iterator[Move]:
    row = role(track.track.role)
    levels = track.figures.levels
    fluctuation = levels.level_fluctuation_db
    if row.ratio <= 1 or fluctuation is None or fluctuation < number("dynamics.fluctuation_least_db").value:
        return
    wanted_db = min(row.gain_reduction_db, work.budget.gain_reduction_db)
    wanted_db *= _FINISHED_SHARE if work.facts.is_premixed else 1.0
    if wanted_db < 0.5:
        return
    attack, release = times_ms(levels.transient_crest_db or 10.0)
    level_db = _active_levels(track, trim_db=work.mix.track(track.id).strip.trim_db)
    first = Compressor(ratio=row.ratio, knee_db=6.0, attack_ms=round(attack, 1), release_ms=round(release))
    settings = _with_threshold(first, level_db, wanted_db)
    if settings is None:
        return
    gain = compressor_gain_db(settings, level_db)
    makeup = round(float(-gain.mean()), 1)
    settings = settings.model_copy(update={"makeup_db": makeup})
    reduction = float(-gain[gain < -0.1].mean()) if (gain < -0.1).any() else 0.0
    yield Move(
        id=f"dynamics.{track.id}.compressor", task="dynamics", title=f"Even out {track.track.name}", where=Where(track=track.id),
        change=InsertChange(insert=Insert(id="compressor", slot="dynamics", processor=settings)),
        because=(
            evidence("spread of the 400 ms level while it plays", fluctuation, against="dynamics.fluctuation_least_db"),
            evidence("attack from the crest factor of 100 ms steps", attack, against="dynamics.attack_window_ms"),
        ),
        expects=Expectation(
            metric="gain_reduction_db", value=round(reduction, 2), before=0.0, tolerance=reduction / 2, unit="dB", scope="strip"
        ) if reduction >= 0.5 else None,
        confidence=0.7,
    )  # fmt: skip


def _active_levels(track: TrackFacts, *, trim_db: float) -> NDArray[np.float64]:
    """Return the 10 ms levels of the active parts, in dBFS."""
    level = level_10ms_db(track, trim_db=trim_db)
    threshold = track.figures.levels.active_threshold_dbfs
    active = level[level > (threshold if threshold is not None else -60.0) + trim_db]
    return active if active.size else level


def _with_threshold(settings: Compressor, level_db: NDArray[np.float64], wanted_db: float) -> Compressor | None:
    """Find the threshold at which the mean reduction, while it works, is as wanted."""
    low, high = -80.0, 0.0
    for _ in range(24):
        middle = (low + high) / 2
        gain = compressor_gain_db(settings.model_copy(update={"threshold_db": middle}), level_db)
        working = gain[gain < -0.1]
        reduction = float(-working.mean()) if working.size else 0.0
        low, high = (middle, high) if reduction > wanted_db else (low, middle)
    threshold = round(high, 1)
    return settings.model_copy(update={"threshold_db": threshold}) if -79 < threshold < 0 else None


def _deesser(work: Work, track: TrackFacts) -> Iterator[Move]:
    heard = work.heard[track.id].erb_power.astype(np.float64)
    esses = heard[:, (ERB_CENTRES_HZ >= 5000) & (ERB_CENTRES_HZ <= 10000)].sum(axis=1)
    vowels = heard[:, (ERB_CENTRES_HZ >= 300) & (ERB_CENTRES_HZ <= 3000)].sum(axis=1)
    sung = vowels > 1e-3 * vowels.max() if vowels.size and vowels.max() > 0 else np.zeros(0, bool)
    if sung.sum() < 4:
        return
    ratio_db = 10 * np.log10(np.maximum(esses[sung], 1e-20) / vowels[sung])
    worst_db = float(np.percentile(ratio_db, 98))
    if worst_db < number("dynamics.sibilance_over_db").value:
        return
    hiss_dbfs = 10 * np.log10(float(np.percentile(esses[sung], 98)) + 1e-20)
    settings = DeEsser(
        frequency_hz=5500.0, threshold_db=round(float(np.clip(hiss_dbfs + 6, -70, -1)), 1),
        range_db=number("dynamics.deess_range_db").value,
    )  # fmt: skip
    yield Move(
        id=f"dynamics.{track.id}.de-esser", task="dynamics", title=f"Soften the esses of {track.track.name}", where=Where(track=track.id),
        change=InsertChange(insert=Insert(id="de-esser", slot="dynamics", processor=settings)),
        because=(evidence("loudest esses (5-10 kHz) against the vowels", worst_db, against="dynamics.sibilance_over_db"),),
        confidence=0.7,
    )  # fmt: skip
