"""Work on a part of the song only: moves outside the scope are not made, and those that are there stay as they are."""

from collections.abc import Sequence

import numpy as np

from tonmeister.analysis.loudness import integrated_from_energies
from tonmeister.document.fold import still_fader_db
from tonmeister.document.lane import constant
from tonmeister.document.mix import Mix
from tonmeister.document.move import (
    BusChange,
    Evidence,
    FaderChange,
    InsertChange,
    Move,
    Nothing,
    SendRideChange,
    Task,
    Where,
    WidthChange,
)
from tonmeister.document.scope import WHOLE, Scope, find_scope
from tonmeister.document.strip import MASTER
from tonmeister.errors import InputError
from tonmeister.tasks import Work


def scope_of(mix: Mix) -> Scope | None:
    """Return what may be touched; None is everything."""
    return find_scope(mix, mix.brief.touch) if mix.brief.touch else None


def within_scope(work: Work, moves: Sequence[Move], scope: Scope | None) -> list[Move]:
    """Return the moves that stay inside the scope, with the buses that they need.

    Faders are set against the tracks that stay where they are, not against where the task would have put those.
    """
    if scope is None:
        return list(moves)
    whole_arc = _holds_arc(moves, scope)
    inside = [move for move in moves if is_inside(move, scope) and (whole_arc or not _speaks_of_arc(move))]
    needed = {name for move in inside for name in move.depends_on}
    kept = [move for move in moves if move in inside or (move.id in needed and move.where.track is None)]
    if not whole_arc and not any(_is_of_arc(move) for move in work.mix.moves):
        kept.append(_arc_left_out(work.mix.brief.touch))
    if any(move.task == "direction" for move in moves) and not any(move.task == "direction" for move in kept):
        kept.append(_direction_left_out(work.mix.brief.touch))
    shift_db = _shift_db(work, moves, scope)
    return [_shifted(move, shift_db) if _is_balance(move) else move for move in kept]


def is_inside(move: Move, scope: Scope) -> bool:
    """Say whether a move touches only what may be touched; a note touches nothing."""
    where = move.where
    if where.track is None and where.bus is None:
        return True
    return where.track in scope.tracks if where.track is not None else where.bus in scope.buses


def hold_outside(mix: Mix, former: Mix, scope: Scope | None) -> Mix:
    """Return the mix with every former move outside the scope, locked while the rest is decided."""
    if scope is None:
        return mix
    there = {move.id for move in mix.moves}
    stays = _staying(former.moves, scope)
    outside = [move for move in former.moves if move.id not in there and move.id in stays]
    held = [move.model_copy(update={"state": "locked"}) if move.state == "accepted" else move for move in outside]
    return mix.model_copy(update={"moves": (*mix.moves, *held)})


def release(mix: Mix, former: Mix, scope: Scope | None) -> Mix:
    """Give moves outside the scope the state back that they had, and everything else of theirs."""
    if scope is None:
        return mix
    stays = _staying(former.moves, scope)
    old = {move.id: move for move in former.moves if move.id in stays}

    def released(move: Move) -> Move:
        return old.get(move.id, move)

    return mix.model_copy(update={"moves": tuple(released(move) for move in mix.moves)})


def check_arc_scope(arc: str, touch: Sequence[str]) -> None:
    """Refuse an arc that was asked for where only a part of the song may be touched.

    Raises:
        InputError: If it is so.
    """
    if arc not in ("auto", "none") and touch and not set(touch) & set(WHOLE):
        raise InputError(f"--arc {arc}: an arc moves the whole song, and --touch allows only {', '.join(touch)}.")


def _speaks_of_arc(move: Move) -> bool:
    """Say whether a move is part of an arc, or a note about it."""
    return _is_of_arc(move) or (move.task == "pacing" and isinstance(move.change, Nothing))


def _arc_left_out(touch: Sequence[str]) -> Move:
    """Return the note that no arc was made, because it would move what may not be touched."""
    title = f"No arc: it moves the whole song, and only {', '.join(touch)} may be touched; `--touch all`, or none, gives one"
    return _left_out("pacing", title, touch)


def _direction_left_out(touch: Sequence[str]) -> Move:
    """Return the note that references and moods did nothing, because they would move what may not be touched."""
    title = f"Nothing for references or moods: they move groups and the whole mix, and only {', '.join(touch)} may be touched"
    return _left_out("direction", title, touch)


def _left_out(task: Task, title: str, touch: Sequence[str]) -> Move:
    found = Evidence(
        what="tracks, roles, families and buses that may be touched", value=float(len(touch)), unit="names", source="the person: --touch"
    )  # fmt: skip
    return Move(id=f"{task}.nothing", task=task, title=title, where=Where(), change=Nothing(), because=(found,))


def _is_of_arc(move: Move) -> bool:
    """Say whether a move is part of an arc, not a proposal of its own, nor a setting that was eased."""
    kinds = FaderChange | WidthChange | InsertChange | SendRideChange
    return move.task == "pacing" and move.state != "proposed" and isinstance(move.change, kinds)


def _holds_arc(moves: Sequence[Move], scope: Scope) -> bool:
    """Say whether an arc lies inside the scope as a whole: half an arc would set groups against each other."""
    return all(is_inside(move, scope) for move in moves if _is_of_arc(move))


def _staying(moves: Sequence[Move], scope: Scope) -> set[str]:
    """Return which former moves stay, by id: those outside, and the buses that they touch."""
    whole_arc = _holds_arc(moves, scope)
    outside = [move for move in moves if not _is_open(move, scope, whole_arc=whole_arc)]
    touched = {move.where.bus for move in outside}
    buses = {move.id for move in moves if isinstance(move.change, BusChange) and move.change.bus.id in touched}
    return {move.id for move in outside} | buses


def _is_open(move: Move, scope: Scope, *, whole_arc: bool) -> bool:
    """Say whether a former move is to be made anew: it is inside, and a note about the whole song is not."""
    if _is_of_arc(move) and not whole_arc:
        return False
    return is_inside(move, scope) and (move.where.track is not None or move.where.bus is not None)


def _is_balance(move: Move) -> bool:
    return move.task == "balance" and isinstance(move.change, FaderChange)


def _shift_db(work: Work, moves: Sequence[Move], scope: Scope) -> float:
    """Return how much louder the tracks outside the scope stand than the task would have put them."""
    now, proposed = [], []
    wanted = {m.where.track: m.change.change_db.points[0].value for m in moves if isinstance(m.change, FaderChange)}
    for track in work.facts.tracks:
        lufs = integrated_from_energies(work.heard[track.id].energies_100ms)
        if track.id in scope.tracks or track.id not in wanted or lufs is None:
            continue
        now.append(10 ** ((lufs + still_fader_db(work.mix, track.id)) / 10))
        proposed.append(10 ** ((lufs + wanted[track.id]) / 10))
    return float(10 * np.log10(sum(now) / sum(proposed))) if now else 0.0


def _shifted(move: Move, shift_db: float) -> Move:
    if not isinstance(move.change, FaderChange) or not shift_db:
        return move
    value = round(move.change.change_db.points[0].value + shift_db, 2)
    promise = move.expects
    if promise is not None and promise.before is not None:
        tolerance = max(0.25, min(0.5, abs(value) / 2))
        promise = promise.model_copy(update={"value": round(promise.before + value, 2), "tolerance": tolerance})
    return move.model_copy(
        update={
            "change": FaderChange(change_db=constant(value)),
            "title": f"{move.title.partition(':')[0]}: {value:+.1f} dB",
            "expects": promise if abs(value) >= 0.5 else None,
        }
    )


def mastered_at_all(mix: Mix) -> bool:
    """Say whether there is a master: not where a scope left the master chain out."""
    scope = scope_of(mix)
    return scope is None or MASTER in scope.buses or bool(mix.master.inserts)
