"""`tonmeister diff`: what differs between two mixes."""

from pathlib import Path
from typing import Annotated

import typer

from tonmeister.apps.cli.options import AsJson
from tonmeister.apps.cli.show import hand_over
from tonmeister.apps.cli.tables import show_differences

Before = Annotated[Path, typer.Argument(metavar="BEFORE", help="Folder of a mix, or a mix.json.")]
After = Annotated[Path, typer.Argument(metavar="AFTER", help="Another one.")]


def diff(before: Before, after: After, as_json: AsJson = False) -> None:
    """Say what differs between two mixes: moves, strips, buses, master."""
    from tonmeister.engineer import diff as diff_mixes

    hand_over(diff_mixes(before, after), show_differences, as_json=as_json)
