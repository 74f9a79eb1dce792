"""`tonmeister deliver`: everything that goes out, in every format, checked."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tonmeister.apps.cli.options import RESULT, AsJson
from tonmeister.apps.cli.show import hand_over, progress_bar
from tonmeister.apps.cli.tables import print_columns, say
from tonmeister.errors import InputError

if TYPE_CHECKING:
    from tonmeister.engineer import DeliverResult

TAGS, SHAPE = "What the files say about themselves", "What is written"
Source = Annotated[
    Path, typer.Argument(metavar="OUT|FILE", help="The folder of a mix that tonmeister made, or one finished file.")
]
Folder = Annotated[
    Path,
    typer.Option(
        "--out", "-o", metavar="FOLDER", rich_help_panel=RESULT, help="Folder of the delivery; made if it is not there."
    ),
]
Formats = Annotated[
    str,
    typer.Option(metavar="LIST", rich_help_panel=SHAPE, help="wav, flac, alac, aac, opus, mp3, with commas between."),
]
Versions = Annotated[
    str,
    typer.Option(
        metavar="LIST", rich_help_panel=SHAPE,
        help="main, instrumental, acappella, tv (no lead voice), stems, with commas between, or all; a single file has main only.",
    ),
]  # fmt: skip
Rate = Annotated[
    int | None, typer.Option(metavar="HZ", rich_help_panel=SHAPE, help="Sample rate; default: the song's.")
]
Bits = Annotated[
    str | None,
    typer.Option(
        metavar="16|24|32f", rich_help_panel=SHAPE, help="Word length; default: 24, and 32f for stems as WAV."
    ),
]
Dither = Annotated[
    str,
    typer.Option(
        metavar="KIND",
        rich_help_panel=SHAPE,
        help="tpdf, shaped (its noise where ears hear least), or none; silence stays silent.",
    ),
]
Isrc = Annotated[
    str, typer.Option(metavar="CODE", rich_help_panel=TAGS, help="ISRC of the main version, such as DE-A12-26-00001.")
]
Title = Annotated[
    str, typer.Option(metavar="TEXT", rich_help_panel=TAGS, help="Name of the song; default: the mix's, or the file's.")
]
Artist = Annotated[str, typer.Option(metavar="TEXT", rich_help_panel=TAGS, help="Who plays.")]
Album = Annotated[str, typer.Option(metavar="TEXT", rich_help_panel=TAGS, help="Name of the release.")]
AlbumArtist = Annotated[str, typer.Option(metavar="TEXT", rich_help_panel=TAGS, help="Whose release it is.")]
TrackNumber = Annotated[
    str, typer.Option("--track", metavar="N[/M]", rich_help_panel=TAGS, help="Number on the release.")
]
Date = Annotated[str, typer.Option(metavar="DATE", rich_help_panel=TAGS, help="Year or day of the release.")]
Genre = Annotated[str, typer.Option(metavar="TEXT", rich_help_panel=TAGS, help="In your own words.")]
Rights = Annotated[str, typer.Option("--copyright", metavar="TEXT", rich_help_panel=TAGS, help="Whose it is.")]
Comment = Annotated[str, typer.Option(metavar="TEXT", rich_help_panel=TAGS, help="Anything else.")]
CoverFile = Annotated[Path | None, typer.Option("--cover", metavar="FILE", rich_help_panel=TAGS, help="A JPEG or PNG.")]


def deliver(
    source: Source,
    out: Folder,
    formats: Formats = "wav",
    versions: Versions = "main",
    rate: Rate = None,
    bits: Bits = None,
    dither: Dither = "tpdf",
    title: Title = "",
    artist: Artist = "",
    album: Album = "",
    album_artist: AlbumArtist = "",
    track: TrackNumber = "",
    date: Date = "",
    genre: Genre = "",
    rights: Rights = "",
    comment: Comment = "",
    isrc: Isrc = "",
    cover: CoverFile = None,
    as_json: AsJson = False,
) -> None:
    """Deliver a song: formats, versions, stems, tags, checksums.

    Every file is read back and checked; the stems are added up and compared with the mix. Example:
    tonmeister deliver out/ -o delivery/ --formats wav,flac,mp3 --versions all --artist Us --isrc DE-A12-26-00001
    """
    from tonmeister.engineer import deliver as deliver_song
    from tonmeister.engineer.deliver_options import read_formats, read_versions
    from tonmeister.files.tags import read_isrc

    wishes = {
        "formats": read_formats(formats), "versions": read_versions(versions), "rate_hz": rate, "bits": bits, "dither": dither, "cover": cover,
        "tags": {
            "title": title, "artist": artist, "album": album, "album_artist": album_artist, "track": track, "date": date, "genre": genre,
            "copyright": rights, "comment": comment, "isrc": read_isrc(isrc) if isrc else "",
        },
    }  # fmt: skip
    options = _options(wishes)
    with progress_bar() as tell:
        result = deliver_song(source, out, options=options, progress=tell)
    hand_over(result, show_delivery, as_json=as_json)


def _options(wishes: dict[str, Any]) -> Any:
    from pydantic import ValidationError

    from tonmeister.engineer import DeliverOptions

    try:
        return DeliverOptions.model_validate(wishes)
    except ValidationError as error:
        first = error.errors()[0]
        option = {"rate_hz": "rate"}.get(str(first["loc"][0]), str(first["loc"][0]))
        raise InputError(f"--{option} {first['input']}: {first['msg'].removeprefix('Input ')}.") from error


def show_delivery(result: "DeliverResult") -> None:
    """Say what was written, and how each file was found when it was read back."""
    rows = [
        (file.name, file.bits, str(file.sample_rate_hz), f"{file.duration_s:.2f}", _number(file.integrated_lufs), _number(file.true_peak_dbtp),
         "passed" if not file.problems else "FAILED")
        for file in result.files
    ]  # fmt: skip
    print_columns(("file", "bits", "Hz", "s", "LUFS", "dBTP", "check"), rows)
    if result.stem_sum is not None:
        found = result.stem_sum
        say(
            f"{len(found.stems)} stems add up to the mix within {found.rms_residual_dbfs:.0f} dBFS (highest sample {found.peak_residual_dbfs:.0f})."
        )
    for sentence in result.notes:
        say(f"note: {sentence}")
    for sentence in result.misses:
        say(f"missed: {sentence}")
    say(f"In {result.out}: {len(result.files)} files, {', '.join(result.others)}")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
