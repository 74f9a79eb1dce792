"""`tonmeister session`: what was read of a DAW's session."""

from pathlib import Path
from typing import Annotated

import typer

from tonmeister.apps.cli.options import AsJson
from tonmeister.apps.cli.session_tables import show_session
from tonmeister.apps.cli.show import hand_over

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help="Session: .dawproject, .rpp, .als, .ardour (or its folder), .aaf, .logicx, .ptx."
    ),
]


def session(file: File, as_json: AsJson = False) -> None:
    """Say what a DAW's session holds: tracks, clips, levels, pans, sends, devices, tempo, markers, and what is not read.

    `tonmeister listen FILE` and `tonmeister mix FILE -o OUT` take the same file.
    """
    from tonmeister.engineer import read_session

    hand_over(read_session(file), show_session, as_json=as_json)
