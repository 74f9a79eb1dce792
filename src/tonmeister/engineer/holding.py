"""Budgets that only the finished sound can break: the cause is lessened, a bounded number of times, and said."""

from collections.abc import Callable
from dataclasses import dataclass

from tonmeister.analysis.crest import Crest
from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix
from tonmeister.document.move import Evidence, Move, TargetChange
from tonmeister.document.text import canonical
from tonmeister.engineer.mastering import Mastered
from tonmeister.engineer.passes import is_drive_locked

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


def hold_crest(made: Held, came: Crest, again: Callable[[Mix], Held]) -> Held:
    """Aim the master lower until no more crest is lost than the budget allows: a budget wins over a target.

    Without effect (the mix itself lost it, or nothing limits) the first master stays. A target or a drive that a person set is theirs.
    """
    limit, first = made.mix.budget.crest_loss_db, made
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


def _may_lower(mix: Mix) -> bool:
    target = next((move for move in mix.moves if move.id == TARGET_MOVE), None)
    is_ours = target is not None and target.state == "accepted" and target.set_by == "engine"
    return is_ours and mix.master.target_lufs is not None and not is_drive_locked(mix)


def _aimed_at(mix: Mix, lufs: float, came: Crest) -> Mix:
    """Return the mix with a quieter target, what was measured of the master forgotten."""
    lufs = round(lufs, 2)
    because = Evidence(
        what=CREST_REASON, value=came.plr_db or 0.0, limit=mix.budget.crest_loss_db, unit="dB",
        source=f"the budget {mix.budget.name!r}: crest_loss_db, the most of it that may be lost",
    )  # fmt: skip

    def changed(move: Move) -> Move:
        if move.expects is not None and move.expects.metric in _OF_MASTER and move.expects.scope == "master":
            move = move.model_copy(update={"measured": None})
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
