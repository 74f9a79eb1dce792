"""A mix on disk, and its result in numbers for the person."""

from dataclasses import dataclass
from pathlib import Path

from tonmeister.document.artefact import Artefact
from tonmeister.document.inventory import Incoming
from tonmeister.document.mix import Mix
from tonmeister.document.move import Move
from tonmeister.engineer.holding import CREST_REASON, TARGET_MOVE
from tonmeister.engineer.mastering import Mastered
from tonmeister.engineer.result import MixResult, MovesSummary
from tonmeister.engineer.stages import Stages
from tonmeister.knowledge.delivery import resolve_target

_ROUNDING_LU = 0.005


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """A mix on disk, and what was measured on it."""

    mix: Mix
    mastered: Mastered | None
    mix_lufs: float | None
    computed: dict[str, int]
    files: tuple[str, ...]
    lessened: tuple[str, ...] = ()
    artefacts: tuple[Artefact, ...] = ()


def summarise(out: Path, made: Finished, stages: Stages, *, incoming: tuple[Incoming, ...]) -> MixResult:
    """Return the result in numbers."""
    promised: list[Move] = [m for m in made.mix.moves if m.expects is not None and m.state in ("accepted", "locked")]
    unread = [item for item in incoming if item.state in ("unreadable", "too many channels")]
    tracks = tuple(f"{item.name} is not in the mix: {item.why}" for item in unread)
    budgets = tuple(
        f"The budget {use.budget} is exceeded: {use.used:g} instead of at most {use.limit:g}."
        for use in made.mix.budget_use
        if not use.held
    )
    return MixResult(
        out=out,
        files=made.files,
        song=made.mix.song,
        brief=made.mix.brief,
        direction=made.mix.direction,
        incoming=incoming,
        mixed=sum(track.used for track in made.mix.tracks),
        is_premixed=made.mix.stems == "balanced",
        moves=MovesSummary(
            total=len(made.mix.moves),
            promised=len(promised),
            kept=sum(m.measured is not None and m.measured.kept for m in promised),
            missed=tuple(m.id for m in promised if m.measured is not None and not m.measured.kept),
        ),
        mix_lufs=made.mix_lufs,
        master=None if made.mastered is None else made.mastered.figures,
        budget_use=made.mix.budget_use,
        artefacts=made.artefacts,
        misses=(*(made.mastered.misses if made.mastered else ()), *_lowered_target(made), *budgets, *tracks),
        lessened=made.lessened,
        stages=stages.times,
        computed=made.computed,
    )


def _lowered_target(made: Finished) -> tuple[str, ...]:
    """Say that the master was aimed lower than asked for, and which budget asked for that."""
    mix = made.mix
    asked, _, _ = resolve_target(mix.brief.target)
    aimed = mix.master.target_lufs
    if made.mastered is None or aimed is None or asked - aimed <= _ROUNDING_LU:
        return ()
    start = f"The master aims at {aimed:.1f} LUFS instead of {asked:.1f}: "
    if aimed == mix.budget.loudest_master_lufs:
        return (
            f"{start}the budget {mix.budget.name!r} allows nothing louder. Use --budget bold, or a quieter target.",
        )
    target = next((move for move in mix.moves if move.id == TARGET_MOVE), None)
    if target is None or all(reason.what != CREST_REASON for reason in target.because):
        return ()
    sentence = (
        f"{start}louder it would lose more than the {mix.budget.master_crest_loss_db or 0.0:g} dB of crest that the budget "
        f"{mix.budget.name!r} allows. Use another budget, or a quieter target."
    )
    return (sentence,)
