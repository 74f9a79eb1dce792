"""`tonmeister export`: an editable DAW session of a mix."""

from typing import Annotated

import typer

from tonmeister.apps.cli.options import RESULT, AsJson, ResultFolder
from tonmeister.apps.cli.show import hand_over
from tonmeister.apps.cli.tables import show_export

Format = Annotated[str, typer.Option(metavar="NAME", rich_help_panel=RESULT, help="Which DAW: ardour.")]


def export(out: ResultFolder, to: Format = "ardour", as_json: AsJson = False) -> None:
    """Write an editable DAW session into a mix, and say what it could not carry."""
    from tonmeister.engineer import export as export_session

    hand_over(export_session(out, to=to), show_export, as_json=as_json)
