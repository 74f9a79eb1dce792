"""`tonmeister moves`: look at the moves of a mix, accept, reject or lock them."""

from typing import Annotated

import typer

from tonmeister.apps.cli.options import AsJson, ResultFolder
from tonmeister.apps.cli.show import show_json


def moves(
    out: ResultFolder,
    action: Annotated[
        str | None, typer.Argument(help="accept, reject or lock; leave it out to list the moves.")
    ] = None,
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of moves; `bass.*` matches several.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the moves of a mix with reason, promise and effect; or accept, reject or lock some."""
    from tonmeister.engineer import STATES, list_moves, set_moves

    if action is None:
        found = list_moves(out)
    elif action in STATES:
        found = set_moves(out, STATES[action], tuple(ids or ()))
    else:
        raise typer.BadParameter("use accept, reject or lock", param_hint="ACTION")
    if as_json:
        show_json([move.model_dump(mode="json") for move in found])
    else:
        from tonmeister.apps.cli.tables import show_moves

        show_moves(found)
