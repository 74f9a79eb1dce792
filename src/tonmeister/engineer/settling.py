"""What a new solve leaves where it was: a move that would change by less than can be heard stays as it is."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tonmeister.analysis.loudness import integrated_from_energies
from tonmeister.document.fold import MOVING, fold, still_fader_db
from tonmeister.document.lane import Lane
from tonmeister.document.mix import Mix
from tonmeister.document.move import (
    BandChange,
    Change,
    Expectation,
    FaderChange,
    InsertChange,
    Move,
    PanChange,
    SendChange,
    WidthChange,
)
from tonmeister.document.text import canonical
from tonmeister.engineer.deciding import Decided
from tonmeister.processing import Compressor, DynamicEqualiser
from tonmeister.tasks import Heard
from tonmeister.tasks.expecting import LEAST_DB, balance_db, pan_gains
from tonmeister.tasks.moving import lane_values

_PAN_NEAR = 0.1
_MOVING_NEAR_DB, _WIDTH_NEAR = 0.25, 0.02
_LOPSIDED_DB = 1.5
"""Sides that are this even stay as they are, though another order would even them out further."""


def settle(decided: Decided, former: Mix) -> Decided:
    """Return the mix with its former faders, pans, sends, cuts and bus dynamics wherever the new ones are as good as the same.

    Without this, rejecting one compressor would move every fader by hundredths and swap sides of instruments that have nothing to do
    with it.
    """
    old = {move.id: move for move in former.moves if move.state == "accepted" and move.set_by == "engine"}
    kept = tuple(_kept(move, old.get(move.id), sides=True) for move in decided.mix.moves)
    mix = canonical(fold(decided.mix.model_copy(update={"moves": kept})))
    worst_db = max(_LOPSIDED_DB, abs(lopsided_db(decided.mix, decided.heard)))
    if abs(lopsided_db(mix, decided.heard)) > worst_db:
        kept = tuple(_kept(move, old.get(move.id), sides=False) for move in decided.mix.moves)
        mix = canonical(fold(decided.mix.model_copy(update={"moves": kept})))
    return replace(decided, mix=mix)


def lopsided_db(mix: Mix, heard: Mapping[str, Heard]) -> float:
    """Return right against left, from faders, pans and what was heard of single-channel strips."""
    left = right = 0.0
    for track in mix.tracks:
        lufs = integrated_from_energies(heard[track.id].energies_100ms) if track.id in heard else None
        if lufs is not None and track.channels == 1:
            power = 10 ** ((lufs + still_fader_db(mix, track.id)) / 10)
            gains = pan_gains(track.strip.pan.points[0].value, 1)
            left, right = left + power * gains[0] ** 2, right + power * gains[1] ** 2
    return balance_db(left, right)


def _kept(new: Move, old: Move | None, *, sides: bool) -> Move:
    if old is None or new.set_by != "engine" or new.state != "accepted":
        return new
    if new.task in MOVING:
        return _kept_moving(new, old)
    if not is_near(old.change, new.change, sides=sides):
        return new
    if isinstance(new.change, InsertChange) and new.where.bus is None and new.task != "masking":
        return new  # a strip's own chain hears only its own track, so it comes out the same by itself
    if isinstance(new.change, PanChange | SendChange):
        return old.model_copy(update={"measured": None, "order": new.order})  # what it promises hangs on nothing else
    return new.model_copy(
        update={"change": old.change, "title": old.title, "expects": _promise_of(old.change, new), "measured": None}
    )


def _kept_moving(new: Move, old: Move) -> Move:
    """Return a former ride or arc, with what it promised, where the new one goes the same way at all times."""
    if (old.expects is None) != (new.expects is None) or not _moves_alike(old.change, new.change):
        return new
    return old.model_copy(update={"measured": None, "order": new.order, "depends_on": new.depends_on})


def _moves_alike(old: Change, new: Change) -> bool:
    if isinstance(old, FaderChange) and isinstance(new, FaderChange):
        return _go_alike(old.change_db, new.change_db, _MOVING_NEAR_DB)
    if isinstance(old, SendChange) and isinstance(new, SendChange):
        same = old.send.bus == new.send.bus and old.over == new.over
        return same and _go_alike(old.send.level_db, new.send.level_db, _MOVING_NEAR_DB)
    if isinstance(old, WidthChange) and isinstance(new, WidthChange):
        return _go_alike(old.width, new.width, _WIDTH_NEAR)
    return isinstance(old, InsertChange) and isinstance(new, InsertChange) and _are_like_compressors(old, new)


def _go_alike(old: Lane, new: Lane, limit: float) -> bool:
    """Say whether two lanes stay near each other, whichever points they have."""
    times = np.array(sorted({point.time_s for point in (*old.points, *new.points)}))
    return old.law == new.law and bool((np.abs(lane_values(old, times) - lane_values(new, times)) < limit).all())


def _promise_of(change: Change, new: Move) -> Expectation | None:
    """Return the promise for the former change in the new surroundings."""
    promise = new.expects
    if promise is None or promise.before is None or not isinstance(change, FaderChange):
        return promise
    return promise.model_copy(update={"value": round(promise.before + change.change_db.points[0].value, 2)})


def is_near(old: Change, new: Change, *, sides: bool) -> bool:
    """Say whether two changes differ by less than can be heard; with `sides`, the other side counts as the same."""
    if isinstance(old, FaderChange) and isinstance(new, FaderChange):
        return _are_near(old.change_db, new.change_db, LEAST_DB)
    if isinstance(old, PanChange) and isinstance(new, PanChange):
        return _are_near(old.pan, new.pan, _PAN_NEAR) or (sides and _are_near(old.pan, _mirrored(new.pan), _PAN_NEAR))
    if isinstance(old, SendChange) and isinstance(new, SendChange):
        return old.send.bus == new.send.bus and _are_near(old.send.level_db, new.send.level_db, LEAST_DB)
    if isinstance(old, BandChange) and isinstance(new, BandChange):
        same = {"gain_db": 0.0}
        is_alike = old.slot == new.slot == "masking" and old.band.model_copy(update=same) == new.band.model_copy(
            update=same
        )
        return is_alike and abs(old.band.gain_db - new.band.gain_db) < LEAST_DB
    if not isinstance(old, InsertChange) or not isinstance(new, InsertChange):
        return False
    return _are_like_compressors(old, new) or _are_like_keyed_cuts(old, new)


def _are_like_compressors(old: InsertChange, new: InsertChange) -> bool:
    first, second = old.insert.processor, new.insert.processor
    if not isinstance(first, Compressor) or not isinstance(second, Compressor):
        return False
    same = {"threshold_db": 0.0}
    is_alike = old.insert.key == new.insert.key and first.model_copy(update=same) == second.model_copy(update=same)
    return is_alike and abs(first.threshold_db - second.threshold_db) < LEAST_DB


def _are_like_keyed_cuts(old: InsertChange, new: InsertChange) -> bool:
    first, second = old.insert.processor, new.insert.processor
    if not isinstance(first, DynamicEqualiser) or not isinstance(second, DynamicEqualiser):
        return False
    if old.insert.key != new.insert.key or len(first.bands) != len(second.bands):
        return False
    same = {"threshold_db": 0.0, "range_db": 0.0}
    return all(
        a.model_copy(update=same) == b.model_copy(update=same)
        and abs(a.threshold_db - b.threshold_db) < LEAST_DB
        and abs(a.range_db - b.range_db) < LEAST_DB
        for a, b in zip(first.bands, second.bands, strict=True)
    )


def _are_near(old: Lane, new: Lane, limit: float) -> bool:
    if old.law != new.law or [p.time_s for p in old.points] != [p.time_s for p in new.points]:
        return False
    return all(abs(a.value - b.value) < limit for a, b in zip(old.points, new.points, strict=True))


def _mirrored(lane: Lane) -> Lane:
    return lane.model_copy(update={"points": tuple(p.model_copy(update={"value": -p.value}) for p in lane.points)})
