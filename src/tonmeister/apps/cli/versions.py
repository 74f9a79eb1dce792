"""`tonmeister versions`: the versions of a mix, their names, and who approved them."""

from typing import Annotated

import typer

from tonmeister.apps.cli.options import AsJson, ResultFolder
from tonmeister.apps.cli.revision_tables import show_versions
from tonmeister.apps.cli.show import hand_over

Number = Annotated[int | None, typer.Option("--number", metavar="N", help="Which version; default: the last.")]
Name = Annotated[str | None, typer.Option("--name", metavar="NAME", help="Give it a name.")]
Approve = Annotated[str | None, typer.Option("--approve", metavar="WHO", help="Note that this person approved it.")]


def versions(
    out: ResultFolder, name: Name = None, approve: Approve = None, number: Number = None, as_json: AsJson = False
) -> None:
    """List the versions of a mix: what was asked for, what was done, who approved it.

    Example: tonmeister versions out/ --name "for the label" --approve Ada
    """
    from tonmeister.assistant.versions import approve_version, list_versions, name_version

    if name is not None:
        name_version(out, name, number=number)
    if approve is not None:
        approve_version(out, approve, number=number)
    hand_over(list_versions(out), show_versions, as_json=as_json)
