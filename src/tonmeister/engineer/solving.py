"""Decide again around what a person has settled, or only look again at what the moves do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix, ThrowWish
from tonmeister.document.text import canonical, to_text
from tonmeister.engineer.decide import keep_settled, read_arc
from tonmeister.engineer.deciding import Decided, decide_all, look_again
from tonmeister.engineer.desk import Desk
from tonmeister.engineer.direction_brief import NewDirection, check_new_direction, redirected
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
from tonmeister.engineer.handing_back import load_link
from tonmeister.engineer.holding_others import hold_others, touched_since_solve
from tonmeister.engineer.mix_references import read_mix_references
from tonmeister.engineer.options import Cancel, MixOptions, Tell, tell_nobody
from tonmeister.engineer.passes import open_renderer
from tonmeister.engineer.repairs import find_repairs
from tonmeister.engineer.result import MixResult
from tonmeister.engineer.scoping import check_arc_scope, release, scope_of
from tonmeister.engineer.sessions import written_sessions
from tonmeister.engineer.settling import settle
from tonmeister.engineer.stages import Stages
from tonmeister.engineer.throw_words import read_throw
from tonmeister.files.cache import Cache, open_cache
from tonmeister.files.output_folder import OutputFolder
from tonmeister.files.probe import SoundFile
from tonmeister.listen import recall_facts
from tonmeister.render import Renderer
from tonmeister.tasks.automation import asked


def solve(
    out: Path,
    *,
    touch: tuple[str, ...] = (),
    arc: str | None = None,
    throws: tuple[str, ...] | None = None,
    direction: NewDirection | None = None,
    progress: Tell = tell_nobody,
    cancel: Cancel | None = None,
) -> MixResult:
    """Decide again: locked and rejected moves and everything a person set stay, the rest is solved anew and rendered.

    Args:
        out: The result folder.
        touch: Only moves on these tracks, roles, families and buses are made anew; every other one stays as it is.
        arc: Another arc from now on; None keeps the one of the document.
        throws: Words to throw into an effect, by their places, instead of those of the document; None keeps them, `()` takes them back.
        direction: Other references, amounts or moods from now on; None keeps those of the document.
        progress: Is told how far the work is.
        cancel: Is asked whether to stop.

    Raises:
        InputError: If there is no such arc or mood, a reference cannot be used, no place is read in a throw, or `touch` names what is not there.
        DocumentError: If the document or the sound of a track is not there.
    """
    wanted = None if arc is None else read_arc(arc)
    words = None if throws is None else tuple(read_throw(said) for said in throws)
    asked_for = NewDirection() if direction is None else direction
    if asked_for.is_asked:
        check_new_direction(asked_for, load_mix(out).brief, arc)
    references = read_mix_references(asked_for.references or (), cache=open_cache(), cancel=cancel)

    def decide(mix: Mix, bench: _Bench) -> Decided:
        paced = _with_throws(_with_arc(mix, read_arc(mix.brief.arc) if wanted is None else wanted), words)
        paced = redirected(paced, asked_for, references)
        scoped = paced.model_copy(update={"brief": paced.brief.model_copy(update={"touch": touch or mix.brief.touch})})
        if paced.brief.arc != mix.brief.arc:
            check_arc_scope(paced.brief.arc, scoped.brief.touch)
        decided = decide_all(
            keep_settled(scoped), bench.facts, bench.sources, bench.renderer, bench.stages, with_strips=True, cache=bench.cache,
            cancel=cancel,
        )  # fmt: skip
        touched = touched_since_solve(journal(out), mix)
        settled = hold_others(settle(decided, paced), paced, touched)
        whole = release(settled.mix, mix, scope_of(scoped)).model_copy(update={"brief": paced.brief})
        return replace(settled, mix=canonical(fold(canonical(whole))))

    return _finish_again(
        out, decide, MixOptions(sessions=written_sessions(out)), why="solve", progress=progress, cancel=cancel
    )


def _with_arc(mix: Mix, arc: str) -> Mix:
    """Return the mix with another arc asked for; what a person said about the moves of the former one no longer counts."""
    if arc == mix.brief.arc:
        return mix
    moves = tuple(m for m in mix.moves if m.task != "pacing" or m.state == "locked")
    brief = mix.brief.model_copy(update={"arc": arc, "arcs_left": ()})
    return mix.model_copy(update={"brief": brief, "moves": moves})


def _with_throws(mix: Mix, throws: tuple[ThrowWish, ...] | None) -> Mix:
    """Return the mix with other words to throw; what a person said about the moves of the former ones no longer counts."""
    if throws is None or throws == mix.brief.throws:
        return mix
    moves = tuple(m for m in mix.moves if asked.MARK not in m.id or m.state == "locked")
    return mix.model_copy(update={"brief": mix.brief.model_copy(update={"throws": throws}), "moves": moves})


def render_and_report(
    out: Path, *, with_master: bool = True, progress: Tell = tell_nobody, cancel: Cancel | None = None
) -> MixResult:
    """Render a document again after an edit, measure every promise anew, and write report and sessions of it.

    Raises:
        DocumentError: If the document or the sound of a track is not there.
    """

    def look(mix: Mix, bench: _Bench) -> Decided:
        return look_again(
            mix, bench.facts, bench.sources, bench.renderer, bench.stages, cache=bench.cache, cancel=cancel
        )

    options = MixOptions(sessions=written_sessions(out), with_master=with_master)
    return _finish_again(out, look, options, why="render", progress=progress, cancel=cancel)


@dataclass(frozen=True, slots=True, eq=False)
class _Bench:
    """What deciding works with."""

    facts: SongFacts
    sources: Mapping[str, SoundFile]
    renderer: Renderer
    stages: Stages
    cache: Cache


def _finish_again(
    out: Path,
    decide: Callable[[Mix, _Bench], Decided],
    options: MixOptions,
    *,
    why: Literal["render", "solve"],
    progress: Tell,
    cancel: Cancel | None,
) -> MixResult:
    stages, cache = Stages(progress), open_cache()
    before = load_mix(out)
    sources = load_sources(out, before)
    check_sources(before, sources, cache=cache)
    with stages.stage("listen"):
        facts = find_repairs(recall_facts(before, sources, cache=cache), sources, cache=cache, cancel=cancel)
    # What looking again finds is derived: no step of its own for undo.
    with OutputFolder(out, keeps_history=why == "solve") as folder, open_renderer(sources, cache=cache) as renderer:
        decided = decide(before, _Bench(facts, sources, renderer, stages, cache))
        desk = Desk(renderer, folder, sources, options, stages, out.resolve().name, cancel, load_link(out))
        made = finish(decided, desk, incoming=())
        folder.write_text(MIX_FILE, to_text(made.mix))
        folder.write_text(JOURNAL_FILE, journal(out) + journal_line(before, made.mix, why=why))
    return summarise(out, made, stages, incoming=())
