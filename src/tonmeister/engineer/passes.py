"""The two passes that make sound: the mix bus to mix.wav, the master chain to master.wav with the drive that it needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.loudness import integrated_from_energies
from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix
from tonmeister.document.move import InsertChange, MasterEdit, Move
from tonmeister.document.strip import DRIVE, MASTER, MasterChain
from tonmeister.document.text import canonical
from tonmeister.engineer.listeners import LoudnessListener
from tonmeister.engineer.mastering import Mastered, MasterSolver, limiter_ceiling_dbtp, with_ceiling, with_drive
from tonmeister.engineer.options import Cancel
from tonmeister.engineer.stages import Stages
from tonmeister.files.cache import Cache
from tonmeister.files.output_folder import OutputFolder
from tonmeister.files.probe import SoundFile
from tonmeister.files.sound import open_sound
from tonmeister.processing import TruePeakLimiter
from tonmeister.render import Listener, Renderer, SourceFile


@dataclass(frozen=True, slots=True, eq=False)
class RenderedMix:
    """What rendering the mix bus gave."""

    lufs: float | None
    energies_100ms: NDArray[np.float64]
    computed: dict[str, int]


def open_renderer(sources: Mapping[str, SoundFile], *, cache: Cache) -> Renderer:
    """Return a renderer of these sounds, by track id."""
    return Renderer({name: SourceFile(sound.path, sound.stream) for name, sound in sources.items()}, cache=cache)


def render_mix(
    mix: Mix,
    renderer: Renderer,
    path: Path,
    stages: Stages,
    *,
    span: tuple[int, int] | None = None,
    also: tuple[Listener, ...] = (),
    cancel: Cancel | None,
) -> RenderedMix:
    """Render the mix bus to a float32 WAV, or only a span of its frames; `also` listen along."""
    listener = LoudnessListener(mix.song.sample_rate_hz, 2)
    with stages.stage("mix") as tell:
        rendered = renderer.render(
            mix, outputs={"mix": path}, listeners={"mix": [listener, *also]}, start_frame=span[0] if span else 0,
            end_frame=span[1] if span else None, progress=_share(tell), cancel=cancel,
        )  # fmt: skip
    energies = listener.meter.energies_100ms()
    lufs = integrated_from_energies(energies)
    return RenderedMix(None if lufs is None else round(lufs, 2), energies, dict(rendered.computed))


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
    return canonical(fold(mix.model_copy(update={"moves": moves})))


def _share(tell: Callable[[str, float], None]) -> Callable[[float], None]:
    return lambda share: tell("", share)
