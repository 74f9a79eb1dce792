"""`tonmeister solve`: decide again around what a person locked or rejected."""

from tonmeister.apps.cli.options import Arc, AsJson, ResultFolder
from tonmeister.apps.cli.show import hand_over, progress_bar
from tonmeister.apps.cli.tables import show_mix


def solve(out: ResultFolder, arc: Arc = None, as_json: AsJson = False) -> None:
    """Decide again around what you locked or rejected, and render."""
    from tonmeister.engineer import solve as solve_again

    with progress_bar() as tell:
        result = solve_again(out, arc=arc, progress=tell)
    hand_over(result, show_mix, as_json=as_json)
