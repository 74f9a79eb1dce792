"""`tonmeister render`: after an edit of mix.json, only what changed."""

from typing import Annotated

import typer

from tonmeister.apps.cli.options import AsJson, ResultFolder
from tonmeister.apps.cli.show import progress_bar, show_json


def render(
    out: ResultFolder,
    no_master: Annotated[bool, typer.Option("--no-master", help="Stop at mix.wav.")] = False,
    as_json: AsJson = False,
) -> None:
    """Render an edited mix.json again; what did not change comes from the cache."""
    from tonmeister.engineer import render as render_again

    with progress_bar() as tell:
        result = render_again(out, with_master=not no_master, progress=tell)
    if as_json:
        show_json(result.model_dump(mode="json"))
    else:
        from tonmeister.apps.cli.tables import show_mix

        show_mix(result)
    if result.misses:
        raise typer.Exit(3)
