"""Gates: close drum microphones that hear the rest of the kit between their own hits."""

from collections.abc import Iterator

import numpy as np

from tonmeister.analysis.energy_steps import loudest_span_s
from tonmeister.analysis.hits import Split, alone_share, find_hits, measure_decay_s, split_bleed
from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Expectation, InsertChange, Move, Where
from tonmeister.document.strip import Insert
from tonmeister.knowledge import number
from tonmeister.processing import Gate
from tonmeister.processing.gate import long_closed
from tonmeister.tasks.work import Work, evidence

_CLOSE = ("kick", "snare", "toms")
_TRIED_S = 12.0
_KEPT = 0.9
"""Part of the range that the gaps are promised to fall by."""


def propose(work: Work, track: TrackFacts) -> Iterator[Move]:
    """Turn the gaps between the hits down by no more than the range, so that nothing is chopped."""
    if work.facts.is_premixed or track.track.role not in _CLOSE:
        return
    split = split_own(track)
    if split is None or not is_own(work, track, split):
        return
    separation_db = split.own_db - split.bleed_db
    if separation_db < number("dynamics.gate_separation_least_db").value:
        return
    decay_s = measure_decay_s(track.curves, split.own) or 0.1
    settings = _settings(work, track, split, decay_s=decay_s)
    if _closed_share(work, track, settings) < number("dynamics.gate_closed_least").value:
        return  # it rings until its next hit
    change_db = -_KEPT * settings.range_db
    yield Move(
        id=f"dynamics.{track.id}.gate", task="dynamics", title=f"Keep the rest of the kit out of {track.track.name}",
        where=Where(track=track.id), change=InsertChange(insert=Insert(id="gate", slot="dynamics", processor=settings)),
        because=(
            evidence("own hits (softest 5 %) over the bleed (loudest 5 %)", separation_db, against="dynamics.gate_separation_least_db"),
            evidence("hold and release from the time in which a hit falls by 20 dB", decay_s * 1000, against="dynamics.gate_release_most_ms"),
            evidence("range", settings.range_db, against="dynamics.gate_range_db"),
        ),
        expects=Expectation(
            metric="gap_level_db", value=round(change_db, 2), before=0.0, tolerance=round(-change_db / 2, 2), unit="dB", scope="strip"
        ),
        confidence=0.6,
    )  # fmt: skip


def split_own(track: TrackFacts) -> Split | None:
    """Return the hits of a drum told from its bleed; None where they do not stand apart."""
    return split_bleed(find_hits(track.curves), least_db=number("dynamics.gate_separation_least_db").value)


def is_own(work: Work, track: TrackFacts, split: Split) -> bool:
    """Say whether the loud hits are this drum's: a tom is struck when kick and snare are not, or it is only heard by the mic."""
    if track.track.role != "toms":
        return True
    others = [t for t in work.facts.tracks if t.track.role in ("kick", "snare")]
    struck = tuple(found.own for found in map(split_own, others) if found is not None)
    return alone_share(split.own, struck) >= number("dynamics.gate_alone_least").value


def _closed_share(work: Work, track: TrackFacts, gate: Gate) -> float:
    """Return the share of the loudest twelve seconds in which the gate would be closed for good."""
    start, end = (round(100 * at) for at in loudest_span_s(track.curves.energies_100ms, length_s=_TRIED_S))
    trim = 10 ** (work.mix.track(track.id).strip.trim_db / 20)
    closed = long_closed(track.curves.peak_10ms[start:end].astype(np.float64) * trim, gate)
    return float(closed.mean()) if closed.size else 0.0


def _settings(work: Work, track: TrackFacts, split: Split, *, decay_s: float) -> Gate:
    """Return the gate: it opens between bleed and softest hit and closes below the bleed's own level."""
    trim_db = work.mix.track(track.id).strip.trim_db
    between = number("dynamics.gate_threshold_share").value
    threshold = split.bleed_db + between * (split.own_db - split.bleed_db) + trim_db
    range_db = min(number("dynamics.gate_range_db").value, 2.5 * work.budget.gain_reduction_db)
    longest = number("dynamics.gate_release_most_ms").value
    return Gate(
        threshold_db=round(float(np.clip(threshold, -99, 0)), 1), hysteresis_db=6.0, range_db=round(range_db, 1),
        hold_ms=round(float(np.clip(500 * decay_s, 20, 150))), attack_ms=0.5, lookahead_ms=2.0,
        release_ms=round(float(np.clip(1000 * decay_s, 40, longest))),
    )  # fmt: skip
