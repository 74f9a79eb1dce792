"""Options that several commands share, each said once, and wishes that do not hold as one sentence."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from tonmeister.errors import InputError

SOUND, WORK, RESULT = "What it should sound like", "What goes in", "What comes out"
"""Headings under which `--help` shows options."""

Source = Annotated[
    Path,
    typer.Argument(
        metavar="SOURCE",
        help="Folder of stems, one file that holds several (stem.mp4), or a DAW's session (.dawproject, .rpp, .als, .ardour, .aaf, …).",
    ),
]
ResultFolder = Annotated[Path, typer.Argument(metavar="OUT", help="Folder of a mix that tonmeister made.")]
OutFolder = Annotated[
    Path,
    typer.Option(
        "--out", "-o", metavar="OUT", rich_help_panel=RESULT, help="Folder for the result; made if it is not there."
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON value on standard output; progress goes to standard error.")
]
TARGETS = "streaming, club, cd, broadcast, atsc, podcast, vinyl, a platform (spotify, apple-music, youtube, …), or a loudness in LUFS such as -12."
Target = Annotated[
    str,
    typer.Option(
        metavar="NAME|LUFS",
        rich_help_panel=SOUND,
        help=TARGETS,
    ),
]
Ceiling = Annotated[
    float | None,
    typer.Option(
        metavar="DBTP", rich_help_panel=SOUND, help="True-peak ceiling in dBTP, such as -1; default: the target's."
    ),
]
Budget = Annotated[
    str,
    typer.Option(
        metavar="NAME|FILE",
        rich_help_panel=SOUND,
        help="How far it may go: transparent, balanced, bold, or a TOML file of your own.",
    ),
]
Arc = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        rich_help_panel=SOUND,
        help="How the song's energy goes: gentle, keep-the-demo, slow-burn, second-chorus-bigger, intimate-bridge, reference, or none; "
        "default: gentle where sections are sure, with references theirs.",
    ),
]
Throw = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PLACE",
        rich_help_panel=SOUND,
        help="Throw the word there into the delay, or the reverb: '1:12.4', 'bar 33', 'last word of verse 2', \"'tonight' before the "
        "second chorus\", 'reverb on the last word before the bridge'; repeat for more, none for none.",
    ),
]
Reference = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FILE|OUT[=WEIGHT]",
        rich_help_panel=SOUND,
        help="A recording, or a mix of yours, that this one is to be like in tone, width, dynamics and arc; up to three. Loudness is not taken over.",
    ),
]
ReferenceAmount = Annotated[
    list[str] | None,
    typer.Option(
        metavar="DIMENSION=AMOUNT",
        rich_help_panel=SOUND,
        help="How far references are followed, 0 to 1: tone=0.8, width=0.8, dynamics=0.5, arc=0.7, loudness=0 unless said.",
    ),
]
Mood = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        rich_help_panel=SOUND,
        help="What the whole is to feel like: intimate, warm, dark, bright, dreamy, melancholic, calm, aggressive, energetic, epic; repeat "
        "for more. Default: what the brief says.",
    ),
]
Roles = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=WORK,
        help="TOML or JSON, a row for each track that you know more of: role, priority, pan, reverb_db, lock, tune, align, reinforce, leave_alone.",
    ),
]

Touch = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAMES",
        rich_help_panel=WORK,
        help="Make moves only here: tracks, roles, families or buses, with commas between (vocals, kick, master); all else stays.",
    ),
]


def split_names(said: list[str] | None) -> tuple[str, ...]:
    """Return names that were given with commas between, or one by one."""
    return tuple(name.strip() for part in said or () for name in part.split(",") if name.strip())


_OF_FIELDS = {"ceiling_dbtp": "--ceiling", "preview_s": "--preview", "roles_file": "--roles"}


def read_options(wishes: Mapping[str, Any]) -> Any:
    """Return MixOptions of these wishes.

    Raises:
        InputError: If one does not hold; the sentence names the option.
    """
    from pydantic import ValidationError

    from tonmeister.engineer import MixOptions

    try:
        return MixOptions.model_validate(wishes)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        option = _OF_FIELDS.get(field, f"--{field}")
        raise InputError(f"{option} {first['input']}: {first['msg'].removeprefix('Input ')}.") from error


def unless_none(said: list[str] | None) -> tuple[str, ...] | None:
    """Return what was given; nothing of it for `none`, None where nothing was said."""
    return None if said is None else tuple(place for place in said if place.strip().lower() not in ("", "none"))
