"""`tonmeister render`: after an edit of mix.json, only what changed."""

from typing import Annotated

import typer

from tonmeister.apps.cli.options import RESULT, AsJson, ResultFolder
from tonmeister.apps.cli.show import hand_over, progress_bar
from tonmeister.apps.cli.tables import show_mix


def render(
    out: ResultFolder,
    no_master: Annotated[bool, typer.Option("--no-master", rich_help_panel=RESULT, help="Stop at mix.wav.")] = False,
    report: Annotated[
        bool,
        typer.Option(
            "--report", rich_help_panel=RESULT, help="Measure every move anew; write report and sessions, too."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Render an edited mix.json again; what did not change comes from the cache.

    Strips, buses and the master that were edited by hand become locked moves of yours. report.html and sessions stay those
    of the mix before the edit, unless --report.
    """
    from tonmeister.engineer import render as render_again

    with progress_bar() as tell:
        result = render_again(out, with_master=not no_master, with_report=report, progress=tell)
    if not (as_json or report) and (out / "report.html").is_file():
        print("report.html and sessions are those of the mix before the edit; --report writes them anew.\n")
    hand_over(result, show_mix, as_json=as_json)
