"""`tonmeister replace`: another take in the place of a track."""

from pathlib import Path
from typing import Annotated

import typer

from tonmeister.apps.cli.options import AsJson, ResultFolder
from tonmeister.apps.cli.show import hand_over, progress_bar
from tonmeister.apps.cli.tables import show_mix

Track = Annotated[
    str, typer.Argument(metavar="TRACK", help="The track: its id, its file's name, or a role that only it has.")
]
File = Annotated[Path, typer.Argument(metavar="FILE", help="The new take; it starts where the old one starts.")]


def replace(out: ResultFolder, track: Track, file: File, as_json: AsJson = False) -> None:
    """Put another take in the place of a track, keep every move, and render.

    Only what depends on the sound is made anew: trim, repairs, rides, thresholds, and the fader, so that the take sits where the old
    one sat. What you locked stays as it is. `tonmeister undo OUT` brings the old take back. Example: tonmeister replace out/ vox take7.wav
    """
    from tonmeister.engineer import replace as replace_take

    with progress_bar() as tell:
        result = replace_take(out, track, file, progress=tell)
    hand_over(result, show_mix, as_json=as_json)
