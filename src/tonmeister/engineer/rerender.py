"""Render a document again after an edit."""

from pathlib import Path

from tonmeister.document.text import to_text
from tonmeister.engineer.documents import (
    JOURNAL_FILE,
    MIX_FILE,
    check_sources,
    journal,
    journal_line,
    load_mix,
    load_sources,
)
from tonmeister.engineer.finished import Finished, summarise
from tonmeister.engineer.options import Cancel, Tell, tell_nobody
from tonmeister.engineer.passes import open_renderer, render_mix, with_found_drive, write_master_file
from tonmeister.engineer.result import MixResult
from tonmeister.engineer.stages import Stages
from tonmeister.files.cache import open_cache
from tonmeister.files.output_folder import OutputFolder


def render(
    out: Path,
    *,
    with_master: bool = True,
    with_report: bool = False,
    progress: Tell = tell_nobody,
    cancel: Cancel | None = None,
) -> MixResult:
    """Render a document again after an edit; what did not change comes from the cache.

    Edits by hand have become locked moves. Only the drive into the limiter is solved again, unless it is locked. With the
    report, every promise is measured anew, and report and sessions are those of the edited mix.

    Raises:
        DocumentError: If the document or the sound of a track is not there.
    """
    if with_report:
        from tonmeister.engineer.solving import render_and_report  # noqa: PLC0415 - without it no ear is loaded

        return render_and_report(out, with_master=with_master, progress=progress, cancel=cancel)
    stages, cache = Stages(progress), open_cache()
    before = load_mix(out)
    sources = load_sources(out, before)
    check_sources(before, sources, cache=cache)
    # What is solved again is derived: no step of its own for undo.
    with OutputFolder(out, keeps_history=False) as folder, open_renderer(sources, cache=cache) as renderer:
        rendered = render_mix(before, renderer, folder.path("mix.wav"), stages, cancel=cancel)
        mix, mastered = before, None
        if with_master and rendered.lufs is not None:
            mastered = write_master_file(mix, rendered.energies_100ms, folder, stages, cancel=cancel)
            mix = with_found_drive(mix, mastered.chain)
        text = to_text(mix)
        if text != (out / MIX_FILE).read_text("utf-8"):
            folder.write_text(MIX_FILE, text)
            folder.write_text(JOURNAL_FILE, journal(out) + journal_line(before, mix, why="render"))
    names = ("mix.wav", "master.wav") if mastered else ("mix.wav",)
    return summarise(out, Finished(mix, mastered, rendered.lufs, rendered.computed, names), stages, incoming=())
