"""Decide again around what a person has settled."""

from pathlib import Path

from tonmeister.document.text import to_text
from tonmeister.engineer.decide import keep_settled
from tonmeister.engineer.deciding import decide_all
from tonmeister.engineer.desk import Desk
from tonmeister.engineer.documents import (
    JOURNAL_FILE,
    MIX_FILE,
    check_sources,
    journal,
    journal_line,
    load_mix,
    load_sources,
)
from tonmeister.engineer.finish import finish
from tonmeister.engineer.finished import summarise
from tonmeister.engineer.options import Cancel, MixOptions, Tell, tell_nobody
from tonmeister.engineer.passes import open_renderer
from tonmeister.engineer.result import MixResult
from tonmeister.engineer.sessions import SESSION_FORMATS
from tonmeister.engineer.stages import Stages
from tonmeister.files.cache import open_cache
from tonmeister.files.output_folder import OutputFolder
from tonmeister.listen import recall_facts


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
    with OutputFolder(out) as folder, open_renderer(sources, cache=cache) as renderer:
        decided = decide_all(
            keep_settled(before), facts, sources, renderer, stages, with_strips=True, cache=cache, cancel=cancel
        )
        options = MixOptions(sessions=_written(out))
        desk = Desk(renderer, folder, sources, options, stages, out.resolve().name, cancel)
        made = finish(decided, desk, incoming=())
        folder.write_text(MIX_FILE, to_text(made.mix))
        folder.write_text(JOURNAL_FILE, journal(out) + journal_line(before, made.mix, why="solve"))
    return summarise(out, made, stages, incoming=())


def _written(out: Path) -> tuple[str, ...]:
    return tuple(name for name in SESSION_FORMATS if (out / "sessions" / name).is_dir())
