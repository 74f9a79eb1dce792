"""`tonmeister listen`: facts only."""

from tonmeister.apps.cli.options import AsJson, Roles, Source
from tonmeister.apps.cli.show import hand_over, progress_bar
from tonmeister.apps.cli.tables import show_heard


def listen(source: Source, roles: Roles = None, as_json: AsJson = False) -> None:
    """Say what came in: roles, levels, faults, and how the song goes."""
    from tonmeister.engineer import listen as listen_to

    with progress_bar() as tell:
        heard = listen_to(source, roles_file=roles, progress=tell)
    hand_over(heard, show_heard, as_json=as_json)
