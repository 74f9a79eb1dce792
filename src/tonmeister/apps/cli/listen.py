"""`tonmeister listen`: facts only."""

from pathlib import Path
from typing import Annotated

import typer

from tonmeister.apps.cli.options import AsJson, Source
from tonmeister.apps.cli.show import progress_bar, show_json


def listen(
    source: Source,
    roles: Annotated[Path | None, typer.Option(metavar="FILE", help="TOML or JSON with a role per track.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what came in: every track with its role, level and faults, and how the song goes."""
    from tonmeister.engineer import listen as listen_to

    with progress_bar() as tell:
        heard = listen_to(source, roles_file=roles, progress=tell)
    if as_json:
        show_json(heard.model_dump(mode="json"))
    else:
        from tonmeister.apps.cli.tables import show_heard

        show_heard(heard)
