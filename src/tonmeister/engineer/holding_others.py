"""Room that tracks made for each other, and rides, stay as they were where nothing about their own tracks has changed since."""

import json
from collections.abc import Iterable
from dataclasses import replace

from tonmeister.document.fold import APPLIED, MOVING, fold
from tonmeister.document.mix import Mix
from tonmeister.document.move import InsertChange, Move, PanChange
from tonmeister.document.strip import Strip
from tonmeister.document.text import canonical
from tonmeister.engineer.decide import work_on
from tonmeister.engineer.deciding import Decided
from tonmeister.engineer.settling import lopsided_db
from tonmeister.knowledge import number
from tonmeister.processing import DynamicEqualiser
from tonmeister.tasks import masking
from tonmeister.tasks.automation import asked

_SOLVED = ("mix", "solve", "replace")
"""First words of the journal's lines after which a document is as the engine left it."""
Pair = tuple[str, str]
"""Who gives way, for whom."""


def touched_since_solve(journal: str, mix: Mix) -> frozenset[str]:
    """Return the tracks whose strips a person changed since the last solve, and those for whose sake a changed move was made."""
    paths: list[str] = []
    for line in reversed(journal.splitlines()):
        entry = json.loads(line)
        if str(entry["why"]).split(" ")[0] in _SOLVED:
            break
        paths += entry.get("changed", ())
    found = {track.id for track in mix.tracks if any(path.startswith(f"tracks.{track.id}.strip") for path in paths)}
    for move in mix.moves:
        if any(path.startswith(f"moves.{move.id}.state") for path in paths):
            found |= {name for name in (move.where.track, _served(move)) if name is not None}
    return frozenset(found)


def hold_others(decided: Decided, former: Mix, touched: frozenset[str]) -> Decided:
    """Return the mix with the former cuts, sides and rides of tracks that have nothing to do with what has changed since the last solve."""
    if former.engine.version != decided.mix.engine.version:
        return decided
    changed = touched | _changed(decided.mix, former)
    return _hold_rides(_hold_sides(_hold_room(decided, former, changed), former, changed), former, changed)


def _hold_room(decided: Decided, former: Mix, changed: frozenset[str]) -> Decided:
    """Return the mix with the former moves of each pair of tracks of which neither has changed.

    Without this a fader that is gone leaves another picture of who covers whom, and cuts of tracks change that have nothing to do with
    it.  Where the covered track has changed, those that gave way for it already are decided anew, and nobody joins them.
    """
    old, new = ([move for move in mix.moves if _is_ours(move, "masking")] for mix in (former, decided.mix))
    gave = {_pair(move) for move in old}
    kept = [move for move in old if not _is_open(_pair(move), changed, gave)]
    fresh = [move for move in new if _is_open(_pair(move), changed, gave)]
    room = [*kept, *_within_bounds(fresh, kept, decided.mix)]
    if _changes(room) == _changes(new):
        return decided
    rest = tuple(move for move in decided.mix.moves if not _is_ours(move, "masking"))
    without = canonical(fold(decided.mix.model_copy(update={"moves": rest})))
    work = work_on(without, decided.facts, decided.heard)
    room = list(masking.promise_anew(work, room))
    return replace(decided, mix=canonical(fold(decided.mix.model_copy(update={"moves": (*rest, *room)}))))


def _hold_sides(decided: Decided, former: Mix, changed: frozenset[str]) -> Decided:
    """Return the mix with the former pans of all other tracks; what has changed goes where the sides are more even with them."""
    old = {m.id: m for m in former.moves if _is_ours(m, "panning") and isinstance(m.change, PanChange)}

    def held(move: Move, *, all_of_them: bool) -> Move:
        there = old.get(move.id) if _is_ours(move, "panning") else None
        if there is None or there.change == move.change or (move.where.track in changed and not all_of_them):
            return move
        return there.model_copy(update={"measured": None, "order": move.order})

    def mixed(*, all_of_them: bool) -> Mix:
        moves = tuple(held(move, all_of_them=all_of_them) for move in decided.mix.moves)
        return (
            decided.mix
            if moves == decided.mix.moves
            else canonical(fold(decided.mix.model_copy(update={"moves": moves})))
        )

    ways = [mixed(all_of_them=True), mixed(all_of_them=False)]
    return replace(decided, mix=min(ways, key=lambda mix: abs(lopsided_db(mix, decided.heard))))


def _hold_rides(decided: Decided, former: Mix, changed: frozenset[str]) -> Decided:
    """Return the mix with the former rides of all other tracks, as far as what they rest on is still there."""
    there = {move.id for move in decided.mix.moves if move.state in APPLIED}
    old, new = ([move for move in mix.moves if _is_ours(move, "automation")] for mix in (former, decided.mix))
    resting = {move.where.track for move in old if set(move.depends_on) - there}
    held = [move for move in old if move.where.track not in changed | resting]
    fresh = [move for move in new if move.where.track in changed | resting]
    if _changes([*held, *fresh]) == _changes(new):
        return decided
    ids = {move.id: move for move in new}
    held = [
        ids[m.id] if m.id in ids and ids[m.id].change == m.change else m.model_copy(update={"measured": None})
        for m in held
    ]
    rest = tuple(move for move in decided.mix.moves if not _is_ours(move, "automation"))
    return replace(decided, mix=canonical(fold(decided.mix.model_copy(update={"moves": (*rest, *held, *fresh)}))))


def _is_ours(move: Move, task: str) -> bool:
    is_settled = move.state != "accepted" or move.set_by != "engine" or asked.MARK in move.id
    return move.task == task and move.where.track is not None and not is_settled


def _served(move: Move) -> str | None:
    return move.expects.track if move.task == "masking" and move.expects is not None else None


def _pair(move: Move) -> Pair:
    return move.where.track or "", _served(move) or ""


def _is_open(pair: Pair, changed: frozenset[str] | set[str], gave: Iterable[Pair]) -> bool:
    return pair[0] in changed or (pair[1] in changed and pair in gave)


def _changed(mix: Mix, former: Mix) -> frozenset[str]:
    """Return the tracks that sound otherwise before anything gives way."""
    now, before = _bare_strips(mix), _bare_strips(former)
    return frozenset(name for name in now if name not in before or _as_heard(now[name]) != _as_heard(before[name]))


def _bare_strips(mix: Mix) -> dict[str, Strip]:
    """Return the strips without what gives way, and without what moves in time."""
    moves = tuple(move for move in mix.moves if move.task not in (*MOVING, "masking"))
    return {track.id: track.strip for track in fold(mix.model_copy(update={"moves": moves})).tracks}


def _as_heard(strip: Strip) -> Strip:
    """Return a strip without its place and its spaces."""
    plain = Strip()
    return strip.model_copy(update={"pan": plain.pan, "width": plain.width, "sends": (), "output": plain.output})


def _within_bounds(fresh: list[Move], kept: list[Move], mix: Mix) -> list[Move]:
    """Return the new moves that the bounds of a track and of a song still have room for."""
    found: list[Move] = []
    for move in fresh:
        made = [*kept, *found]
        of_track = sum(other.where.track == move.where.track for other in made)
        keyed = sum(_is_keyed(other) for other in made)
        if of_track < mix.budget.masking_cuts and not (_is_keyed(move) and keyed >= number("masking.keyed_most").value):
            found.append(move)
    return found


def _is_keyed(move: Move) -> bool:
    return isinstance(move.change, InsertChange) and isinstance(move.change.insert.processor, DynamicEqualiser)


def _changes(moves: list[Move]) -> dict[str, object]:
    return {move.id: move.change for move in moves}
