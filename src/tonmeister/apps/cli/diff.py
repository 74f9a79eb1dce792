"""`tonmeister diff`: what differs between two mixes."""

from pathlib import Path
from typing import Annotated

import typer

from tonmeister.apps.cli.options import AsJson
from tonmeister.apps.cli.show import show_json


def diff(
    before: Annotated[Path, typer.Argument(help="A result folder or a mix.json.")],
    after: Annotated[Path, typer.Argument(help="Another.")],
    as_json: AsJson = False,
) -> None:
    """Say what differs between two mixes: moves, strips, buses, master."""
    from tonmeister.engineer import diff as diff_mixes

    found = diff_mixes(before, after)
    if as_json:
        show_json([difference.model_dump(mode="json") for difference in found])
    else:
        from tonmeister.apps.cli.tables import show_differences

        show_differences(found)
