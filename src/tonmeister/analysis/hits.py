"""Hits of a drum or of anything plucked: how loud, how sharp, how fast they die, and what is only bleed between them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.levels import find_onsets
from tonmeister.analysis.track_meter import TrackCurves

LOUD_BELOW_DB = 15.0
"""Hits down to so far below the loudest say what the instrument is like."""
LEAST_HITS = 3
"""Fewer hits say nothing."""
_BODY_STEPS = (5, 15)
"""50 to 150 ms behind the onset: the body of a note."""
_TAIL_STEPS = 100
_FELL_DB = 20.0
_MOST_ALONE_STEPS = 3
_NEAR = 2


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """The onsets of one track."""

    steps: NDArray[np.int64]
    """(hits,) place in steps of 10 ms."""
    peak_db: NDArray[np.float64]
    """(hits,) largest sample within 40 ms, in dBFS."""


@dataclass(frozen=True, slots=True)
class Split:
    """Hits that the microphone is there for, told from what it hears of the other drums."""

    own: Hits
    own_db: float
    """Level that 95 % of the own hits exceed, in dBFS peak."""
    bleed_db: float
    """Level below which 95 % of the other onsets stay, in dBFS peak."""


def find_hits(curves: TrackCurves) -> Hits:
    """Return the onsets of a track and their peaks."""
    steps = np.flatnonzero(find_onsets(curves.onset_10ms))
    if not steps.size:
        return Hits(steps, np.zeros(0))
    around = np.clip(steps[:, None] + np.arange(-1, 4), 0, curves.peak_10ms.size - 1)
    return Hits(steps, _db(curves.peak_10ms[around].max(axis=1)))


def measure_attack_db(curves: TrackCurves, hits: Hits) -> float | None:
    """Return the median of the peak of the loud hits over the RMS of their bodies; None where too few stand free."""
    loud = _loud(hits)
    free = np.diff(np.append(hits.steps, curves.rms_10ms.size)) >= _BODY_STEPS[1]
    chosen = loud & free
    if chosen.sum() < LEAST_HITS:
        return None
    body = hits.steps[chosen, None] + np.arange(*_BODY_STEPS)
    power = np.square(curves.rms_10ms[np.minimum(body, curves.rms_10ms.size - 1)], dtype=np.float64).mean(axis=1)
    return float(np.median(hits.peak_db[chosen] - 10 * np.log10(np.maximum(power, 1e-16))))


def measure_decay_s(curves: TrackCurves, hits: Hits) -> float | None:
    """Return the median time in which loud hits fall by 20 dB; a hit that the next one cuts off counts until there."""
    loud = hits.steps[_loud(hits)]
    if loud.size < LEAST_HITS:
        return None
    reach = np.minimum(np.diff(np.append(loud, curves.rms_10ms.size)), _TAIL_STEPS)
    times = []
    for start, steps in zip(loud, reach, strict=True):
        level = _db(curves.rms_10ms[start : start + steps])
        top = int(np.argmax(level[:4])) if level.size else 0
        fallen = np.flatnonzero(level[top:] < level[top] - _FELL_DB) if level.size else np.zeros(0, int)
        times.append(int(fallen[0]) if fallen.size else int(steps))
    return float(np.median(times)) / 100


def split_bleed(hits: Hits, *, least_db: float) -> Split | None:
    """Return the highest gap that parts the loud hits from the rest by at least so much; None where there is none.

    From the top down the first border counts at which the lower 10 % of those above stand so far over the upper 10 % of those
    below, moved on as long as the gap widens.
    """
    order = np.argsort(-hits.peak_db)
    level = hits.peak_db[order]
    best, best_gap = 0, -np.inf
    for count in range(LEAST_HITS, level.size - LEAST_HITS + 1):
        gap = float(np.percentile(level[:count], 10) - np.percentile(level[count:], 90))
        if best and gap < best_gap:
            break
        if gap >= least_db:
            best, best_gap = count, gap
    if not best:
        return None
    near = range(max(LEAST_HITS, best - _NEAR), min(level.size - 1, best + _NEAR) + 1)
    best = max(
        near, key=lambda count: level[count - 1] - level[count]
    )  # percentiles do not mind one or two: the step does
    chosen = np.sort(order[:best])
    return Split(
        Hits(hits.steps[chosen], hits.peak_db[chosen]),
        own_db=float(np.percentile(level[:best], 5)),
        bleed_db=float(np.percentile(level[best:], 95)),
    )


def alone_share(hits: Hits, others: tuple[Hits, ...]) -> float:
    """Return the share of the hits at which none of the others strikes within 30 ms."""
    if not hits.steps.size:
        return 0.0
    struck = np.concatenate([other.steps for other in others]) if others else np.zeros(0, np.int64)
    if not struck.size:
        return 1.0
    near = np.abs(hits.steps[:, None] - struck[None, :]).min(axis=1)
    return float((near > _MOST_ALONE_STEPS).mean())


def _loud(hits: Hits) -> NDArray[np.bool_]:
    return hits.peak_db >= np.max(hits.peak_db, initial=-np.inf) - LOUD_BELOW_DB


def _db(level: NDArray[np.float32]) -> NDArray[np.float64]:
    return 20 * np.log10(np.maximum(level.astype(np.float64), 1e-8))
