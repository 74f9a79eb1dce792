"""`tonmeister master`: one stereo file to a target."""

from pathlib import Path
from typing import Annotated

import typer

from tonmeister.apps.cli.options import AsJson, Ceiling, Target
from tonmeister.apps.cli.show import progress_bar, show_json


def master(
    file: Annotated[Path, typer.Argument(help="The mix to master.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The master, a WAV file.")],
    target: Target = "streaming",
    ceiling: Ceiling = None,
    budget: Annotated[str, typer.Option(help="transparent, balanced, bold, or a TOML file.")] = "balanced",
    as_json: AsJson = False,
) -> None:
    """Master a stereo mix: tone inside the band of released music, loudness to the target, true peaks under the ceiling."""
    from tonmeister.engineer import master as master_file

    with progress_bar() as tell:
        result = master_file(file, out, target=target, ceiling_dbtp=ceiling, budget=budget, progress=tell)
    if as_json:
        show_json(result.model_dump(mode="json"))
    else:
        from tonmeister.apps.cli.tables import show_master

        show_master(result)
    if result.misses:
        raise typer.Exit(3)
