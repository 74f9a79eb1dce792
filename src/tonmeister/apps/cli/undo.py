"""`tonmeister undo`: back to the document before the last change."""

from tonmeister.apps.cli.options import AsJson, ResultFolder
from tonmeister.apps.cli.show import show_json


def undo(out: ResultFolder, as_json: AsJson = False) -> None:
    """Take the last change of mix.json back; `tonmeister render OUT` makes it heard."""
    from tonmeister.engineer import undo as undo_last

    found = undo_last(out)
    if as_json:
        show_json([difference.model_dump(mode="json") for difference in found])
    else:
        from tonmeister.apps.cli.tables import show_differences

        show_differences(found)
