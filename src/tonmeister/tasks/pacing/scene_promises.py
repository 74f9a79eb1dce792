"""What settings by section promise: by how much a band, an echo or a track changes in the section that they change most."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.document.facts import TrackFacts
from tonmeister.document.lane import SILENT_DB
from tonmeister.document.move import Expectation
from tonmeister.document.strip import Bus
from tonmeister.processing import Band, Compressor, Delay, Equaliser
from tonmeister.processing.filter_design import magnitude_db
from tonmeister.tasks.moving import gain_db, lane_values
from tonmeister.tasks.pacing.arc import Scene
from tonmeister.tasks.pacing.lifts import excerpt_of
from tonmeister.tasks.prediction import compressor_gain_db, level_10ms_db
from tonmeister.tasks.work import Work

Floats = NDArray[np.float64]
_LEAST_DB = 0.5
"""Smaller changes promise nothing."""
_TOP_HZ = 16000.0
_FAINT = 1e-9
"""Where a section's excerpt holds less power, there is nothing to hear a change of."""


def promised(change_db: float, *, low_hz: float | None = None, high_hz: float | None = None) -> Expectation | None:
    """Return the promise of a change of level in a section; None where it is too small."""
    if abs(change_db) < _LEAST_DB:
        return None
    return Expectation(
        metric="section_level_db", value=round(change_db, 2), before=0.0, tolerance=round(min(1.0, abs(change_db) / 2), 2), unit="dB",
        scope="mix", low_hz=low_hz, high_hz=high_hz,
    )  # fmt: skip


def bus_power(work: Work, bus_id: str, scene: Scene) -> Floats:
    """Return (40,) power of what goes to a group, over the excerpt of a section that verify listens to."""
    total = np.zeros(ERB_CENTRES_HZ.size)
    for track in work.facts.tracks:
        if track.track.used and work.mix.track(track.id).strip.output == bus_id:
            total += track_power(work, track, scene)
    return total


def track_power(work: Work, track: TrackFacts, scene: Scene) -> Floats:
    """Return (40,) power of a track in the mix over that excerpt."""
    start_s, end_s = excerpt_of(scene.part)
    power = work.heard[track.id].erb_power[int(2 * start_s) : max(int(2 * start_s) + 1, int(2 * end_s))]
    times = np.arange(len(power)) / 2 + start_s + 0.25
    placed: Floats = (power.astype(np.float64) * 10 ** (gain_db(work.mix, track.id, times) / 10)[:, None]).sum(axis=0)
    return placed


def sounding_most(powers: Sequence[float], places: Sequence[int]) -> int | None:
    """Return which of these places sounds most; None where all are silent."""
    best = max(places, key=lambda place: powers[place], default=None)
    return None if best is None or powers[best] < _FAINT else best


def darker(work: Work, bus_id: str, scene: Scene, band: Band, amount: float) -> Expectation | None:
    """Return by how much a shelf takes from a group above its corner, of which a section hears a part."""
    power = bus_power(work, bus_id, scene)
    high = power * ((band.frequency_hz <= ERB_CENTRES_HZ) & (_TOP_HZ >= ERB_CENTRES_HZ))
    if high.sum() < _FAINT:
        return None
    heard = band.model_copy(update={"gain_db": band.gain_db * amount})
    cut = 10 ** (magnitude_db((heard,), ERB_CENTRES_HZ, work.facts.song.sample_rate_hz) / 10)
    change_db = 10 * float(np.log10((high * cut).sum() / high.sum()))
    return promised(change_db, low_hz=band.frequency_hz, high_hz=_TOP_HZ)


def uncut(work: Work, equaliser: Equaliser) -> Expectation | None:
    """Return by how much the deepest cut of an equaliser comes back where the equaliser rests."""
    deepest = min(equaliser.bands, key=lambda band: band.gain_db)
    low_hz, high_hz = deepest.frequency_hz * 2 ** (-1 / 6), deepest.frequency_hz * 2 ** (1 / 6)
    near = np.linspace(low_hz, high_hz, 9)
    taken = 10 ** (magnitude_db(equaliser.bands, near, work.facts.song.sample_rate_hz) / 10)
    return promised(-10 * float(np.log10(taken.mean())), low_hz=round(low_hz, 1), high_hz=round(high_hz, 1))


def eased(work: Work, track: TrackFacts, settings: Compressor, scene: Scene, amount: float) -> Expectation | None:
    """Return how much louder a track is in a section in which only a part of its compressor is heard."""
    level_db = level_10ms_db(track, trim_db=work.mix.track(track.id).strip.trim_db)
    start_s, end_s = excerpt_of(scene.part)
    here = level_db[int(100 * start_s) : int(100 * end_s)]
    power, wet = 10 ** (here / 10), 10 ** (compressor_gain_db(settings, here) / 20)
    whole, part = float((power * wet**2).sum()), float((power * (1 - amount + amount * wet) ** 2).sum())
    return promised(10 * float(np.log10(part / whole))) if whole > 0 else None


def ridden(work: Work, lead: TrackFacts, bus: Bus, scene: Scene, change_db: float) -> Expectation | None:
    """Return by how much an echo changes in a section by the ride of one voice's send: others may feed it, and it steps back when fed."""
    start_s, end_s = excerpt_of(scene.part)
    times = np.arange(start_s, end_s, 0.1) + 0.05
    own, other = np.zeros(times.size), np.zeros(times.size)
    for track in work.facts.tracks:
        sends = work.mix.track(track.id).strip.sends if track.track.used else ()
        level = next((one.level_db for one in sends if one.bus == bus.id), None)
        if level is None:
            continue
        power = work.heard[track.id].energies_100ms[int(10 * start_s) :][: times.size]
        power = np.pad(power, (0, times.size - power.size)) / track.track.channels
        fed = power * 10 ** (
            (np.maximum(lane_values(level, times), SILENT_DB) + gain_db(work.mix, track.id, times)) / 10
        )
        own, other = (own + fed, other) if track is lead else (own, other + fed)
    if own.sum() < _FAINT:
        return None
    delay = next((insert.processor for insert in bus.inserts if isinstance(insert.processor, Delay)), None)
    before, after = (_echoed(fed, delay) for fed in (own + other, own * 10 ** (change_db / 10) + other))
    return promised(10 * float(np.log10(after / before))) if min(before, after) > 0 else None


def _echoed(fed: Floats, delay: Delay | None) -> float:
    """Return the power of the first repeats of what is fed to a delay in steps of 100 ms, turned down while it is fed."""
    if delay is None:
        return float(fed.sum())
    late = max(1, round(delay.time_ms / 100))
    over_db = 10 * np.log10(np.maximum(fed, _FAINT**2)) - delay.ducking_threshold_db
    ducked = 10 ** (-np.clip(over_db, 0.0, delay.ducking_db) / 10)
    return float((fed[:-late] * ducked[late:]).sum())
