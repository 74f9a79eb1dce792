"""What of references and moods goes into the brief of a mix, and what is refused before any work is done."""

import numpy as np

from tonmeister.document.direction import Amounts, Reference
from tonmeister.document.mix import Brief, Mix
from tonmeister.engineer.decide import read_arc
from tonmeister.engineer.documents import load_mix
from tonmeister.engineer.mix_references import check_references
from tonmeister.engineer.options import MixOptions
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
