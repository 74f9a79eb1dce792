"""`tonmeister demo`: the demo song's stems, and their mix."""

from typing import Annotated

import typer

from tonmeister.apps.cli.options import AsJson, OutFolder
from tonmeister.apps.cli.show import progress_bar, show_json


def demo(
    out: OutFolder,
    stems_only: Annotated[bool, typer.Option("--stems-only", help="Write the stems and end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the demo song's stems, made by our own synthesiser, and mix them."""
    from tonmeister.demo import write_demo
    from tonmeister.engineer import MixOptions
    from tonmeister.engineer import mix as mix_song

    with progress_bar() as tell:
        stems = out / "stems"
        tell("demo song", str(stems), 0.0)
        write_demo(stems)
        tell("demo song", str(stems), 1.0)
        if stems_only:
            return
        result = mix_song(stems, out / "mix", options=MixOptions(), progress=tell)
    if as_json:
        show_json(result.model_dump(mode="json"))
    else:
        from tonmeister.apps.cli.tables import show_mix

        show_mix(result)
