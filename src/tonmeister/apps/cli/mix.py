"""`tonmeister mix`: the main job."""

from pathlib import Path
from typing import Annotated

import typer

from tonmeister.apps.cli.options import (
    RESULT,
    SOUND,
    WORK,
    Arc,
    AsJson,
    Budget,
    Ceiling,
    Mood,
    OutFolder,
    Reference,
    ReferenceAmount,
    Roles,
    Source,
    Target,
    Throw,
    Touch,
    read_options,
    split_names,
    unless_none,
)
from tonmeister.apps.cli.show import hand_over, progress_bar
from tonmeister.apps.cli.tables import show_mix

Brief = Annotated[
    str, typer.Option(metavar="TEXT", rich_help_panel=SOUND, help="What you want, in words; kept in the document.")
]
Genre = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        rich_help_panel=SOUND,
        help="Genre by name, or none; default: what the brief says, or the instruments suggest.",
    ),
]
Like = Annotated[
    Path | None,
    typer.Option(
        metavar="OUT",
        rich_help_panel=SOUND,
        help="Mix like this mix of yours: its target and budget, and by role what you changed or rejected there.",
    ),
]
LinearPhase = Annotated[
    bool,
    typer.Option(
        "--linear-phase", rich_help_panel=SOUND, help="Equalise in linear phase: no phase shift, but it rings before."
    ),
]
Title = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT", rich_help_panel=RESULT, help="Name of the song in report and sessions; default: SOURCE's."
    ),
]
Start = Annotated[
    str,
    typer.Option(
        metavar="HOW",
        rich_help_panel=WORK,
        help="as-is keeps the balance that the stems came with, from-scratch makes one, auto finds out which they need.",
    ),
]
AlignDoubles = Annotated[
    bool,
    typer.Option(
        "--align-doubles",
        rich_help_panel=WORK,
        help="Move the phrases of doubles and harmonies to the lead's; without it their offsets are only told.",
    ),
]
Only = Annotated[
    list[str] | None, typer.Option(metavar="TRACK", rich_help_panel=WORK, help="Mix this track only; repeat for more.")
]
Preview = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        rich_help_panel=RESULT,
        help="Only the loudest representative excerpt, of this length; without sessions.",
    ),
]
Sessions = Annotated[
    str | None,
    typer.Option(
        metavar="LIST",
        rich_help_panel=RESULT,
        help="DAW sessions to write, with commas between (as of export --to), or none; default: ardour.",
    ),
]
NoMaster = Annotated[bool, typer.Option("--no-master", rich_help_panel=RESULT, help="Stop at mix.wav.")]
NoVerify = Annotated[bool, typer.Option("--no-verify", hidden=True, help="Measure no promise (for benchmarks).")]
NoReport = Annotated[bool, typer.Option("--no-report", hidden=True, help="Write no report (for benchmarks).")]


def mix(
    source: Source,
    out: OutFolder,
    roles: Roles = None,
    start: Start = "auto",
    only: Only = None,
    touch: Touch = None,
    align_doubles: AlignDoubles = False,
    brief: Brief = "",
    genre: Genre = None,
    linear_phase: LinearPhase = False,
    target: Target = "streaming",
    ceiling: Ceiling = None,
    budget: Budget = "balanced",
    like: Like = None,
    arc: Arc = None,
    throw: Throw = None,
    reference: Reference = None,
    reference_amount: ReferenceAmount = None,
    mood: Mood = None,
    title: Title = None,
    preview: Preview = None,
    sessions: Sessions = None,
    no_master: NoMaster = False,
    no_verify: NoVerify = False,
    no_report: NoReport = False,
    as_json: AsJson = False,
) -> None:
    """Mix a song: stems or a session in; mix, master, document, report and sessions out.

    Example: tonmeister mix song/ -o out/ --target -12 --roles roles.toml
    """
    wishes: dict[str, object] = {
        "brief": brief, "genre": genre, "linear_phase": linear_phase, "title": title, "target": target, "ceiling_dbtp": ceiling, "roles_file": roles,
        "budget": budget, "arc": arc or "auto", "throws": unless_none(throw) or (), "like": like, "start": start, "only": tuple(only or ()), "touch": split_names(touch),
        "references": tuple(reference or ()), "reference_amounts": tuple(reference_amount or ()), "moods": split_names(mood),
        "align_doubles": align_doubles, "preview_s": preview, "with_master": not no_master,
        "with_verify": not no_verify, "with_report": not no_report,
    }  # fmt: skip
    if sessions is not None:
        wishes["sessions"] = tuple(name.strip() for name in sessions.split(",") if name.strip() not in ("", "none"))
    options = read_options(wishes)
    from tonmeister.engineer import mix as mix_song

    with progress_bar() as tell:
        result = mix_song(source, out, options=options, progress=tell)
    hand_over(result, show_mix, as_json=as_json)
