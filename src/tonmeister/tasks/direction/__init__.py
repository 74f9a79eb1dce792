"""Where a person wants the whole to go: references and moods become a few broad moves on groups and mix bus, inside the budgets.

It is decided last, by the mix as it sounds without it; a reference's figures are in the document, so that nobody needs its recording.
"""

from collections.abc import Iterator

from tonmeister.document.move import Evidence, Move, Nothing, Where
from tonmeister.tasks.direction import dynamics, tone, width
from tonmeister.tasks.direction.aims import MixSound, find_aims, told_source
from tonmeister.tasks.work import Work


def propose(work: Work, sound: MixSound) -> Iterator[Move]:
    """Move the mix towards what its references and moods are, as far as was asked for."""
    aims = find_aims(work, sound)
    moves = [*tone.propose(work, sound, aims), *width.propose(work, sound, aims), *dynamics.propose(work, sound, aims)]
    yield from moves
    if not moves:
        found = Evidence(
            what="mean difference in tone to the direction", value=round(aims.mean_tone_db, 2), unit="dB", source=told_source(work, "tone")
        )  # fmt: skip
        title = "The mix goes where it was meant to go already, or nothing here may bring it nearer"
        yield Move(
            id="direction.nothing", task="direction", title=title, where=Where(), change=Nothing(), because=(found,)
        )


__all__ = ["MixSound", "propose"]
