"""`tonmeister master`: one stereo file to a target."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tonmeister.apps.cli.options import RESULT, SOUND, AsJson, Budget, Ceiling, Target, read_options
from tonmeister.apps.cli.show import hand_over, progress_bar
from tonmeister.apps.cli.show_check import show_codecs
from tonmeister.apps.cli.tables import show_master

if TYPE_CHECKING:
    from tonmeister.engineer import MasterResult

Mixture = Annotated[Path, typer.Argument(metavar="FILE", help="The mix to master.")]
OutFile = Annotated[
    Path, typer.Option("--out", "-o", metavar="OUT.wav", rich_help_panel=RESULT, help="The master, a WAV file.")
]
CodecSafe = Annotated[
    bool,
    typer.Option(
        "--codec-safe",
        rich_help_panel=SOUND,
        help="Hold the ceiling after lossy codecs, too (128 to 320 kbit/s); takes a while.",
    ),
]


def master(
    file: Mixture,
    out: OutFile,
    target: Target = "streaming",
    ceiling: Ceiling = None,
    budget: Budget = "balanced",
    codec_safe: CodecSafe = False,
    as_json: AsJson = False,
) -> None:
    """Master a stereo mix: tone, loudness, true peaks.

    The tone is brought inside the band of released music, the loudness to the target, the true peaks under the ceiling.
    """
    wishes = read_options({"target": target, "ceiling_dbtp": ceiling, "budget": budget})
    from tonmeister.engineer import master as master_file

    with progress_bar() as tell:
        result = master_file(
            file,
            out,
            target=wishes.target,
            ceiling_dbtp=wishes.ceiling_dbtp,
            budget=wishes.budget,
            codec_safe=codec_safe,
            progress=tell,
        )
    hand_over(result, show_mastered, as_json=as_json)


def show_mastered(result: "MasterResult") -> None:
    """Say what was measured on the master, and what codecs make of it where that was asked for."""
    show_master(result)
    if result.codecs:
        show_codecs(result.codecs)
        print(
            f"The limiter stands at {result.limit_dbtp:.2f} dBTP, so that every codec holds {result.master.ceiling_dbtp:.1f}."
        )
