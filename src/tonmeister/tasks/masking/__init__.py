"""Room for what matters: the smallest change of the offenders that lets leads, priority tracks and the kick's lows be heard."""

from collections.abc import Iterator

from tonmeister.document.move import Move
from tonmeister.tasks.masking.again import promise_anew
from tonmeister.tasks.masking.given import give_way
from tonmeister.tasks.masking.moves import as_moves
from tonmeister.tasks.masking.notes import move_apart, note_nothing
from tonmeister.tasks.masking.scene import look
from tonmeister.tasks.masking.solver import solve
from tonmeister.tasks.work import Work

__all__ = ["give_way", "promise_anew", "propose"]


def propose(work: Work) -> Iterator[Move]:
    """Make room for what matters, note what only the arrangement can mend, or say that nothing is to do."""
    scene = look(work)
    if scene is None:
        return
    solved = solve(work, scene)
    moves = list(as_moves(work, scene, solved.remedies))
    yield from moves
    yield from move_apart(work, scene, solved)
    if not moves:
        yield note_nothing(scene, solved.gains)
