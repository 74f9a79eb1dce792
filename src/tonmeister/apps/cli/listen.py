"""`tonmeister listen`: facts only."""

from pathlib import Path
from typing import Annotated

import typer

from tonmeister.apps.cli.options import RESULT, AsJson, Roles, Source
from tonmeister.apps.cli.show import hand_over, progress_bar
from tonmeister.apps.cli.tables import show_heard

Report = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=RESULT,
        help="Write a page with pictures: song map, activity, masking, spectra; a folder gets listen.html.",
    ),
]


def listen(source: Source, roles: Roles = None, report: Report = None, as_json: AsJson = False) -> None:
    """Say what came in: roles, levels, faults, how the song goes, and what covers what."""
    from tonmeister.engineer import listen as listen_to

    with progress_bar() as tell:
        heard = listen_to(source, roles_file=roles, report=report, progress=tell)
    hand_over(heard, show_heard, as_json=as_json)
