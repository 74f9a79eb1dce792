"""From decided moves to files: render the mix, master it, verify every promise, write report and sessions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.loudness import integrated_from_energies
from tonmeister.daw.handback import Handback
from tonmeister.deliver.report import write_report
from tonmeister.document.fold import fold
from tonmeister.document.inventory import Incoming
from tonmeister.document.mix import Mix
from tonmeister.document.move import InsertChange, MasterEdit, Move
from tonmeister.document.strip import DRIVE, MASTER, MasterChain
from tonmeister.document.text import canonical
from tonmeister.engineer.deciding import Decided
from tonmeister.engineer.figures import Hearing, collect_figures, loudest_span
from tonmeister.engineer.mastering import Mastered, MasterSolver, limiter_ceiling_dbtp, with_ceiling, with_drive
from tonmeister.engineer.options import Cancel, MixOptions
from tonmeister.engineer.promises import measure_budgets, verify
from tonmeister.engineer.sessions import SESSION_FORMATS, account
from tonmeister.engineer.stages import Stages
from tonmeister.engineer.strips import LoudnessListener
from tonmeister.files.output_folder import OutputFolder
from tonmeister.files.probe import SoundFile
from tonmeister.files.sound import open_sound
from tonmeister.processing import TruePeakLimiter
from tonmeister.render import Listener, Renderer


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """A mix on disk, and what was measured on it."""

    mix: Mix
    mastered: Mastered | None
    mix_lufs: float | None
    computed: dict[str, int]
    files: tuple[str, ...]


def finish(
    decided: Decided,
    renderer: Renderer,
    folder: OutputFolder,
    options: MixOptions,
    stages: Stages,
    *,
    incoming: tuple[Incoming, ...],
    sources: Mapping[str, SoundFile],
    name: str,
    cancel: Cancel | None,
) -> Finished:
    """Render, master, verify, report; all files go to the staging of `folder`."""
    mix, facts = decided.mix, decided.facts
    hearing = Hearing(mix.song.sample_rate_hz) if options.with_report else None
    rendered = render_mix(
        mix, renderer, folder.path("mix.wav"), stages, options=options, hearing=hearing, cancel=cancel
    )
    names = ["mix.wav"]
    mastered = None
    if options.with_master and rendered.lufs is not None:
        mastered = write_master_file(mix, rendered.energies_100ms, folder, stages, cancel=cancel)
        mix = with_found_drive(mix, mastered.chain)
        names.append("master.wav")
    if options.with_verify:
        with stages.stage("verify"):
            mix = verify(mix, facts, decided.heard, mastered, renderer, cancel=cancel)
            mix = canonical(mix.model_copy(update={"budget_use": measure_budgets(mix, mastered)}))
    with stages.stage("sessions"):
        names += write_sessions(mix, sources, folder, options.sessions, name=name)[0]
    if hearing is not None:
        with stages.stage("report"):
            after = folder.path("master.wav" if mastered else "mix.wav")
            figures = collect_figures(
                mix, facts, hearing, mastered, renderer, after, reductions=decided.reductions, incoming=incoming, times=stages.times,
                span=rendered.span, cancel=cancel,
            )  # fmt: skip
            titled = mix.model_copy(update={"song": mix.song.model_copy(update={"title": mix.song.title or name})})
            folder.write_text("report.html", write_report(titled, figures))
            names.append("report.html")
    return Finished(
        mix, mastered, rendered.lufs, rendered.computed, (*names, "mix.json", "sources.json", "journal.jsonl")
    )


@dataclass(frozen=True, slots=True, eq=False)
class RenderedMix:
    """What rendering the mix bus gave."""

    lufs: float | None
    energies_100ms: NDArray[np.float64]
    computed: dict[str, int]
    span: tuple[int, int] | None
    """The excerpt that was rendered; None is the whole song."""


def render_mix(
    mix: Mix,
    renderer: Renderer,
    path: Path,
    stages: Stages,
    *,
    options: MixOptions,
    hearing: Hearing | None,
    cancel: Cancel | None,
) -> RenderedMix:
    """Render the mix bus to a float32 WAV; with `preview_s` only its loudest excerpt."""
    listener = LoudnessListener(mix.song.sample_rate_hz, 2)
    span = None
    with stages.stage("mix") as tell:
        if options.preview_s is not None and options.preview_s < mix.song.duration_s:
            span = loudest_span(mix, renderer, options.preview_s, cancel=cancel)
        listeners: list[Listener] = [listener] if hearing is None else [listener, hearing.mix]
        rendered = renderer.render(
            mix, outputs={"mix": path}, listeners={"mix": listeners}, start_frame=span[0] if span else 0,
            end_frame=span[1] if span else None, progress=_share(tell), cancel=cancel,
        )  # fmt: skip
    energies = listener.meter.energies_100ms()
    lufs = integrated_from_energies(energies)
    return RenderedMix(None if lufs is None else round(lufs, 2), energies, dict(rendered.computed), span)


def write_master_file(
    mix: Mix, energies_100ms: NDArray[np.float64], folder: OutputFolder, stages: Stages, *, cancel: Cancel | None
) -> Mastered:
    """Find the drive, unless a person locked it, and write master.wav."""
    with stages.stage("master") as tell, open_sound(folder.path("mix.wav")) as reader:
        solver = MasterSolver(
            reader,
            mix.master,
            energies_100ms,
            budget=mix.budget,
            seed=mix.engine.seed,
            progress=_share(tell),
            cancel=cancel,
        )
        return solver.write(folder.path("master.wav"), keep_drive=is_drive_locked(mix))


def is_drive_locked(mix: Mix) -> bool:
    """Say whether a person fixed the limiter's drive: by locking its move or by writing another into the chain."""
    return DRIVE not in mix.master.derived or any(_holds_limiter(m) and m.state == "locked" for m in mix.moves)


def _holds_limiter(move: Move) -> bool:
    change = move.change
    is_limiter = isinstance(change, InsertChange) and isinstance(change.insert.processor, TruePeakLimiter)
    return is_limiter and move.where.bus == MASTER


def with_found_drive(mix: Mix, chain: MasterChain) -> Mix:
    """Write the limiter settings that were found into its move, and into the chain where a person edited it."""
    drive, ceiling = chain.drive_db, limiter_ceiling_dbtp(chain)
    if drive is None or ceiling is None or is_drive_locked(mix):
        return mix

    def found(there: MasterChain) -> MasterChain:
        return with_ceiling(with_drive(there, drive), ceiling)

    def changed(move: Move) -> Move:
        change = move.change
        if isinstance(change, MasterEdit):
            return move.model_copy(update={"change": MasterEdit(master=found(change.master))})
        if not isinstance(change, InsertChange) or not _holds_limiter(move):
            return move
        inserts = found(MasterChain(inserts=(change.insert,))).inserts
        return move.model_copy(update={"change": change.model_copy(update={"insert": inserts[0]})})

    moves = tuple(changed(move) for move in mix.moves)
    return canonical(fold(canonical(mix.model_copy(update={"moves": moves}))))


def write_sessions(
    mix: Mix, sources: Mapping[str, SoundFile], folder: OutputFolder, formats: tuple[str, ...], *, name: str
) -> tuple[list[str], dict[str, Handback]]:
    """Write the sessions that were asked for, each with an account of what it carries; return names and accounts."""
    names: list[str] = []
    written: dict[str, Handback] = {}
    for wanted in formats:
        place = f"sessions/{wanted}"

        def stage(inside: str, place: str = place) -> Path:
            names.append(f"{place}/{inside}")
            return folder.path(f"{place}/{inside}")

        written[wanted] = SESSION_FORMATS[wanted](mix, sources, stage, name)
        folder.write_text(f"{place}/about.txt", account(written[wanted]))
        names.append(f"{place}/about.txt")
    return names, written


def _share(tell: Callable[[str, float], None]) -> Callable[[float], None]:
    return lambda share: tell("", share)
