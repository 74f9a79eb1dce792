"""From decided moves to files: render the mix, master it, verify every promise, write report and sessions."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tonmeister.analysis.crest import Crest, measure_crest
from tonmeister.deliver.excerpt import encode_excerpt
from tonmeister.deliver.report import write_report
from tonmeister.document.artefact import Artefact
from tonmeister.document.inventory import Incoming
from tonmeister.document.mix import Mix
from tonmeister.document.text import canonical
from tonmeister.engineer.artefacts import check_excerpt
from tonmeister.engineer.budgets import Outcome, measure_budgets, tilt_change_db
from tonmeister.engineer.deciding import Decided
from tonmeister.engineer.desk import Desk
from tonmeister.engineer.directing import tell_outcome
from tonmeister.engineer.figures import Hearing, collect_figures, loudest_span, mean_erb_power, take_excerpt
from tonmeister.engineer.finished import Finished
from tonmeister.engineer.handing_back import SESSION_FILE
from tonmeister.engineer.holding import Held, hold_brightness, hold_crest
from tonmeister.engineer.mastering import Mastered
from tonmeister.engineer.passes import RenderedMix, render_mix, with_found_drive, write_master_file
from tonmeister.engineer.promises import verify
from tonmeister.engineer.scoping import mastered_at_all
from tonmeister.engineer.sessions import Writing, write_sessions


def finish(decided: Decided, desk: Desk, *, incoming: tuple[Incoming, ...]) -> Finished:
    """Render, master, verify, report; all files go to the staging of the desk's folder."""
    if not desk.options.with_report and not desk.options.with_verify:
        return _finish(decided, desk, None, incoming=incoming)
    with Hearing(decided.mix.song.sample_rate_hz, cancel=desk.cancel) as hearing:
        return _finish(decided, desk, hearing, incoming=incoming)


def _finish(decided: Decided, desk: Desk, hearing: Hearing | None, *, incoming: tuple[Incoming, ...]) -> Finished:
    folder, stages = desk.folder, desk.stages
    span = _preview_span(decided.mix, desk)
    if hearing is not None and span is None:
        hearing.begin(decided.mix, desk.renderer)
    also = () if hearing is None else (hearing.mix,)
    rendered = render_mix(
        decided.mix, desk.renderer, folder.path("mix.wav"), stages, span=span, also=also, cancel=desk.cancel
    )
    folder.sync_early("mix.wav")
    mix, mastered = decided.mix, None
    if desk.options.with_master and mastered_at_all(mix) and rendered.lufs is not None:
        mix, mastered = _master(mix, rendered, desk)
    after = folder.path("mix.wav" if mastered is None else "master.wav")
    if hearing is not None:
        hearing.begin_after(after)
    lessened = decided.lessened
    if desk.options.with_verify:
        mix, mastered, gone = _verify(_Made(mix, mastered, rendered, after), decided, desk, None if span else hearing)
        lessened += gone
    if hearing is not None and mix.direction is not None:
        mix = canonical(tell_outcome(mix, hearing.after(after)[0]))
    page = hearing if desk.options.with_report else None
    artefacts: tuple[Artefact, ...] = ()
    # Prints are of the whole song, which a preview leaves out.
    formats = desk.options.sessions if span is None else ()
    with ThreadPoolExecutor(1) as beside, stages.stage("report" if page is not None else "sessions"):
        sessions = beside.submit(
            write_sessions,
            mix,
            desk.sources,
            folder,
            formats,
            Writing(desk.name, back=None if span else desk.session, folder=folder.folder),
            cancel=desk.cancel,
        )
        if page is not None:
            artefacts = _report(mix, decided, desk, page, mastered, after, incoming=incoming, span=span)
        elif desk.options.with_verify:
            artefacts = check_excerpt(decided, desk, rendered, mastered, after, span=span)
        names = (
            "mix.wav",
            *(() if mastered is None else ("master.wav",)),
            *(() if page is None else ("report.html",)),
            *sessions.result()[0],
        )
    return Finished(
        mix,
        mastered,
        rendered.lufs,
        rendered.computed,
        (*names, "mix.json", "sources.json", *(() if desk.session is None else (SESSION_FILE,)), "journal.jsonl"),
        lessened=lessened,
        artefacts=artefacts,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Made:
    """What was rendered."""

    mix: Mix
    mastered: Mastered | None
    rendered: RenderedMix
    after: Path


def _master(mix: Mix, rendered: RenderedMix, desk: Desk) -> tuple[Mix, Mastered]:
    mastered = write_master_file(mix, rendered.energies_100ms, desk.folder, desk.stages, cancel=desk.cancel)
    desk.folder.sync_early("master.wav")
    return with_found_drive(mix, mastered.chain), mastered


def _verify(
    made: _Made, decided: Decided, desk: Desk, hearing: Hearing | None
) -> tuple[Mix, Mastered | None, tuple[str, ...]]:
    """Measure promises and budgets, and lessen what breaks one; without a hearing of the whole song, what needs it is not measured."""
    facts = decided.facts
    with desk.stages.stage("verify"):
        mix = verify(made.mix, facts, decided.heard, made.mastered, desk.renderer, cancel=desk.cancel)
    mastered, outcome = made.mastered, None
    gone: tuple[str, ...] = ()
    if hearing is not None:
        came = measure_crest(hearing.came(mix, desk.renderer, (0, mix.song.frames)))
        if mastered is not None:
            held, gone = _held(mix, mastered, came, made, decided, desk, hearing)
            if held.mastered is not mastered:
                mix = verify(held.mix, facts, decided.heard, held.mastered, desk.renderer, cancel=desk.cancel)
                mastered = held.mastered
        after = hearing.after(made.after)[0]
        outcome = Outcome(
            came,
            measure_crest(hearing.mixed),
            measure_crest(after),
            mean_erb_power(hearing.mixed),
            mean_erb_power(after),
        )
    uses = measure_budgets(mix, facts, mastered, outcome)
    return canonical(mix.model_copy(update={"budget_use": uses})), mastered, gone


def _held(
    mix: Mix, mastered: Mastered, came: Crest, made: _Made, decided: Decided, desk: Desk, hearing: Hearing
) -> tuple[Held, tuple[str, ...]]:
    """Return the master within the budgets that only the finished sound can break."""

    def hear(mix: Mix, mastered: Mastered) -> Held:
        after = hearing.after(made.after)[0]
        return Held(mix, mastered, measure_crest(after), mean_erb_power(after))

    def again(lower: Mix) -> Held:
        found, written = _master(lower, made.rendered, desk)
        hearing.begin_after(made.after)
        return hear(found, written)

    def tilt_db(held: Held) -> float:
        return tilt_change_db(held.mix, decided.facts, mean_erb_power(hearing.mixed), held.power)

    held, gone = hold_brightness(hear(mix, mastered), tilt_db, again)
    return hold_crest(held, came, again), gone


def _preview_span(mix: Mix, desk: Desk) -> tuple[int, int] | None:
    """Return the excerpt to render, in frames; None is the whole song."""
    wanted = desk.options.preview_s
    if wanted is None or wanted >= mix.song.duration_s:
        return None
    with desk.stages.stage("mix"):
        return loudest_span(mix, desk.renderer, wanted, cancel=desk.cancel)


def _report(
    mix: Mix,
    decided: Decided,
    desk: Desk,
    hearing: Hearing,
    mastered: Mastered | None,
    after: Path,
    *,
    incoming: tuple[Incoming, ...],
    span: tuple[int, int] | None,
) -> tuple[Artefact, ...]:
    with ThreadPoolExecutor(1) as beside:
        excerpt = take_excerpt(mix, hearing, desk.renderer, after, span=span, cancel=desk.cancel)
        players = beside.submit(encode_excerpt, excerpt)
        figures = collect_figures(
            mix, decided.facts, hearing, mastered, desk.renderer, after, heard=decided.heard, reductions=decided.reductions,
            incoming=incoming,            times=desk.stages.times, span=span,
        )  # fmt: skip
        titled = mix.model_copy(update={"song": mix.song.model_copy(update={"title": mix.song.title or desk.name})})
        desk.folder.write_text("report.html", write_report(titled, figures, players=players.result()))
        return figures.artefacts
