"""Write an editable session of a mix that is there."""

from pathlib import Path

from tonmeister.engineer.documents import check_sources, load_mix, load_sources
from tonmeister.engineer.result import ExportResult
from tonmeister.engineer.sessions import SESSION_FORMATS, write_sessions
from tonmeister.errors import InputError
from tonmeister.files.cache import open_cache
from tonmeister.files.output_folder import OutputFolder


def export(out: Path, *, to: str) -> ExportResult:
    """Write an editable session of a mix into its folder.

    Raises:
        InputError: If there is no such format, or the document or the sound of a track is not there.
    """
    if to not in SESSION_FORMATS:
        raise InputError(f"--to {to}: no such format; there are {', '.join(SESSION_FORMATS)}.")
    mix = load_mix(out)
    sources = load_sources(out, mix)
    check_sources(mix, sources, cache=open_cache())
    with OutputFolder(out) as folder:
        _, written = write_sessions(mix, sources, folder, (to,), name=out.resolve().name)
    made = written[to]
    return ExportResult(path=out / "sessions" / to, carried=made.carried, approximate=made.approximate, lost=made.lost)
