"""From decided moves to files: render the mix, master it, verify every promise, write report and sessions."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tonmeister.deliver.excerpt import encode_excerpt
from tonmeister.deliver.report import write_report
from tonmeister.document.artefact import Artefact
from tonmeister.document.inventory import Incoming
from tonmeister.document.mix import Mix
from tonmeister.document.text import canonical
from tonmeister.engineer.artefacts import check_excerpt
from tonmeister.engineer.deciding import Decided
from tonmeister.engineer.desk import Desk
from tonmeister.engineer.figures import Hearing, collect_figures, loudest_span, take_excerpt
from tonmeister.engineer.finished import Finished
from tonmeister.engineer.mastering import Mastered
from tonmeister.engineer.passes import render_mix, with_found_drive, write_master_file
from tonmeister.engineer.promises import measure_budgets, verify
from tonmeister.engineer.sessions import write_sessions


def finish(decided: Decided, desk: Desk, *, incoming: tuple[Incoming, ...]) -> Finished:
    """Render, master, verify, report; all files go to the staging of the desk's folder."""
    if not desk.options.with_report:
        return _finish(decided, desk, None, incoming=incoming)
    with Hearing(decided.mix.song.sample_rate_hz, cancel=desk.cancel) as hearing:
        return _finish(decided, desk, hearing, incoming=incoming)


def _finish(decided: Decided, desk: Desk, hearing: Hearing | None, *, incoming: tuple[Incoming, ...]) -> Finished:
    mix, folder, stages = decided.mix, desk.folder, desk.stages
    span = _preview_span(mix, desk)
    if hearing is not None and span is None:
        hearing.begin(mix, desk.renderer)
    also = () if hearing is None else (hearing.mix,)
    rendered = render_mix(mix, desk.renderer, folder.path("mix.wav"), stages, span=span, also=also, cancel=desk.cancel)
    names = ["mix.wav"]
    folder.sync_early("mix.wav")
    mastered = None
    if desk.options.with_master and rendered.lufs is not None:
        mastered = write_master_file(mix, rendered.energies_100ms, folder, stages, cancel=desk.cancel)
        mix = with_found_drive(mix, mastered.chain)
        names.append("master.wav")
        folder.sync_early("master.wav")
    after = folder.path(names[-1])
    if hearing is not None:
        hearing.begin_after(after)
    if desk.options.with_verify:
        with stages.stage("verify"):
            mix = verify(mix, decided.facts, decided.heard, mastered, desk.renderer, cancel=desk.cancel)
            mix = canonical(mix.model_copy(update={"budget_use": measure_budgets(mix, mastered)}))
    artefacts: tuple[Artefact, ...] = ()
    with ThreadPoolExecutor(1) as beside, stages.stage("report" if hearing is not None else "sessions"):
        sessions = beside.submit(write_sessions, mix, desk.sources, folder, desk.options.sessions, name=desk.name)
        if hearing is not None:
            artefacts = _report(mix, decided, desk, hearing, mastered, after, incoming=incoming, span=span)
            names.append("report.html")
        elif desk.options.with_verify:
            artefacts = check_excerpt(decided, desk, rendered, mastered, after, span=span)
        names += sessions.result()[0]
    names += ["mix.json", "sources.json", "journal.jsonl"]
    return Finished(mix, mastered, rendered.lufs, rendered.computed, tuple(names), artefacts)


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
            mix, decided.facts, hearing, mastered, desk.renderer, after, reductions=decided.reductions, incoming=incoming,
            times=desk.stages.times, span=span,
        )  # fmt: skip
        titled = mix.model_copy(update={"song": mix.song.model_copy(update={"title": mix.song.title or desk.name})})
        desk.folder.write_text("report.html", write_report(titled, figures, players=players.result()))
        return figures.artefacts
