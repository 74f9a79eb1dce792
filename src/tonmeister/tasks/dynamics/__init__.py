"""Dynamics: one rule a file; every time, threshold and amount from what was measured on the track."""

from collections.abc import Callable, Iterator

from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Move
from tonmeister.tasks.dynamics import compressors, deessers, gates, lifting, reinforcement, saturation, transients
from tonmeister.tasks.dynamics.buses import propose_buses
from tonmeister.tasks.dynamics.times import times_ms
from tonmeister.tasks.work import Work

Rule = Callable[[Work, TrackFacts], Iterator[Move]]

RULES: tuple[Rule, ...] = (
    reinforcement.propose,
    gates.propose,
    lifting.propose,
    compressors.propose,
    transients.propose,
    deessers.propose,
    saturation.propose,
)
"""In the order in which their inserts run: bleed first, as it would drive what follows; quiet notes
while the levels are those that were measured; the esses after what made them louder."""


def propose(work: Work) -> Iterator[Move]:
    """Shape the dynamics of each track by the rules, where a measurement asks for it."""
    for track in work.facts.tracks:
        if track.is_touchable:
            for rule in RULES:
                yield from rule(work, track)


__all__ = ["RULES", "propose", "propose_buses", "times_ms"]
