"""`tonmeister render`: after an edit of mix.json, only what changed."""

from typing import Annotated

import typer

from tonmeister.apps.cli.options import RESULT, AsJson, ResultFolder
from tonmeister.apps.cli.show import hand_over, progress_bar
from tonmeister.apps.cli.tables import show_mix


def render(
    out: ResultFolder,
    no_master: Annotated[bool, typer.Option("--no-master", rich_help_panel=RESULT, help="Stop at mix.wav.")] = False,
    as_json: AsJson = False,
) -> None:
    """Render an edited mix.json again; what did not change comes from the cache.

    Strips, buses and the master that were edited by hand become locked moves of yours.
    """
    from tonmeister.engineer import render as render_again

    with progress_bar() as tell:
        result = render_again(out, with_master=not no_master, progress=tell)
    hand_over(result, show_mix, as_json=as_json)
