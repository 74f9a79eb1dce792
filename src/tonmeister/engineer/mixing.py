"""The main job: listen, decide, render, verify, hand over."""

import json
from collections.abc import Mapping
from pathlib import Path

from tonmeister.document.inventory import Incoming
from tonmeister.document.mix import Brief, Mix
from tonmeister.document.move import Move
from tonmeister.document.text import canonical, to_text
from tonmeister.document.wishes import TrackWish, read_wishes
from tonmeister.engineer.decide import open_mix, read_budget
from tonmeister.engineer.deciding import decide_all
from tonmeister.engineer.documents import JOURNAL_FILE, MIX_FILE, SOURCES_FILE, journal, journal_line, load_mix
from tonmeister.engineer.finish import Finished, finish
from tonmeister.engineer.options import Cancel, MixOptions, Tell, tell_nobody
from tonmeister.engineer.result import MixResult, MovesSummary
from tonmeister.engineer.sessions import SESSION_FORMATS
from tonmeister.engineer.stages import Stages
from tonmeister.errors import InputError
from tonmeister.files.cache import open_cache
from tonmeister.files.output_folder import OutputFolder
from tonmeister.files.probe import SoundFile
from tonmeister.listen import Listened
from tonmeister.listen import listen as listen_to
from tonmeister.render import Renderer, SourceFile
from tonmeister.tasks.mastering import resolve_target


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
            )
        renderer = Renderer(source_files(listened.sources), cache=cache)
        with renderer:
            decided = decide_all(
                _open(listened, wanted), listened.facts, listened.sources, renderer, stages,
                with_strips=wanted.preview_s is None, cache=cache, cancel=cancel,
            )  # fmt: skip
            made = finish(
                decided, renderer, folder, wanted, stages, incoming=listened.incoming, sources=listened.sources,
                name=wanted.title or song_name(source), cancel=cancel,
            )  # fmt: skip
        before = load_mix(out) if (out / MIX_FILE).is_file() else None
        folder.write_text(MIX_FILE, to_text(made.mix))
        folder.write_text(SOURCES_FILE, sources_text(listened.sources))
        folder.write_text(JOURNAL_FILE, journal(out) + journal_line(before, made.mix, why="mix"))
    return summarise(out, made, stages, incoming=listened.incoming)


def song_name(source: Path) -> str:
    """Return what to call the song in front of a person: the name of its folder or file."""
    return source.stem if source.is_file() else source.resolve().name


def source_files(sources: Mapping[str, SoundFile]) -> dict[str, SourceFile]:
    """Return the sources as the renderer takes them."""
    return {name: SourceFile(sound.path, sound.stream) for name, sound in sources.items()}


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
        text=options.brief, genre=options.genre, target=options.target, ceiling_dbtp=options.ceiling_dbtp, start=options.start
    )  # fmt: skip
    return canonical(open_mix(listened.facts, listened.unused, brief=brief, budget=read_budget(options.budget)))


def _lowered_target(made: Finished) -> tuple[str, ...]:
    """Say that the master was aimed lower than asked for, because the budget allows nothing louder."""
    mix = made.mix
    asked, _, _ = resolve_target(mix.brief.target)
    if (
        made.mastered is None
        or mix.master.target_lufs != mix.budget.loudest_master_lufs
        or asked <= mix.budget.loudest_master_lufs
    ):
        return ()
    sentence = (
        f"The master aims at {mix.master.target_lufs:.1f} LUFS instead of {asked:.1f}: the budget {mix.budget.name!r} allows "
        "nothing louder. Use --budget bold, or a quieter target."
    )
    return (sentence,)


def summarise(out: Path, made: Finished, stages: Stages, *, incoming: tuple[Incoming, ...]) -> MixResult:
    """Return the result in numbers."""
    promised: list[Move] = [m for m in made.mix.moves if m.expects is not None and m.state in ("accepted", "locked")]
    unread = [item for item in incoming if item.state in ("unreadable", "too many channels")]
    tracks = tuple(f"{item.name} is not in the mix: {item.why}" for item in unread)
    budgets = tuple(
        f"The budget {use.budget} is exceeded: {use.used:g} instead of at most {use.limit:g}."
        for use in made.mix.budget_use
        if not use.held
    )
    return MixResult(
        out=out,
        files=made.files,
        song=made.mix.song,
        incoming=incoming,
        mixed=sum(track.used for track in made.mix.tracks),
        is_premixed=made.mix.stems == "balanced",
        moves=MovesSummary(
            total=len(made.mix.moves),
            promised=len(promised),
            kept=sum(m.measured is not None and m.measured.kept for m in promised),
            missed=tuple(m.id for m in promised if m.measured is not None and not m.measured.kept),
        ),
        mix_lufs=made.mix_lufs,
        master=None if made.mastered is None else made.mastered.figures,
        budget_use=made.mix.budget_use,
        misses=(*(made.mastered.misses if made.mastered else ()), *_lowered_target(made), *budgets, *tracks),
        stages=stages.times,
        computed=made.computed,
    )
