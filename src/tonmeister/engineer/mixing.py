"""The main job: listen, decide, render, verify, hand over."""

from functools import partial
from pathlib import Path
from typing import Literal

from tonmeister.document.direction import Reference
from tonmeister.document.fold import fold
from tonmeister.document.mix import Brief, Mix
from tonmeister.document.text import canonical, to_text
from tonmeister.document.wishes import TrackWish, read_wishes
from tonmeister.engineer.arc_words import arcs_of_words
from tonmeister.engineer.decide import open_mix, read_arc, read_budget
from tonmeister.engineer.deciding import decide_all
from tonmeister.engineer.desk import Desk
from tonmeister.engineer.direction_brief import check_direction, with_direction
from tonmeister.engineer.documents import (
    JOURNAL_FILE,
    MIX_FILE,
    SOURCES_FILE,
    journal,
    journal_line,
    load_mix,
    sources_text,
)
from tonmeister.engineer.finish import finish
from tonmeister.engineer.finished import summarise
from tonmeister.engineer.genre import choose_genre
from tonmeister.engineer.handing_back import SESSION_FILE, link_text, make_link
from tonmeister.engineer.likeness import mix_like
from tonmeister.engineer.mix_references import read_mix_references
from tonmeister.engineer.options import Cancel, MixOptions, Tell, tell_nobody
from tonmeister.engineer.passes import open_renderer
from tonmeister.engineer.repairs import find_repairs
from tonmeister.engineer.result import MixResult
from tonmeister.engineer.scoping import check_arc_scope
from tonmeister.engineer.sessions import check_formats
from tonmeister.engineer.stages import Stages
from tonmeister.engineer.throw_words import read_throw, throws_of_words
from tonmeister.errors import InputError
from tonmeister.files.cache import Cache, open_cache
from tonmeister.files.output_folder import OutputFolder
from tonmeister.knowledge.delivery import resolve_target
from tonmeister.knowledge.genres import resolve_genre
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
    references = _read_references(wanted, stages, cache, cancel)
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
                _open(listened, wanted, references), facts, listened.sources, renderer, stages,
                with_strips=wanted.preview_s is None, cache=cache, cancel=cancel,
            )  # fmt: skip
            name = wanted.title or song_name(source)
            link = make_link(listened.session, cache=cache)
            desk = Desk(renderer, folder, listened.sources, wanted, stages, name, cancel, link)
            made = finish(decided, desk, incoming=listened.incoming)
        before = load_mix(out) if (out / MIX_FILE).is_file() else None
        folder.write_text(MIX_FILE, to_text(made.mix))
        folder.write_text(SOURCES_FILE, sources_text(listened.sources))
        if listened.session is not None:
            folder.write_text(SESSION_FILE, link_text(listened.session, cache=cache))
        folder.write_text(JOURNAL_FILE, journal(out) + journal_line(before, made.mix, why="mix"))
    return summarise(out, made, stages, incoming=listened.incoming)


def song_name(source: Path) -> str:
    """Return what to call the song in front of a person: the name of its folder or file."""
    return source.stem if source.is_file() else source.resolve().name


def _check(options: MixOptions) -> dict[str, TrackWish]:
    """Refuse wrong options before any work is done; return the wishes."""
    resolve_target(options.target, options.ceiling_dbtp)
    read_budget(options.budget)
    if options.genre is not None:
        resolve_genre(options.genre)
    if options.like is not None:
        load_mix(options.like)
    check_arc_scope(read_arc(options.arc), options.touch)
    for said in options.throws:
        read_throw(said)
    check_direction(options)
    if options.sessions:
        check_formats(options.sessions, option="--sessions")
    if options.roles_file is None:
        return {}
    try:
        return read_wishes(options.roles_file.read_text("utf-8"), where=str(options.roles_file))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--roles {options.roles_file}: cannot be read; give a TOML or JSON file.") from error


def _phase(options: MixOptions) -> Literal["minimum", "linear"]:
    """Return the phase asked for, by the option or in the words of the brief."""
    is_said = "linear phase" in options.brief.lower().replace("-", " ")
    return "linear" if options.linear_phase or is_said else "minimum"


def _read_references(options: MixOptions, stages: Stages, cache: Cache, cancel: Cancel | None) -> tuple[Reference, ...]:
    if not options.references:
        return ()
    with stages.stage("references"):
        return read_mix_references(options.references, cache=cache, cancel=cancel)


def _open(listened: Listened, options: MixOptions, references: tuple[Reference, ...]) -> Mix:
    """Return the base document; what is not said is as in the mix that this one is to be like."""
    former = None if options.like is None else load_mix(options.like)
    asked = (
        MixOptions()
        if former is None
        else MixOptions(target=former.brief.target, ceiling_dbtp=former.brief.ceiling_dbtp, arc=former.brief.arc)
    )
    arc = read_arc(options.arc if options.arc != MixOptions().arc else asked.arc)
    told = arcs_of_words(options.brief) if arc == "auto" and not options.touch else ()
    throws = (*throws_of_words(options.brief), *(read_throw(said) for said in options.throws))
    brief = Brief(
        text=options.brief, phase=_phase(options), start=options.start, touch=options.touch, align_doubles=options.align_doubles,
        target=options.target if options.target != MixOptions().target else asked.target,
        ceiling_dbtp=asked.ceiling_dbtp if options.ceiling_dbtp is None else options.ceiling_dbtp,
        arc=told[0] if told else arc, arcs_left=told[1:], throws=throws,
    )  # fmt: skip
    brief = with_direction(brief, options, references, former)
    brief = choose_genre(brief, options.genre or (former.brief.genre if former else None), listened.facts)
    is_told = options.budget != MixOptions().budget or former is None
    budget = read_budget(options.budget) if is_told or former is None else former.budget
    opened = canonical(open_mix(listened.facts, listened.unused, brief=brief, budget=budget))
    if listened.session is not None:
        opened = canonical(fold(canonical(opened.model_copy(update={"moves": listened.session.moves}))))
    return opened if former is None else mix_like(opened, former)
