"""`tonmeister solve`: decide again around what a person locked or rejected."""

from tonmeister.apps.cli.options import AsJson, ResultFolder
from tonmeister.apps.cli.show import progress_bar, show_json


def solve(out: ResultFolder, as_json: AsJson = False) -> None:
    """Decide again: locked and rejected moves stay, the rest is solved anew, then everything is rendered."""
    from tonmeister.engineer import solve as solve_again

    with progress_bar() as tell:
        result = solve_again(out, progress=tell)
    if as_json:
        show_json(result.model_dump(mode="json"))
    else:
        from tonmeister.apps.cli.tables import show_mix

        show_mix(result)
