"""`tonmeister moves`: look at the moves of a mix, hear one before it is accepted, accept, reject or lock them."""

from pathlib import Path
from typing import Annotated

import typer

from tonmeister.apps.cli.options import AsJson, ResultFolder
from tonmeister.apps.cli.show import hand_over
from tonmeister.apps.cli.tables import show_chains, show_moves, show_preview
from tonmeister.errors import InputError

Action = Annotated[
    str | None,
    typer.Argument(
        metavar="ACTION",
        help="accept, reject or lock; preview writes the bars of one move, with and without it; leave it out to list all moves.",
    ),
]
Ids = Annotated[
    list[str] | None, typer.Argument(metavar="ID", help="Ids of moves; 'space.*' in quotes takes all that begin so.")
]


Chains = Annotated[
    bool, typer.Option("--chains", help="Show each voice's chain instead, in the order in which it runs, with reasons.")
]


def moves(
    out: ResultFolder, action: Action = None, ids: Ids = None, chains: Chains = False, as_json: AsJson = False
) -> None:
    """List the moves of a mix with their reasons; hear one; accept, reject or lock some.

    A rejected move is out of the mix and is not made again, a locked one stays as it is. `tonmeister render OUT` makes the
    change heard, `tonmeister solve OUT` decides the rest anew around it. Example: tonmeister moves out/ reject 'space.*'
    """
    from tonmeister.engineer import STATES, list_moves, load_mix, set_moves

    if chains and action is None:
        from tonmeister.deliver.chains import vocal_chains

        hand_over(vocal_chains(load_mix(out)), show_chains, as_json=as_json)
        return
    if action == "preview":
        _preview(out, ids or [], as_json=as_json)
        return
    if action is not None and action not in STATES:
        raise InputError(f"{action}: no such action; use {', '.join(STATES)}, preview, or none to list the moves.")
    found = list_moves(out) if action is None else set_moves(out, STATES[action], tuple(ids or ()))
    hand_over(found, show_moves, as_json=as_json)


def _preview(out: Path, ids: list[str], *, as_json: bool) -> None:
    from tonmeister.engineer import preview_move

    if len(ids) != 1:
        raise InputError(f"preview: give the id of one move, not {len(ids)}; `tonmeister moves {out}` lists them.")
    hand_over(preview_move(out, ids[0]), show_preview, as_json=as_json)
