"""The main job: listen, decide, render, verify, hand over."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from tonmeister.document.mix import Brief, Mix
from tonmeister.document.text import canonical, to_text
from tonmeister.document.wishes import TrackWish, read_wishes
from tonmeister.engineer.decide import open_mix, read_arc, read_budget
from tonmeister.engineer.deciding import decide_all
from tonmeister.engineer.desk import Desk
from tonmeister.engineer.documents import JOURNAL_FILE, MIX_FILE, SOURCES_FILE, journal, journal_line, load_mix
from tonmeister.engineer.finish import finish
from tonmeister.engineer.finished import summarise
from tonmeister.engineer.options import Cancel, MixOptions, Tell, tell_nobody
from tonmeister.engineer.passes import open_renderer
from tonmeister.engineer.repairs import find_repairs
from tonmeister.engineer.result import MixResult
from tonmeister.engineer.sessions import SESSION_FORMATS
from tonmeister.engineer.stages import Stages
from tonmeister.errors import InputError
from tonmeister.files.cache import open_cache
from tonmeister.files.output_folder import OutputFolder
from tonmeister.files.probe import SoundFile
from tonmeister.knowledge.delivery import resolve_target
from tonmeister.listen import Listened
from tonmeister.listen import listen as listen_to


def mix(
    source: Path,
    out: Path,
    *,
    options: MixOptions | None = None,
    progress: Tell = tell_nobody,
    cancel: Cancel | None = None,
) -> MixResult:
    """Mix a song: stems in; `mix.json`, `mix.wav`, `master.wav`, `report.html` and sessions out.

    Raises:
        InputError: If the source, an option or the output cannot be used; the sentence says what to do.
        CancelledError: If the person asked to stop; nothing half-written is left.
    """
    wanted = options or MixOptions()
    wishes = _check(wanted)
    stages, cache = Stages(progress), open_cache()
    look = partial(find_repairs, cache=cache, cancel=cancel)
    with OutputFolder(out) as folder:
        with stages.stage("listen") as tell:
            listened = listen_to(
                source,
                wishes=wishes,
                only=wanted.only or None,
                start=wanted.start,
                cache=cache,
                progress=tell,
                cancel=cancel,
                beside=look,  # finds what single stems need, and leaves it in the cache
            )
            facts = look(listened.facts, listened.sources)
        with open_renderer(listened.sources, cache=cache) as renderer:
            decided = decide_all(
                _open(listened, wanted), facts, listened.sources, renderer, stages,
                with_strips=wanted.preview_s is None, cache=cache, cancel=cancel,
            )  # fmt: skip
            name = wanted.title or song_name(source)
            desk = Desk(renderer, folder, listened.sources, wanted, stages, name, cancel)
            made = finish(decided, desk, incoming=listened.incoming)
        before = load_mix(out) if (out / MIX_FILE).is_file() else None
        folder.write_text(MIX_FILE, to_text(made.mix))
        folder.write_text(SOURCES_FILE, sources_text(listened.sources))
        folder.write_text(JOURNAL_FILE, journal(out) + journal_line(before, made.mix, why="mix"))
    return summarise(out, made, stages, incoming=listened.incoming)


def song_name(source: Path) -> str:
    """Return what to call the song in front of a person: the name of its folder or file."""
    return source.stem if source.is_file() else source.resolve().name


def sources_text(sources: Mapping[str, SoundFile]) -> str:
    """Return sources.json: where each track's sound is on this machine."""
    rows = {
        name: sound.model_copy(update={"path": sound.path.resolve()}).model_dump(mode="json")
        for name, sound in sources.items()
    }
    return json.dumps(rows, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _check(options: MixOptions) -> dict[str, TrackWish]:
    """Refuse wrong options before any work is done; return the wishes."""
    resolve_target(options.target, options.ceiling_dbtp)
    read_budget(options.budget)
    read_arc(options.arc)
    unknown = [name for name in options.sessions if name not in SESSION_FORMATS]
    if unknown:
        raise InputError(f"--sessions {', '.join(unknown)}: no such format; there are {', '.join(SESSION_FORMATS)}.")
    if options.roles_file is None:
        return {}
    try:
        return read_wishes(options.roles_file.read_text("utf-8"), where=str(options.roles_file))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--roles {options.roles_file}: cannot be read; give a TOML or JSON file.") from error


def _open(listened: Listened, options: MixOptions) -> Mix:
    """Return the base document."""
    brief = Brief(
        text=options.brief, genre=options.genre, target=options.target, ceiling_dbtp=options.ceiling_dbtp, start=options.start,
        arc=read_arc(options.arc),
    )  # fmt: skip
    return canonical(open_mix(listened.facts, listened.unused, brief=brief, budget=read_budget(options.budget)))
