"""`tonmeister check`: what is wrong with a finished file, and where it will be heard."""

from pathlib import Path
from typing import Annotated

import typer

from tonmeister.apps.cli.options import RESULT, AsJson
from tonmeister.apps.cli.show import hand_over, progress_bar
from tonmeister.apps.cli.show_check import show_check

Finished = Annotated[
    Path, typer.Argument(metavar="FILE|OUT", help="A finished song, or the folder of a mix that tonmeister made.")
]
Against = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE|OUT", help="Another version: say what differs, by how much and where, at equal loudness."
    ),
]
Codecs = Annotated[
    bool,
    typer.Option(
        "--codecs", help="Encode and decode it (AAC, Opus, MP3, Vorbis, 128 to 320 kbit/s): true peak after each."
    ),
]
Previews = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        rich_help_panel=RESULT,
        help="Write files that play as each platform would: its loudness, its codec.",
    ),
]
Report = Annotated[
    Path | None, typer.Option(metavar="FILE", rich_help_panel=RESULT, help="Write an HTML page with pictures.")
]


def check(
    file: Finished,
    against: Against = None,
    codecs: Codecs = False,
    previews: Previews = None,
    report: Report = None,
    as_json: AsJson = False,
) -> None:
    """Check a finished song: faults, platforms, loudspeakers.

    Changes nothing. Each finding comes with what was measured, its limit, where that is from, and the smallest remedy; "no fault
    found" is a result. A fault ends it with exit code 3, notes do not. Example: tonmeister check master.wav --against old.wav
    """
    from tonmeister.engineer import check as check_file

    with progress_bar() as tell:
        result = check_file(file, against=against, codecs=codecs, previews=previews, report=report, progress=tell)
    hand_over(result, show_check, as_json=as_json)
