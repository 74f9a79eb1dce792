"""Drum reinforcement, only where a person asks: the song's own best clean hit, laid under the others."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.hits import Hits, find_hits
from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Expectation, InsertChange, Move, Where
from tonmeister.document.strip import Insert
from tonmeister.knowledge import number
from tonmeister.processing import Reinforcer
from tonmeister.tasks.dynamics.gates import split_own
from tonmeister.tasks.work import Work, evidence

_ROLES = ("kick", "snare")
_LEAD_IN_S = 0.01
"""The hit is taken from so long before its onset step on; the exact place is found on the sound."""


def propose(work: Work, track: TrackFacts) -> Iterator[Move]:
    """Lay the best hit of a kick or snare under its hits, each time by no more than the limit."""
    if not track.track.reinforce or track.track.role not in _ROLES:
        return
    split = split_own(track)
    hits = find_hits(track.curves) if split is None else split.own
    if hits.steps.size < number("dynamics.reinforce_hits_least").value:
        return
    best = best_hit(track, hits)
    factors = layer_factors(hits, best)
    rises = 20 * np.log10(1 + np.abs(factors) * 10 ** ((hits.peak_db[best] - hits.peak_db) / 20))
    start_s = max(0.0, float(hits.steps[best]) / 100 - _LEAD_IN_S)
    places = tuple(
        (round(max(0.0, step / 100 - _LEAD_IN_S), 3), round(float(factor), 3))
        for step, factor in zip(hits.steps.tolist(), factors, strict=True)
    )
    settings = Reinforcer(places=places, from_s=round(start_s, 3), rate_hz=work.facts.song.sample_rate_hz)
    rise_db = float(np.median(rises))
    yield Move(
        id=f"dynamics.{track.id}.reinforcement", task="dynamics", title=f"The best hit of {track.track.name} under its hits, as asked",
        where=Where(track=track.id), change=InsertChange(insert=Insert(id="reinforcement", slot="cleanup", processor=settings)),
        because=(
            evidence("hits found", float(hits.steps.size), against="dynamics.reinforce_hits_least"),
            evidence("spread of their peaks (standard deviation)", float(hits.peak_db.std()), against="dynamics.reinforce_most_db"),
        ),
        expects=Expectation(
            metric="hit_level_db", value=round(rise_db, 2), before=0.0, tolerance=round(rise_db / 2, 2), unit="dB", scope="strip"
        ) if rise_db >= 0.5 else None,
        confidence=0.5,
    )  # fmt: skip


def best_hit(track: TrackFacts, hits: Hits) -> int:
    """Return the place of the cleanest hit: loud, with the most silence before it, far from the next."""
    before = np.clip(hits.steps[:, None] + np.arange(-8, -2), 0, track.curves.rms_10ms.size - 1)
    quiet_db = 20 * np.log10(np.maximum(track.curves.rms_10ms[before].max(axis=1).astype(np.float64), 1e-7))
    free_s = np.minimum(np.diff(np.append(hits.steps, hits.steps[-1] + 100)) / 100, 0.5)
    loud = hits.peak_db >= np.percentile(hits.peak_db, 70)
    return int(np.argmax(np.where(loud, hits.peak_db - quiet_db + 20 * free_s, -np.inf)))


def layer_factors(hits: Hits, best: int) -> NDArray[np.float64]:
    """Return how much of the best hit goes under each: more where a hit is weak, never raising one by more than the limit."""
    own = 10 ** ((hits.peak_db - hits.peak_db[best]) / 20)
    wanted = number("dynamics.reinforce_share").value * np.maximum(1.0, 2 - own)
    most = own * (10 ** (number("dynamics.reinforce_most_db").value / 20) - 1)
    factors = np.minimum(wanted, most)
    factors[best] = 0.0
    return np.asarray(factors)
