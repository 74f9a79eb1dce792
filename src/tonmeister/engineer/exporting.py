"""Write editable sessions of a mix that is there."""

from pathlib import Path

from tonmeister.daw.handback import Handback
from tonmeister.daw.media import MediaWay
from tonmeister.engineer.documents import check_sources, load_mix, load_sources
from tonmeister.engineer.options import Cancel, Tell, tell_nobody
from tonmeister.engineer.result import ExportResult, WrittenSession
from tonmeister.engineer.sessions import Writing, check_formats, write_sessions
from tonmeister.engineer.stages import Stages
from tonmeister.errors import InputError
from tonmeister.files.atomic import write_atomically
from tonmeister.files.cache import open_cache
from tonmeister.files.output_folder import OutputFolder


def export(
    out: Path,
    *,
    to: str,
    media: MediaWay = "copy",
    own_set: Path | None = None,
    output: Path | None = None,
    progress: Tell = tell_nobody,
    cancel: Cancel | None = None,
) -> ExportResult:
    """Write editable sessions of a mix into its folder.

    Args:
        out: The folder of the mix.
        to: One format, or several with commas between.
        media: Whether sessions hold the sound, or play a person's own files where they can be played as they are.
        own_set: The Live set to put the mix into, for `ableton`; it is read, never written.
        output: Where to put a copy of the one file that is written, such as the mixed set; never over one that is there.
        progress: Is told how far the work is.
        cancel: Stops the work when it is set.

    Returns:
        One account a format: where its session is, what it carries, what is printed, approximate and lost.

    Raises:
        InputError: If there is no such format, or the document or the sound of a track is not there.
        CancelledError: If cancel was set; nothing is written then.
    """
    formats = check_formats(to.split(","), option="--to", own_set=own_set)
    if output is not None:
        _check_output(output, formats)
    mix = load_mix(out)
    sources = load_sources(out, mix)
    check_sources(mix, sources, cache=open_cache())
    stages = Stages(progress)
    told = Writing(mix.song.title or out.resolve().name, media, own_set, out)
    with stages.stage("sessions") as tell, OutputFolder(out) as folder:
        _, written = write_sessions(
            mix, sources, folder, formats, told, progress=lambda share: tell("print", share), cancel=cancel
        )
    if output is not None:
        with write_atomically(output) as file:
            file.write((out / "sessions" / "ableton" / written["ableton"].path.name).read_bytes())
    made = tuple(_written(out / "sessions" / name, handback) for name, handback in written.items())
    return ExportResult(path=out / "sessions", sessions=made)


def _written(folder: Path, handback: Handback) -> WrittenSession:
    """Return the account of a session that lies in its place now."""
    told = handback.model_dump(exclude={"path"})
    return WrittenSession(format=folder.name, folder=folder, file=folder / handback.path.name, **told)


def _check_output(output: Path, formats: tuple[str, ...]) -> None:
    if formats != ("ableton",):
        raise InputError("-o is for a Live set; the other sessions are folders and lie in OUT/sessions.")
    if output.exists():
        raise InputError(f"{output} is there already and stays; choose another name for the mixed set.")
