"""Budgets that only the finished sound can break: the cause is lessened, a bounded number of times, and said."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.crest import Crest
from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix
from tonmeister.document.move import BandChange, Evidence, InsertChange, Move, TargetChange
from tonmeister.document.strip import MASTER
from tonmeister.document.text import canonical
from tonmeister.engineer.mastering import Mastered
from tonmeister.engineer.passes import is_drive_locked
from tonmeister.processing import Compressor

TARGET_MOVE = "mastering.target"
CREST_REASON = "peak to loudness ratio of the stems as they came, summed"
"""What the evidence says where the target gave way to the budget of crest."""
_ATTEMPTS = 2
_SPARE_DB = 0.02  # below what the loudness of the next pass may be off
_OF_MASTER = ("integrated_lufs", "true_peak_dbtp", "tilt_db_per_octave")


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A mix, its master, and the crest of what came out."""

    mix: Mix
    mastered: Mastered
    after: Crest
    power: NDArray[np.float64]
    """(40,) mean power of the master in each ERB band."""


def hold_crest(made: Held, came: Crest, again: Callable[[Mix], Held]) -> Held:
    """Aim the master lower until no more crest is lost than the budget allows: a budget wins over a target.

    Without effect (the mix itself lost it, or nothing limits) the first master stays. A target or a drive that a person set is theirs.
    """
    limit, first = made.mix.budget.master_crest_loss_db, made
    if limit is None:
        return made
    for _ in range(_ATTEMPTS):
        over = made.after.loss_db(came) - limit
        if over <= 0 or not _may_lower(made.mix) or made.mastered.figures.integrated_lufs is None:
            return made
        lower = made.mastered.figures.integrated_lufs - over - _SPARE_DB
        tried = again(_aimed_at(made.mix, lower, came))
        if tried.after.loss_db(came) - limit > over / 2:
            return first
        made = tried
    return made


def hold_brightness(
    made: Held, tilt_db: Callable[[Held], float], again: Callable[[Mix], Held]
) -> tuple[Held, tuple[str, ...]]:
    """Take the master's tone back, and then its glue, until the song is not brighter or darker than the budget allows.

    Compressors turn the lows down that drive them, which nobody foresees from settings. Says what was left out.
    """
    limit = made.mix.budget.tilt_change_db
    gone: list[str] = []
    for is_cause, name in ((_is_tone, "the master's tone"), (_is_glue, "the master's compressor")):
        off = abs(tilt_db(made))
        causes = {move.id for move in made.mix.moves if is_cause(move)}
        if off <= limit or not causes:
            continue
        tried = again(_without(made.mix, causes))
        if abs(tilt_db(tried)) < off:
            made, gone = tried, [*gone, f"tilt_change_db: {name} is left out"]
    return made, tuple(gone)


def _is_tone(move: Move) -> bool:
    return _is_ours_on_master(move) and isinstance(move.change, BandChange)


def _is_glue(move: Move) -> bool:
    is_compressor = isinstance(move.change, InsertChange) and isinstance(move.change.insert.processor, Compressor)
    return _is_ours_on_master(move) and is_compressor


def _is_ours_on_master(move: Move) -> bool:
    return move.where.bus == MASTER and move.state == "accepted" and move.set_by == "engine"


def _without(mix: Mix, ids: set[str]) -> Mix:
    kept = tuple(_forgotten(move) for move in mix.moves if move.id not in ids)
    return canonical(fold(mix.model_copy(update={"moves": kept})))


def _forgotten(move: Move) -> Move:
    """Return a move without what was measured of the master."""
    is_of_master = move.expects is not None and move.expects.metric in _OF_MASTER and move.expects.scope == "master"
    return move.model_copy(update={"measured": None}) if is_of_master else move


def _may_lower(mix: Mix) -> bool:
    target = next((move for move in mix.moves if move.id == TARGET_MOVE), None)
    is_ours = target is not None and target.state == "accepted" and target.set_by == "engine"
    return is_ours and mix.master.target_lufs is not None and not is_drive_locked(mix)


def _aimed_at(mix: Mix, lufs: float, came: Crest) -> Mix:
    """Return the mix with a quieter target, what was measured of the master forgotten."""
    lufs = round(lufs, 2)
    because = Evidence(
        what=CREST_REASON, value=came.plr_db or 0.0, limit=mix.budget.master_crest_loss_db, unit="dB",
        source=f"the budget {mix.budget.name!r}: master_crest_loss_db, the most of it that may be lost",
    )  # fmt: skip

    def changed(move: Move) -> Move:
        move = _forgotten(move)
        if move.id != TARGET_MOVE or not isinstance(move.change, TargetChange) or move.expects is None:
            return move
        others = tuple(reason for reason in move.because if reason.what != CREST_REASON)
        return move.model_copy(
            update={
                "title": f"Master to {lufs:.1f} LUFS, true peak at most {move.change.ceiling_dbtp:.1f} dBTP",
                "change": move.change.model_copy(update={"target_lufs": lufs}),
                "expects": move.expects.model_copy(update={"value": lufs}),
                "because": (*others, because),
            }
        )

    return canonical(fold(mix.model_copy(update={"moves": tuple(changed(move) for move in mix.moves)})))
