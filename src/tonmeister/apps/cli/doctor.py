"""`tonmeister doctor`: what is installed, and what stands behind each kind of session."""

from typing import Annotated

import typer

from tonmeister.apps.cli.options import AsJson
from tonmeister.apps.cli.show import hand_over
from tonmeister.apps.cli.tables import show_doctor

Formats = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[FORMAT]...", help="Kinds of sessions, as of export --to; none shows all.", show_default=False
    ),
]


def doctor(formats: Formats = None, as_json: AsJson = False) -> None:
    """Say which optional parts are installed, what sessions were validated against, and what to check in your DAW."""
    from tonmeister.engineer import doctor as look

    hand_over(look(formats=tuple(formats or ())), show_doctor, as_json=as_json)
