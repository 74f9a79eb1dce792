"""`tonmeister export`: an editable DAW session of a mix."""

from typing import Annotated

import typer

from tonmeister.apps.cli.options import AsJson, ResultFolder
from tonmeister.apps.cli.show import show_json


def export(
    out: ResultFolder,
    to: Annotated[str, typer.Option(help="ardour")] = "ardour",
    as_json: AsJson = False,
) -> None:
    """Write an editable session next to the mix, and say what it could not carry."""
    from tonmeister.engineer import export as export_session

    result = export_session(out, to=to)
    if as_json:
        show_json(result.model_dump(mode="json"))
        return
    print(result.path)
    for sentence in result.lost:
        print(f"not carried: {sentence}")
