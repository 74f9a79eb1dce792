"""Work on a mix that is there: render an edited document, decide again around locked moves, write a session."""

from pathlib import Path

from tonmeister.document.mix import Mix
from tonmeister.document.text import to_text
from tonmeister.engineer.decide import keep_settled
from tonmeister.engineer.deciding import decide_all
from tonmeister.engineer.documents import (
    JOURNAL_FILE,
    MIX_FILE,
    journal,
    journal_line,
    load_mix,
    load_sources,
)
from tonmeister.engineer.finish import Finished, finish, render_mix, with_found_drive, write_master_file, write_sessions
from tonmeister.engineer.mixing import source_files, summarise
from tonmeister.engineer.options import Cancel, MixOptions, Tell, tell_nobody
from tonmeister.engineer.result import ExportResult, MixResult
from tonmeister.engineer.sessions import SESSION_FORMATS
from tonmeister.engineer.stages import Stages
from tonmeister.errors import InputError
from tonmeister.files.cache import open_cache
from tonmeister.files.output_folder import OutputFolder
from tonmeister.listen import check_sources, recall_facts
from tonmeister.render import Renderer


def render(
    out: Path, *, with_master: bool = True, progress: Tell = tell_nobody, cancel: Cancel | None = None
) -> MixResult:
    """Render a document again after an edit; what did not change comes from the cache.

    Edits by hand have become locked moves. Only the drive into the limiter is solved again, unless it is locked.

    Raises:
        DocumentError: If the document or the sound of a track is not there.
    """
    stages, cache = Stages(progress), open_cache()
    mix, sources = load_mix(out), load_sources(out)
    check_sources(mix, sources, cache=cache)
    # What is solved again is derived: no step of its own for undo.
    with OutputFolder(out, keeps_history=False) as folder, Renderer(source_files(sources), cache=cache) as renderer:
        rendered = render_mix(
            mix, renderer, folder.path("mix.wav"), stages, options=MixOptions(), hearing=None, cancel=cancel
        )
        mastered = None
        if with_master and rendered.lufs is not None:
            mastered = write_master_file(mix, rendered.energies_100ms, folder, stages, cancel=cancel)
            mix = with_found_drive(mix, mastered.chain)
        text = to_text(mix)
        if text != (out / MIX_FILE).read_text("utf-8"):
            folder.write_text(MIX_FILE, text)
            folder.write_text(JOURNAL_FILE, journal(out) + journal_line(load_mix(out), mix, why="render"))
    names = ("mix.wav", "master.wav") if mastered else ("mix.wav",)
    return summarise(out, Finished(mix, mastered, rendered.lufs, rendered.computed, names), stages, incoming=())


def solve(out: Path, *, progress: Tell = tell_nobody, cancel: Cancel | None = None) -> MixResult:
    """Decide again: locked and rejected moves and everything a person set stay, the rest is solved anew and rendered.

    Raises:
        DocumentError: If the document or the sound of a track is not there.
    """
    stages, cache = Stages(progress), open_cache()
    before, sources = load_mix(out), load_sources(out)
    check_sources(before, sources, cache=cache)
    with stages.stage("listen"):
        facts = recall_facts(before, sources, cache=cache)
    with OutputFolder(out) as folder, Renderer(source_files(sources), cache=cache) as renderer:
        decided = decide_all(
            keep_settled(before), facts, sources, renderer, stages, with_strips=True, cache=cache, cancel=cancel
        )
        made = finish(
            decided, renderer, folder, MixOptions(sessions=_written(out)), stages, incoming=(), sources=sources,
            name=out.resolve().name, cancel=cancel,
        )  # fmt: skip
        folder.write_text(MIX_FILE, to_text(made.mix))
        folder.write_text(JOURNAL_FILE, journal(out) + journal_line(before, made.mix, why="solve"))
    return summarise(out, made, stages, incoming=())


def _written(out: Path) -> tuple[str, ...]:
    return tuple(name for name in SESSION_FORMATS if (out / "sessions" / name).is_dir())


def export(out: Path, *, to: str) -> ExportResult:
    """Write an editable session of a mix into its folder.

    Raises:
        InputError: If there is no such format, or the document or the sound of a track is not there.
    """
    if to not in SESSION_FORMATS:
        raise InputError(f"--to {to}: no such format; there are {', '.join(SESSION_FORMATS)}.")
    mix: Mix = load_mix(out)
    sources = load_sources(out)
    check_sources(mix, sources, cache=open_cache())
    with OutputFolder(out) as folder:
        _, written = write_sessions(mix, sources, folder, (to,), name=out.resolve().name)
    made = written[to]
    return ExportResult(path=out / "sessions" / to, carried=made.carried, approximate=made.approximate, lost=made.lost)
