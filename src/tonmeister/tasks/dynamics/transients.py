"""Transient shaping: strokes that are buried in their own bodies, or that stick out of them, for what the role is."""

from collections.abc import Iterator

import numpy as np

from tonmeister.analysis.hits import find_hits, measure_attack_db
from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Evidence, Expectation, InsertChange, Move, Where
from tonmeister.document.strip import Insert
from tonmeister.knowledge import number, role
from tonmeister.knowledge.rows import source_text
from tonmeister.processing import TransientShaper
from tonmeister.tasks.dynamics.gates import split_own
from tonmeister.tasks.work import Work


def propose(work: Work, track: TrackFacts) -> Iterator[Move]:
    """Bring the stroke half the way back to the band of its role."""
    row = role(track.track.role)
    if work.facts.is_premixed or row.attack_low_db is None or row.attack_high_db is None:
        return
    split = split_own(track)
    attack_db = measure_attack_db(track.curves, find_hits(track.curves) if split is None else split.own)
    if attack_db is None:
        return
    nearest = float(np.clip(attack_db, row.attack_low_db, row.attack_high_db))
    most = min(number("dynamics.transient_most_db").value, work.budget.gain_reduction_db)
    change_db = float(np.clip(number("dynamics.transient_share").value * (nearest - attack_db), -most, most))
    if abs(change_db) < number("dynamics.transient_least_db").value:
        return
    yield _move(track, attack_db, nearest, change_db)


def _move(track: TrackFacts, attack_db: float, limit_db: float, change_db: float) -> Move:
    is_buried = change_db > 0
    row = role(track.track.role)
    settings = TransientShaper(attack_db=round(change_db / number("dynamics.transient_reach").value, 1))
    found = Evidence(
        what="peak of the hits over the level of their bodies (50-150 ms later)", value=round(attack_db, 2), limit=limit_db,
        unit="dB", source=f"attack band of {track.track.role}: {source_text(row.attack_source or row.source)}",
    )  # fmt: skip
    return Move(
        id=f"dynamics.{track.id}.transients", task="dynamics",
        title=f"{'Bring out' if is_buried else 'Round off'} the strokes of {track.track.name}", where=Where(track=track.id),
        change=InsertChange(insert=Insert(id="transients", slot="dynamics", processor=settings)), because=(found,),
        expects=Expectation(
            metric="attack_db", value=round(attack_db + change_db, 2), before=round(attack_db, 2),
            tolerance=round(abs(change_db) / 2, 2), unit="dB", scope="strip",
        ),
        confidence=0.6,
    )  # fmt: skip
