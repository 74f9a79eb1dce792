"""Points of lanes that move far, and why: a point that moves by more than 3 dB cites what it was decided by."""

from dataclasses import dataclass
from itertools import pairwise

from tonmeister.document.lane import SILENT_DB, Lane
from tonmeister.document.move import Evidence, FaderChange, Move, MuteChange, SendChange, SendRideChange

FAR_DB = 3.0
_BEFORE_S, _AFTER_S = 2.6, 0.2
"""A fader moves over the bar before what it moves for, and comes back just behind it."""


@dataclass(frozen=True, slots=True)
class FarStep:
    """A point of a lane that moves far."""

    time_s: float
    from_db: float
    to_db: float
    move: str
    """Id of the move that asks for it."""
    why: str | None
    """The evidence in words; None where the move cites none for this place."""


def far_steps(move: Move) -> tuple[FarStep, ...]:
    """Return the points of a move's own lane that go further than 3 dB from the one before, each with its reason."""
    lane = _levels(move)
    if lane is None:
        return ()
    return tuple(
        FarStep(b.time_s, a.value, b.value, move.id, _why(move, b.time_s))
        for a, b in pairwise(lane.points)
        if abs(b.value - a.value) > FAR_DB
    )


def _levels(move: Move) -> Lane | None:
    """Return the lane of a move in decibels."""
    match move.change:
        case FaderChange(change_db=lane) | SendRideChange(change_db=lane):
            return lane
        case SendChange(send=send):
            return send.level_db
        case MuteChange(mute=mute):
            points = tuple(p.model_copy(update={"value": SILENT_DB if p.value > 0 else 0.0}) for p in mute.points)
            return mute.model_copy(update={"points": points})
    return None


def _why(move: Move, time_s: float) -> str | None:
    """Return the evidence that speaks of this place: the one that begins nearest to it."""
    there = [found for found in move.because if _covers(found, time_s)]
    if not there:
        return None
    found = min(there, key=lambda one: abs((one.start_s or 0.0) - time_s))
    limit = "" if found.limit is None else f", limit {found.limit:g}"
    return f"{found.what}: {found.value:.4g} {found.unit}{limit}"


def _covers(found: Evidence, time_s: float) -> bool:
    if found.start_s is None or found.end_s is None:
        return False
    return found.start_s - _BEFORE_S <= time_s <= found.end_s + _AFTER_S
