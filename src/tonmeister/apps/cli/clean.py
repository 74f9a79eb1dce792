"""`tonmeister clean`: recordings without what does not belong in them."""

from pathlib import Path
from typing import Annotated

import typer

from tonmeister.apps.cli.options import RESULT, AsJson
from tonmeister.apps.cli.show import hand_over, progress_bar
from tonmeister.apps.cli.tables import show_cleaned
from tonmeister.errors import InputError

REPAIR = "What is mended"
Recording = Annotated[Path, typer.Argument(metavar="SOURCE", help="A recording, or a folder of them.")]
OutPlace = Annotated[
    Path,
    typer.Option(
        "--out", "-o", metavar="OUT", rich_help_panel=RESULT,
        help="The clean file (.wav, .flac, .ogg, .mp3); for a folder a folder.",
    ),
]  # fmt: skip
Residual = Annotated[
    Path | None, typer.Option(metavar="FILE", rich_help_panel=RESULT, help="Write what was taken away, to listen to.")
]
Report = Annotated[
    Path | None,
    typer.Option(metavar="FILE", rich_help_panel=RESULT, help="Write an HTML page: before, after, removed, as pictures and sound."),
]  # fmt: skip
Preset = Annotated[
    str, typer.Option(metavar="NAME", rich_help_panel=REPAIR, help="How far it goes: gentle, balanced or strong.")
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KIND", rich_help_panel=REPAIR,
        help="Only this repair, looked for in any case; may be given several times. clipping, offset, azimuth, clicks, hum, "
        "motor, wow, rumble, noise, room, mouth-clicks, wind, plosives, breaths, sibilance, bandwidth.",
    ),
]  # fmt: skip
Region = Annotated[
    list[str] | None,
    typer.Option(
        metavar="START-END[:KIND]", rich_help_panel=REPAIR,
        help="Work only there, in seconds or minutes:seconds; with a kind, mend it as gap, clicks, plosives or breaths. "
        "May be given several times.",
    ),
]  # fmt: skip
Kind = Annotated[
    str,
    typer.Option(
        metavar="KIND", rich_help_panel=REPAIR, help="What plays: voice (one alone), music, or auto to let it listen."
    ),
]
Podcast = Annotated[
    bool,
    typer.Option(
        "--podcast", rich_help_panel=REPAIR,
        help="Even the level, -16 LUFS (-19 mono), -1 dBTP; list long pauses and filled ones.",
    ),
]  # fmt: skip


def clean(
    source: Recording,
    out: OutPlace,
    residual: Residual = None,
    report: Report = None,
    preset: Preset = "balanced",
    only: Only = None,
    region: Region = None,
    kind: Kind = "auto",
    podcast: Podcast = False,
    as_json: AsJson = False,
) -> None:
    """Clean recordings: hum, noise, clicks, clipping, room, breaths.

    Listens first and mends only what it finds; each repair is tested for harm and stopped by it. A clean recording comes out
    as it went in, to the bit.
    """
    from tonmeister.engineer import CleanOptions
    from tonmeister.engineer import clean as clean_recordings
    from tonmeister.engineer.clean_options import read_kinds, read_region

    options = CleanOptions(
        preset=_one_of("--preset", preset, ("gentle", "balanced", "strong")),
        only=read_kinds(tuple(only or ())),
        regions=tuple(read_region(text) for text in region or ()),
        material=_one_of("--kind", kind, ("auto", "voice", "music")),
        podcast=podcast,
    )
    with progress_bar() as tell:
        result = clean_recordings(source, out, residual=residual, report=report, options=options, progress=tell)
    hand_over(result, show_cleaned, as_json=as_json)


def _one_of(option: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise InputError(f"{option} {value}: no such {option.strip('-')}; there are {', '.join(known)}.")
    return value
