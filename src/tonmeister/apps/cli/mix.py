"""`tonmeister mix`: the main job."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from tonmeister.apps.cli.options import AsJson, Ceiling, OutFolder, Source, Target
from tonmeister.apps.cli.show import progress_bar, show_json


def mix(
    source: Source,
    out: OutFolder,
    brief: Annotated[str, typer.Option(help="What you want, in words; kept in the document.")] = "",
    genre: Annotated[str | None, typer.Option(help="Genre; default: none assumed.")] = None,
    target: Target = "streaming",
    ceiling: Ceiling = None,
    roles: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="TOML or JSON: per track role, priority, pan, reverb_db, lock, leave_alone."),
    ] = None,
    budget: Annotated[str, typer.Option(help="transparent, balanced, bold, or a TOML file.")] = "balanced",
    start: Annotated[
        str, typer.Option(help="as-is keeps the balance of the stems, from-scratch makes one, auto finds out.")
    ] = "auto",
    only: Annotated[list[str] | None, typer.Option(help="Mix this track only; repeat for more.")] = None,
    preview: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Only the loudest representative excerpt, in seconds.")
    ] = None,
    sessions: Annotated[str, typer.Option(help="DAW sessions to write, comma-separated (ardour), or none.")] = "none",
    no_master: Annotated[bool, typer.Option("--no-master", help="Stop at mix.wav.")] = False,
    no_verify: Annotated[bool, typer.Option("--no-verify", hidden=True)] = False,
    no_report: Annotated[bool, typer.Option("--no-report", hidden=True)] = False,
    as_json: AsJson = False,
) -> None:
    """Mix a song: stems in; mix, master, document, report and DAW session out."""
    from tonmeister.engineer import MixOptions
    from tonmeister.engineer import mix as mix_song

    options = MixOptions(
        brief=brief, genre=genre, target=target, ceiling_dbtp=ceiling, roles_file=roles, budget=budget,
        start=_start(start), only=tuple(only or ()), preview_s=preview,
        sessions=tuple(name for name in sessions.split(",") if name and name != "none"), with_master=not no_master,
        with_verify=not no_verify, with_report=not no_report,
    )  # fmt: skip
    with progress_bar() as tell:
        result = mix_song(source, out, options=options, progress=tell)
    if as_json:
        show_json(result.model_dump(mode="json"))
    else:
        from tonmeister.apps.cli.tables import show_mix

        show_mix(result)
    if result.misses:
        raise typer.Exit(3)


def _start(words: str) -> Literal["as-is", "from-scratch", "auto"]:
    for known in ("as-is", "from-scratch", "auto"):
        if words == known:
            return known
    raise typer.BadParameter("use as-is, from-scratch or auto", param_hint="--start")
