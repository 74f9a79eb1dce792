"""`tonmeister export`: editable DAW sessions of a mix."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from tonmeister.apps.cli.options import RESULT, AsJson, ResultFolder
from tonmeister.apps.cli.show import hand_over, progress_bar
from tonmeister.apps.cli.tables import show_export

Formats = Annotated[
    str,
    typer.Option(
        metavar="LIST",
        rich_help_panel=RESULT,
        help="For which DAWs, with commas between: ardour, dawproject, reaper, ableton, aaf, stems.",
    ),
]
Media = Annotated[
    Literal["copy", "link"],
    typer.Option(
        metavar="WAY",
        rich_help_panel=RESULT,
        help="Put the sound into the session (copy), or play your files where they are and can be played (link).",
    ),
]
OwnSet = Annotated[
    Path | None,
    typer.Option(
        "--set", metavar="FILE", rich_help_panel=RESULT, help="Your Live set (.als), for ableton; it is only read."
    ),
]

Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        rich_help_panel=RESULT,
        help="Where to put the mixed Live set; never over one that is there.",
    ),
]


def export(
    out: ResultFolder,
    to: Formats = "ardour",
    media: Media = "copy",
    own_set: OwnSet = None,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Write editable DAW sessions into a mix, and say what they could not carry."""
    from tonmeister.engineer import export as export_sessions

    with progress_bar() as tell:
        result = export_sessions(out, to=to, media=media, own_set=own_set, output=output, progress=tell)
    hand_over(result, show_export, as_json=as_json)
