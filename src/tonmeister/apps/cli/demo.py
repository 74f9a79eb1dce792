"""`tonmeister demo`: the demo song's stems, and their mix."""

from typing import Annotated

import typer

from tonmeister.apps.cli.options import RESULT, AsJson, OutFolder
from tonmeister.apps.cli.show import hand_over, progress_bar, show_json
from tonmeister.apps.cli.tables import show_mix

StemsOnly = Annotated[bool, typer.Option("--stems-only", rich_help_panel=RESULT, help="Write the stems and end.")]


def demo(out: OutFolder, stems_only: StemsOnly = False, as_json: AsJson = False) -> None:
    """Write the demo song's stems, made by our own synthesiser, and mix them.

    OUT/stems gets the stems and truth.json (what is wrong with them on purpose), OUT/mix the mix. Stems that are there
    already and unchanged are kept.
    """
    from tonmeister.demo.kept import write_or_keep
    from tonmeister.demo.score import TITLE
    from tonmeister.demo.write import TRUTH_NAME
    from tonmeister.engineer import MixOptions
    from tonmeister.engineer import mix as mix_song

    with progress_bar() as tell:
        write_or_keep(out / "stems", progress=lambda what, share: tell("demo song", what, share))
        if not stems_only:
            result = mix_song(out / "stems", out / "mix", options=MixOptions(title=TITLE), progress=tell)
    if not stems_only:
        hand_over(result, show_mix, as_json=as_json)
        return
    stems = sorted(path.name for path in (out / "stems").glob("*.wav"))
    if as_json:
        show_json({"folder": str(out / "stems"), "stems": stems, "truth": TRUTH_NAME})
    else:
        print(f"{len(stems)} stems, and {TRUTH_NAME} (what is wrong with them on purpose), are in {out / 'stems'}.")
