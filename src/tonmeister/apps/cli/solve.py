"""`tonmeister solve`: decide again around what a person locked or rejected, or say what a wish would take."""

from typing import Annotated

import typer

from tonmeister.apps.cli.options import Arc, AsJson, ResultFolder, Throw, Touch, read_throws, split_names
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
    as_json: AsJson = False,
) -> None:
    """Decide again around what you locked or rejected, and render.

    What would change by less than can be heard stays where it was. With --what-if nothing is written unless you add --apply, which
    `tonmeister undo OUT` takes back.
    """
    if what_if is not None:
        from tonmeister.engineer import what_if as ask_what_if

        hand_over(ask_what_if(out, what_if, apply=apply), show_what_if, as_json=as_json)
        return
    if apply:
        raise InputError("--apply: there is nothing to apply; say what with --what-if.")
    from tonmeister.engineer import solve as solve_again

    with progress_bar() as tell:
        result = solve_again(out, touch=split_names(touch), arc=arc, throws=read_throws(throw), progress=tell)
    hand_over(result, show_mix, as_json=as_json)
