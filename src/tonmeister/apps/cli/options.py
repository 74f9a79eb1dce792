"""Options that several commands share, each said once."""

from pathlib import Path
from typing import Annotated

import typer

Source = Annotated[Path, typer.Argument(help="Folder of stems, or one file that holds several (stem.mp4).")]
ResultFolder = Annotated[Path, typer.Argument(metavar="OUT", help="Folder of a mix made by tonmeister.")]
OutFolder = Annotated[Path, typer.Option("--out", "-o", help="Folder for the result; made if it is not there.")]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON value on standard output; progress goes to standard error.")
]
Target = Annotated[
    str, typer.Option(help="streaming, club, cd, broadcast, podcast, or a loudness in LUFS such as -12.")
]
Ceiling = Annotated[float | None, typer.Option(metavar="DBTP", help="True-peak ceiling; default: the target's.")]
