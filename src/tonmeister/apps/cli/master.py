"""`tonmeister master`: one stereo file to a target."""

from pathlib import Path
from typing import Annotated

import typer

from tonmeister.apps.cli.options import RESULT, AsJson, Budget, Ceiling, Target, read_options
from tonmeister.apps.cli.show import hand_over, progress_bar
from tonmeister.apps.cli.tables import show_master

Mixture = Annotated[Path, typer.Argument(metavar="FILE", help="The mix to master.")]
OutFile = Annotated[
    Path, typer.Option("--out", "-o", metavar="OUT.wav", rich_help_panel=RESULT, help="The master, a WAV file.")
]


def master(
    file: Mixture,
    out: OutFile,
    target: Target = "streaming",
    ceiling: Ceiling = None,
    budget: Budget = "balanced",
    as_json: AsJson = False,
) -> None:
    """Master a stereo mix: tone, loudness, true peaks.

    The tone is brought inside the band of released music, the loudness to the target, the true peaks under the ceiling.
    """
    wishes = read_options({"target": target, "ceiling_dbtp": ceiling, "budget": budget})
    from tonmeister.engineer import master as master_file

    with progress_bar() as tell:
        result = master_file(
            file, out, target=wishes.target, ceiling_dbtp=wishes.ceiling_dbtp, budget=wishes.budget, progress=tell
        )
    hand_over(result, show_master, as_json=as_json)
