"""`tonmeister revise`: a client's words become readings with evidence, and the chosen one a new version."""

from pathlib import Path
from typing import Annotated

import typer

from tonmeister.apps.cli.options import AsJson, ResultFolder
from tonmeister.apps.cli.revision_tables import show_revision
from tonmeister.apps.cli.show import hand_over, progress_bar
from tonmeister.errors import InputError

Words = Annotated[
    str | None, typer.Argument(metavar="WORDS", help="What should change, as a person says it; in quotes.")
]
From = Annotated[
    Path | None,
    typer.Option(
        "--from", metavar="FILE", help="Read a mail or time-stamped comments from a text file instead, a note a line."
    ),
]
Choose = Annotated[
    list[int] | None, typer.Option("--choose", metavar="N", help="Make reading N; may be given several times.")
]
Best = Annotated[bool, typer.Option("--best", help="Make the first reading of every note.")]
Name = Annotated[str, typer.Option("--name", metavar="NAME", help="Name of the new version.")]
Preview = Annotated[
    bool,
    typer.Option(
        "--preview", help="Write a level-matched excerpt of each reading, and of the mix as it is, to OUT/previews."
    ),
]
Amount = Annotated[
    float | None,
    typer.Option("--amount", metavar="DB", help="How much of the chosen reading, in dB, instead of what was proposed."),
]
NoLearning = Annotated[bool, typer.Option("--no-taste", help="Do not learn from this choice.")]


def revise(
    out: ResultFolder,
    words: Words = None,
    from_file: From = None,
    choose: Choose = None,
    best: Best = False,
    name: Name = "",
    preview: Preview = False,
    amount: Amount = None,
    no_taste: NoLearning = False,
    as_json: AsJson = False,
) -> None:
    """Read a client's words and show what each can mean in this song, measured; with --choose make it.

    Without --choose nothing of the mix is changed. What was made is taken back by `tonmeister undo OUT`. Example:
    tonmeister revise out/ "vocals a bit louder in the chorus, less harsh hats"
    """
    if (words is None) == (from_file is None):
        raise InputError("revise: give the words in quotes, or a file of them with --from; one of the two.")
    from tonmeister.assistant.revising import revise as revise_mix

    text = words if words is not None else _read(from_file)
    with progress_bar() as tell:
        found = revise_mix(
            out,
            text,
            choose=tuple(choose or ()),
            best=best,
            name=name,
            learn=not no_taste,
            amount_db=amount,
            preview=preview,
            progress=tell,
        )
    hand_over(found, show_revision, as_json=as_json)


def _read(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--from {path}: no text can be read there; give a UTF-8 text file with the notes.") from error
