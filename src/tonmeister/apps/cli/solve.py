"""`tonmeister solve`: decide again around what a person locked or rejected, or say what a wish would take."""

from typing import Annotated

import typer

from tonmeister.apps.cli.options import (
    Arc,
    AsJson,
    Mood,
    Reference,
    ReferenceAmount,
    ResultFolder,
    Throw,
    Touch,
    split_names,
    unless_none,
)
from tonmeister.apps.cli.show import hand_over, progress_bar
from tonmeister.apps.cli.tables import show_mix, show_what_if
from tonmeister.errors import InputError

WhatIf = Annotated[
    str | None,
    typer.Option(
        "--what-if",
        metavar="TEXT",
        help="Decide nothing: show the cheapest changes that reach this, and their price, as in 'vocal +1 dB presence, master no louder'.",
    ),
]
Apply = Annotated[bool, typer.Option("--apply", help="Make the changes of --what-if moves of yours, and render.")]


def solve(
    out: ResultFolder,
    what_if: WhatIf = None,
    apply: Apply = False,
    touch: Touch = None,
    arc: Arc = None,
    throw: Throw = None,
    reference: Reference = None,
    reference_amount: ReferenceAmount = None,
    mood: Mood = None,
    as_json: AsJson = False,
) -> None:
    """Decide again around what you locked or rejected, and render.

    What would change by less than can be heard stays where it was. With --what-if nothing is written unless you add --apply, which
    `tonmeister undo OUT` takes back. --reference and --mood take the place of those of before; none takes them away.
    """
    if what_if is not None:
        from tonmeister.engineer import what_if as ask_what_if

        hand_over(ask_what_if(out, what_if, apply=apply), show_what_if, as_json=as_json)
        return
    if apply:
        raise InputError("--apply: there is nothing to apply; say what with --what-if.")
    from tonmeister.engineer import NewDirection
    from tonmeister.engineer import solve as solve_again

    moods = None if mood is None else unless_none(list(split_names(mood)))
    wanted = NewDirection(references=unless_none(reference), amounts=tuple(reference_amount or ()), moods=moods)
    with progress_bar() as tell:
        result = solve_again(
            out, touch=split_names(touch), arc=arc, throws=unless_none(throw), direction=wanted, progress=tell
        )
    hand_over(result, show_mix, as_json=as_json)
