"""What of references and moods goes into the brief of a mix, and what is refused before any work is done."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tonmeister.document.direction import Amounts, Reference
from tonmeister.document.mix import Brief, Mix
from tonmeister.engineer.decide import read_arc
from tonmeister.engineer.documents import load_mix
from tonmeister.engineer.mix_references import check_references
from tonmeister.engineer.options import MixOptions
from tonmeister.engineer.references import read_amounts
from tonmeister.errors import InputError
from tonmeister.knowledge.delivery import resolve_target
from tonmeister.knowledge.moods import moods_of_words, read_moods
from tonmeister.tasks.pacing.reference import NAME as OF_REFERENCES


def check_direction(options: MixOptions) -> None:
    """Refuse references, amounts and moods that cannot be used.

    Raises:
        InputError: If there is one.
    """
    check_references(options.references, options.reference_amounts)
    read_moods(options.moods)
    former = () if options.like is None else load_mix(options.like).brief.references
    if options.references or former:
        return
    if options.reference_amounts:
        raise InputError("--reference-amount: there is no reference; give one with --reference FILE.")
    check_arc_of(read_arc(options.arc), ())


def check_arc_of(arc: str, references: tuple[Reference, ...]) -> None:
    """Refuse the arc of references where there are none.

    Raises:
        InputError: If it is so.
    """
    if arc == OF_REFERENCES and not references:
        raise InputError(f"--arc {arc}: there is no reference; give one with --reference FILE.")


def with_direction(brief: Brief, options: MixOptions, references: tuple[Reference, ...], former: Mix | None) -> Brief:
    """Return the brief with references, amounts and moods; what is not said is as in the mix that this one is to be like."""
    before = Brief() if former is None else former.brief
    amounts = (
        check_references((), options.reference_amounts)
        if options.references or options.reference_amounts
        else before.amounts
    )
    said = read_moods(options.moods) or moods_of_words(brief.text) or before.moods
    kept = references or before.references
    fields = {"references": kept, "amounts": amounts, "moods": said, **_loudness(brief, kept, amounts)}
    return brief.model_copy(update=fields)


@dataclass(frozen=True, slots=True)
class NewDirection:
    """Another direction for a mix that is there; None keeps what its document says, `()` takes it back."""

    references: Sequence[str] | None = None
    """Recordings, portraits or mixes of ours, each with `=WEIGHT` where they differ."""
    amounts: Sequence[str] = ()
    """How far references are followed, as `tone=0.5`; what is not named stays."""
    moods: Sequence[str] | None = None
    """Named moods."""

    @property
    def is_asked(self) -> bool:
        """Say whether anything is to change."""
        return self.references is not None or self.moods is not None or bool(self.amounts)


def check_new_direction(new: NewDirection, brief: Brief, arc: str | None) -> None:
    """Refuse a new direction that cannot be used, before any work is done.

    Raises:
        InputError: If a reference, an amount, a mood or the arc of references makes no sense.
    """
    amounts = read_amounts(new.amounts, brief.amounts.model_dump())
    check_references(new.references or (), ())
    read_moods(new.moods or ())
    has_references = bool(brief.references) if new.references is None else bool(new.references)
    if new.amounts and not has_references:
        raise InputError("--reference-amount: there is no reference; give one with --reference FILE.")
    if amounts["loudness"] != brief.amounts.loudness:
        raise InputError(
            "--reference-amount loudness: a re-solve keeps the master's target; set it where the mix is made."
        )
    wanted = brief.arc if arc is None else read_arc(arc)
    if new.references is not None and wanted == OF_REFERENCES and not has_references:
        raise InputError(f"--arc {wanted}: there is no reference any more; name another arc.")


def redirected(mix: Mix, new: NewDirection, references: tuple[Reference, ...]) -> Mix:
    """Return the mix with another direction asked for; what a person said about the moves of the former one no longer counts, unless locked."""
    if not new.is_asked:
        return mix
    brief = mix.brief
    changed = brief.model_copy(
        update={
            "references": brief.references if new.references is None else references,
            "amounts": Amounts.model_validate(read_amounts(new.amounts, brief.amounts.model_dump())),
            "moods": brief.moods if new.moods is None else read_moods(new.moods),
        }
    )
    if changed == brief:
        return mix
    moves = tuple(move for move in mix.moves if move.task != "direction" or move.state == "locked")
    return mix.model_copy(update={"brief": changed, "moves": moves})


def _loudness(brief: Brief, references: tuple[Reference, ...], amounts: Amounts) -> dict[str, object]:
    """Return the target between the one asked for and the references' loudness; without an amount it stays."""
    known = [(one.portrait.integrated_lufs, one.weight) for one in references]
    levels = [(lufs, weight) for lufs, weight in known if lufs is not None]
    if not amounts.loudness or not levels:
        return {}
    lufs, ceiling, _ = resolve_target(brief.target, brief.ceiling_dbtp)
    theirs = float(np.average([lufs for lufs, _ in levels], weights=[weight for _, weight in levels]))
    wanted = (1 - amounts.loudness) * lufs + amounts.loudness * float(np.clip(theirs, -40, -5))
    return {"target": f"{wanted:.2f}", "ceiling_dbtp": ceiling}
