"""`tonmeister undo`: back to the document before the last change."""

from tonmeister.apps.cli.options import AsJson, ResultFolder
from tonmeister.apps.cli.show import hand_over
from tonmeister.apps.cli.tables import show_differences


def undo(out: ResultFolder, as_json: AsJson = False) -> None:
    """Take the last change of mix.json back; call it again for the one before.

    `tonmeister render OUT` makes it heard.
    """
    from tonmeister.engineer import undo as undo_last

    hand_over(undo_last(out), show_differences, as_json=as_json)
