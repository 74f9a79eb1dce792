"""Faders that move: the lead by its lines, and what carries the song while it rests."""

from collections.abc import Iterator

from tonmeister.document.move import Move
from tonmeister.tasks.automation import asked, handover, throws, vocal_rides
from tonmeister.tasks.pacing.form import is_paced, unpaced
from tonmeister.tasks.work import Work


def propose(work: Work) -> Iterator[Move]:
    """Ride the leads; where they rest, lift what carries the song; where the form is known, throw last words, and those asked for."""
    work = unpaced(work)
    yield from vocal_rides.propose(work)
    yield from handover.propose(work)
    wanted = list(asked.propose(work))
    if is_paced(work):
        yield from throws.propose(work, but=asked.words_of(wanted))
    yield from wanted
