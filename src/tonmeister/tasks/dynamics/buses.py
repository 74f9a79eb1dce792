"""Parallel compression of a drum bus: what a heavily compressed copy adds brings up the quiet of the kit and keeps the strokes."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tonmeister.document.fold import still_fader_db
from tonmeister.document.move import Expectation, InsertChange, Move, Where
from tonmeister.document.strip import Insert
from tonmeister.knowledge import number
from tonmeister.processing import Compressor
from tonmeister.tasks.dynamics.compressors import find_threshold
from tonmeister.tasks.dynamics.playing import spread_db
from tonmeister.tasks.dynamics.times import beat_ms
from tonmeister.tasks.prediction import compressor_gain_db, level_10ms_db
from tonmeister.tasks.work import Work, evidence

BUS = "drums"
_PLAYS_BELOW_DB = 50.0
_SYLLABLE = 5
_REACH = 0.6
"""Part of the static curve that is left by attack and release."""


def propose_buses(work: Work) -> Iterator[Move]:
    """Compress the drum bus in parallel if the budget is bold and the quiet of the kit lies far under its strokes."""
    members = [track for track in work.facts.tracks if work.mix.track(track.id).strip.output == BUS]
    if work.facts.is_premixed or work.budget.name != "bold" or not members:
        return
    level_db = bus_level_db(work)
    spread = _spread_db(level_db)
    if spread < number("dynamics.bus_spread_least_db").value:
        return
    settings = _settings(work, level_db)
    if settings is None:
        return
    less_db = _REACH * (spread - _spread_db(level_db + compressor_gain_db(settings, level_db)))
    if less_db < 0.5:
        return
    yield Move(
        id=f"dynamics.{BUS}.parallel", task="dynamics", title="A compressed copy beside the drums", where=Where(bus=BUS),
        change=InsertChange(insert=Insert(id="parallel", slot="dynamics", processor=settings)),
        because=(
            evidence("loud moments of the kit (95 %) over the quiet ones (20 %)", spread, against="dynamics.bus_spread_least_db"),
            evidence("release in ms, by the tempo where there is one", settings.release_ms, against="dynamics.bus_release_beats"),
        ),
        expects=Expectation(
            metric="level_spread_db", value=round(-less_db, 2), before=0.0, tolerance=round(less_db / 2, 2), unit="dB", scope="mix"
        ),
        depends_on=(f"routing.{BUS}.bus",), confidence=0.5,
    )  # fmt: skip


def bus_level_db(work: Work) -> NDArray[np.float64]:
    """Return the 10 ms level of the drum bus as its faders stand, powers added, while it plays."""
    rate = work.facts.song.sample_rate_hz
    total = np.zeros(1 + work.facts.song.frames * 100 // rate)
    for track in work.facts.tracks:
        strip = work.mix.track(track.id).strip
        if strip.output != BUS:
            continue
        level = level_10ms_db(track, trim_db=strip.trim_db + still_fader_db(work.mix, track.id))
        first = max(0, (track.track.start_frame + strip.delay_frames) * 100 // rate)
        part = total[first : first + level.size]
        part += 10 ** (level[: part.size] / 10)
    level_db = 10 * np.log10(np.maximum(total, 1e-14))
    playing: NDArray[np.float64] = level_db[level_db > np.percentile(level_db, 99) - _PLAYS_BELOW_DB]
    return playing


def _settings(work: Work, level_db: NDArray[np.float64]) -> Compressor | None:
    """Return the compressor: the copy works hard, its share is bounded so that the whole stays inside the budget."""
    release = beat_ms(work.facts.song, beats=number("dynamics.bus_release_beats").value) or 120.0
    first = Compressor(
        ratio=number("dynamics.bus_ratio").value, knee_db=6.0, attack_ms=number("dynamics.drum_attack_least_ms").value,
        release_ms=round(release),
    )  # fmt: skip
    copy = find_threshold(first, level_db, number("dynamics.bus_copy_reduction_db").value)
    if copy is None:
        return None
    shares = np.linspace(number("dynamics.bus_share_most").value, 0.05, 8)
    most_db = number("dynamics.bus_lift_most_db").value
    for share in shares:
        settings = _as_loud(copy.model_copy(update={"mix": round(float(share), 2)}), level_db)
        gain_db = compressor_gain_db(settings, level_db)
        if -gain_db.min() <= work.budget.gain_reduction_db and gain_db.max() <= most_db:
            return settings
    return None


def _as_loud(settings: Compressor, level_db: NDArray[np.float64]) -> Compressor:
    """Return the settings with the makeup at which the power stays what it was."""
    before = float(np.mean(10 ** (level_db / 10)))
    low, high = 0.0, 24.0
    for _ in range(12):
        makeup = (low + high) / 2
        tried = settings.model_copy(update={"makeup_db": makeup})
        after = float(np.mean(10 ** ((level_db + compressor_gain_db(tried, level_db)) / 10)))
        low, high = (makeup, high) if after < before else (low, makeup)
    return settings.model_copy(update={"makeup_db": round(low, 1)})


def _spread_db(level_10ms: NDArray[np.float64]) -> float:
    """Return the spread of 50 ms levels."""
    whole = level_10ms[: level_10ms.size // _SYLLABLE * _SYLLABLE].reshape(-1, _SYLLABLE)
    return spread_db(10 * np.log10(np.mean(10 ** (whole / 10), axis=1))) if whole.size else 0.0
