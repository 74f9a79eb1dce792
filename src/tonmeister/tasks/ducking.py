"""Reverb that steps back while the lead sings and blooms when it stops: a compressor on the return, keyed by the lead."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.energy_steps import loudest_steps
from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Expectation, InsertChange, Move, Where
from tonmeister.document.strip import Insert
from tonmeister.knowledge import number
from tonmeister.processing import Compressor
from tonmeister.tasks.prediction import compressor_gain_db
from tonmeister.tasks.rooms import CHECKED_STEPS, beat_s
from tonmeister.tasks.work import Work, evidence

DUCKED = ("plate", "hall")
"""Spaces long enough to cover the words."""
_SEARCHES = 8
_STEP_MS = 10.0
_SINGS = 0.1


def duck(work: Work, bus: str) -> Iterator[Move]:
    """Turn a return down while the lead sings; its release is half a beat, so that the tail is back with the next one."""
    lead = _longest_lead(work)
    depth_db = min(number("space.duck_db").value, work.budget.gain_reduction_db)
    if bus not in DUCKED or lead is None:
        return
    settings = Compressor(
        threshold_db=0.0, ratio=2.0, knee_db=6.0, attack_ms=20.0, detector="rms", rms_window_ms=20.0, release_ms=round(float(np.clip(500 * beat_s(work.facts), 120, 400))),
    )  # fmt: skip
    levels_db = _levels_db(work, lead)
    settings = _with_threshold(settings, levels_db, depth_db)
    there_db = taken_db(settings, levels_db[_loudest(lead)])
    found = evidence("time that the lead sings", lead.figures.levels.active_s, against="space.duck_after_s")
    yield Move(
        id=f"space.{bus}.duck", task="space", title=f"The {bus} steps back by {depth_db:.0f} dB while {lead.track.name} sings",
        where=Where(bus=bus), change=InsertChange(insert=Insert(id="duck", slot="output", processor=settings, key=lead.id)),
        because=(found,), depends_on=(f"space.{bus}.bus",), confidence=0.6,
        expects=Expectation(metric="gain_reduction_db", value=round(there_db, 2), before=0.0, tolerance=there_db / 2, unit="dB", scope="mix", track=lead.id),
    )  # fmt: skip


def _longest_lead(work: Work) -> TrackFacts | None:
    """Return the lead vocal that sings longest; None where none sings long enough to be covered."""
    leads = [track for track in work.facts.leads if track.is_touchable and track.track.family == "vocal"]
    longest = max(leads, key=lambda track: (track.figures.levels.active_s, track.track.sha256), default=None)
    least_s = number("space.duck_after_s").value
    return longest if longest is not None and longest.figures.levels.active_s >= least_s else None


def _loudest(lead: TrackFacts) -> slice:
    """Return the 10 ms steps of the stretch in which the lead is loudest: most is sent there, and verify listens there."""
    first, end = loudest_steps(lead.curves.energies_100ms, length=CHECKED_STEPS)
    return slice(10 * first, 10 * end)


def _levels_db(work: Work, lead: TrackFacts) -> NDArray[np.float64]:
    """Return the RMS level of each 10 ms of the lead, where its key is tapped."""
    rms = np.maximum(lead.curves.rms_10ms.astype(np.float64), 1e-7)
    return np.asarray(20 * np.log10(rms) + work.mix.track(lead.id).strip.trim_db)


def taken_db(settings: Compressor, levels_db: NDArray[np.float64]) -> float:
    """Return the mean gain reduction while the key is within 10 dB of its mean power, as the gain comes back slowly."""
    wanted = -compressor_gain_db(settings, levels_db)
    fall, rise = (1 - float(np.exp(-_STEP_MS / time_ms)) for time_ms in (settings.attack_ms, settings.release_ms))
    gain, reduction = 0.0, np.empty(len(wanted))
    for place, target in enumerate(wanted.tolist()):
        gain += (fall if target > gain else rise) * (target - gain)
        reduction[place] = gain
    power = 10 ** (levels_db / 10)
    sings = power > _SINGS * power[power > 1e-3 * power.max(initial=0.0)].mean() if len(power) else power > 0
    return float(reduction[sings].mean()) if sings.any() else 0.0


def _with_threshold(settings: Compressor, levels_db: NDArray[np.float64], wanted_db: float) -> Compressor:
    """Return the settings with the threshold at which the return steps back by what is wanted while the lead sings."""
    low, high = -80.0, 0.0
    for _ in range(_SEARCHES):
        middle = (low + high) / 2
        taken = taken_db(settings.model_copy(update={"threshold_db": middle}), levels_db)
        low, high = (middle, high) if taken > wanted_db else (low, middle)
    return settings.model_copy(update={"threshold_db": round((low + high) / 2, 1)})
