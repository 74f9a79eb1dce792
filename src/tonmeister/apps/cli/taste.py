"""`tonmeister taste`: what was learnt from choices, where it is kept, and how to forget it."""

from typing import Annotated

import typer

from tonmeister.apps.cli.options import AsJson
from tonmeister.apps.cli.revision_tables import show_taste
from tonmeister.apps.cli.show import hand_over

Forget = Annotated[bool, typer.Option("--forget", help="Erase everything that was learnt.")]
About = Annotated[
    str | None,
    typer.Option("--about", metavar="WORDS", help="With --forget: only what holds these words, such as width or pop."),
]


def taste(forget: Forget = False, about: About = None, as_json: AsJson = False) -> None:
    """Show what was learnt of your taste from the readings that you chose or passed over.

    It is a text file on this machine, which nothing sends anywhere; it changes the order and the amounts of readings.
    """
    from tonmeister.assistant.taste import forget_taste, load_taste, save_taste

    if forget and about is None:
        forget_taste()
    elif forget and about is not None:
        save_taste(load_taste().without(about))
    hand_over(load_taste(), show_taste, as_json=as_json)
