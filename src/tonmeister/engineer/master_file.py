"""Master one stereo file: the same chain and the same solver as for a mix of stems."""

from pathlib import Path

from tonmeister.analysis.track_meter import TrackMeasurement, TrackMeter
from tonmeister.engineer.decide import read_budget
from tonmeister.engineer.mastering import MasterSolver
from tonmeister.engineer.options import Cancel, Tell, tell_nobody
from tonmeister.engineer.result import MasterResult
from tonmeister.engineer.stages import Stages
from tonmeister.errors import CancelledError, InputError, OutputError
from tonmeister.files.cache import open_cache
from tonmeister.files.sound import SoundReader, open_sound
from tonmeister.knowledge.delivery import resolve_target
from tonmeister.tasks.mastering import chain_for_file

SEED = 1
"""Seed of the dither."""


def master(
    file: Path,
    out: Path,
    *,
    target: str = "streaming",
    ceiling_dbtp: float | None = None,
    budget: str = "balanced",
    codec_safe: bool = False,
    progress: Tell = tell_nobody,
    cancel: Cancel | None = None,
) -> MasterResult:
    """Master a mix: tone inside the band of released music, loudness to the target, true peaks under the ceiling.

    With codec_safe also after AAC, Opus, MP3 and Vorbis at 128 to 320 kbit/s: the limiter's ceiling is lowered until they hold it.

    Raises:
        InputError: If the file, the target or the budget cannot be used, or out is the file itself.
        OutputError: If the master cannot be written.
    """
    lufs, ceiling, _ = resolve_target(target, ceiling_dbtp)
    if codec_safe:
        from tonmeister.engineer.codec_safe import master_codec_safe  # noqa: PLC0415 - codecs are loaded where they are asked for

        def write(limit_dbtp: float) -> MasterResult:
            return master(
                file, out, target=target, ceiling_dbtp=limit_dbtp, budget=budget, progress=progress, cancel=cancel
            )

        return master_codec_safe(write, out, ceiling_dbtp=ceiling, progress=progress, cancel=cancel)
    limits = read_budget(budget)
    if out.suffix.lower() != ".wav":
        raise OutputError(out, reason="A master is a WAV file", advice="Give a name that ends in .wav.")
    if out.exists() and file.exists() and out.samefile(file):
        raise InputError(f"{out}: that is the mix itself; give another name, nothing is ever overwritten.")
    stages, cache = Stages(progress), open_cache()
    with open_sound(file, cache=cache) as sound:
        with stages.stage("listen"):
            measured = measure(sound, cancel=cancel)
        if measured.figures.loudness.integrated_lufs is None:
            raise InputError(f"{file}: there is no sound in it (silent, or shorter than 0.4 s); nothing to master.")
        chain = chain_for_file(
            measured, target_lufs=min(lufs, limits.loudest_master_lufs), ceiling_dbtp=ceiling, budget=limits
        )
        with stages.stage("master") as tell:
            solver = MasterSolver(
                sound,
                chain,
                measured.curves.energies_100ms,
                budget=limits,
                seed=SEED,
                progress=lambda share: tell("", share),
                cancel=cancel,
            )
            made = solver.write(out)
    return MasterResult(out=out, master=made.figures, misses=made.misses, stages=stages.times)


def measure(sound: SoundReader, *, cancel: Cancel | None) -> TrackMeasurement:
    """Measure a whole sound.

    Raises:
        CancelledError: If the person asked to stop.
    """
    meter = TrackMeter(sound.sample_rate_hz, sound.channels)
    for block in sound.blocks():
        if cancel is not None and cancel.is_set():
            raise CancelledError("The work was stopped.")
        meter.add(block)
    return meter.result()
