"""Clean recordings: one file, or every file of a folder; the sound that comes in is never written over."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tonmeister.analysis.energy_steps import total_energy
from tonmeister.analysis.loudness import BLOCK_S, measure_loudness
from tonmeister.analysis.role_song import NamedSound, assign_roles
from tonmeister.analysis.track_meter import TrackMeasurement, measure_track
from tonmeister.analysis.true_peak import measure_true_peak
from tonmeister.audio import Audio
from tonmeister.engineer.clean_options import CleanOptions
from tonmeister.engineer.clean_result import CleanedFile, CleanResult, DoneRepair
from tonmeister.engineer.clean_sound import CleanedSound, clean_sound
from tonmeister.engineer.options import Cancel, Tell, tell_nobody
from tonmeister.engineer.stages import Stages
from tonmeister.errors import CancelledError, InputError, OutputError
from tonmeister.files.atomic import output_error, write_text
from tonmeister.files.cache import Cache, open_cache
from tonmeister.files.intake import find_sounds, require_sounds
from tonmeister.files.probe import SoundFile, probe
from tonmeister.files.sound import open_probed
from tonmeister.files.write_like import check_ending, room_gain_db, with_gain, write_like
from tonmeister.processing.segments import take_residual

LEAST_VOICE = 0.5
"""So sure must the ear be that it hears one voice."""
_ENDINGS = (".wav", ".flac")


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """What all files of one call share."""

    options: CleanOptions
    cache: Cache
    tell: Tell
    cancel: Cancel | None


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """A recording before and after, for the page."""

    before: Audio
    after: Audio
    """At the level of what came in."""
    file: CleanedFile


def clean(
    source: Path,
    out: Path,
    *,
    residual: Path | None = None,
    report: Path | None = None,
    options: CleanOptions | None = None,
    progress: Tell = tell_nobody,
    cancel: Cancel | None = None,
) -> CleanResult:
    """Mend a recording, or all of a folder; rate, channels, length and time stamp stay.

    Args:
        source: A sound file, or a folder of them.
        out: The file to write (.wav, .flac, .ogg or .mp3), or a folder for a folder.
        residual: A file for what was taken away, for a single recording.
        report: An HTML page with pictures of before, after and removed, for a single recording.
        options: How far to go, and where.
        progress: Is told what is being done.
        cancel: Is asked whether to stop.

    Raises:
        InputError: If a file or an option cannot be used; nothing was written then.
        OutputError: If a result cannot be written.
        CancelledError: If the person asked to stop; nothing half-written is left.
    """
    wanted = options or CleanOptions()
    stages = Stages(progress)
    job = _Job(wanted, open_cache(), progress, cancel)
    with stages.stage("clean"):
        if source.is_dir():
            return _clean_folder(source, out, (residual, report), job, stages)
        for path in (out, *(path for path in (residual,) if path is not None)):
            _check_place(path, source)
        compared, cleaned = _clean_file(source, out, job)
    if residual is not None:
        write_like(residual, take_residual(compared.before, compared.after), probe(source, cache=job.cache))
    if report is not None:
        from tonmeister.deliver.cleaning import write_cleaning  # noqa: PLC0415 - only a page needs the drawing

        with stages.stage("report"):
            write_text(report, write_cleaning(compared.before, compared.after, compared.file.model_dump(mode="json")))
    return CleanResult(
        out=out, files=(compared.file,), residual=residual, report=report, misses=cleaned.misses, stages=stages.times
    )


def _clean_folder(
    source: Path, out: Path, extra: tuple[Path | None, Path | None], job: _Job, stages: Stages
) -> CleanResult:
    if any(path is not None for path in extra):
        raise InputError(f"{source}: --residual and --report are for one recording; give a file.")
    if out.suffix.lower() in (".wav", ".flac", ".mp3", ".ogg"):
        raise OutputError(out, reason="A folder is cleaned into a folder", advice="Give the name of a folder.")
    if out.resolve().is_relative_to(source.resolve()):
        raise InputError(
            f"{out}: that is the folder itself or inside it; give another one, nothing is ever overwritten."
        )
    found = find_sounds(source, cache=job.cache)
    require_sounds(found, source=source)
    wanted = [item for item in found if item.used and item.sound is not None and item.sound.stream == 0]
    files: list[CleanedFile] = []
    misses: list[str] = []
    for number, item in enumerate(wanted):
        place = _place_in(out, item.path.relative_to(source), taken={file.out for file in files})
        compared, cleaned = _clean_file(item.path, place, _told_within(job, item.name, number, len(wanted)))
        files.append(compared.file)
        misses += [f"{item.name}: {miss}" for miss in cleaned.misses]
    skipped = tuple(f"{item.name}: {item.reason}" for item in found if not item.used)
    return CleanResult(out=out, files=tuple(files), skipped=skipped, misses=tuple(misses), stages=stages.times)


def _place_in(out: Path, name: Path, *, taken: Collection[Path]) -> Path:
    """Return the file for a recording of a folder, in a folder that is there; `a.mp3` beside `a.wav` becomes `a.mp3.wav`."""
    ending = name.suffix.lower() if name.suffix.lower() in _ENDINGS else ".wav"
    place = (out / name).with_suffix(ending)
    if place in taken:
        place = out / name.with_name(f"{name.name}{ending}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(place.parent, error) from error
    return place


def _told_within(job: _Job, name: str, number: int, count: int) -> _Job:
    """Return the job, told as one of several."""

    def tell(stage: str, what: str, share: float) -> None:
        job.tell(stage, f"{name}: {what}" if what else name, (number + share) / count)

    return replace(job, tell=tell)


def _check_place(out: Path, source: Path) -> None:
    check_ending(out)
    if out.exists() and source.exists() and out.samefile(source):
        raise InputError(f"{out}: that is the recording itself; give another name, nothing is ever overwritten.")


def _clean_file(source: Path, out: Path, job: _Job) -> tuple[Compared, CleanedSound]:
    job.tell("clean", "", 0.0)
    sound = probe(source, cache=job.cache)
    audio = _read(sound, job)
    measured = measure_track(audio)
    role, is_voice = hear_material(measured, source.name, job.options)
    _check_regions(job.options, audio, source)
    cleaned = clean_sound(audio, measured.figures, job.options, voice=is_voice, tell=job.tell, cancel=job.cancel)
    gain_db = room_gain_db(cleaned.audio, out, sound)
    written = with_gain(cleaned.audio, gain_db)
    write_like(out, written, sound)
    taken, whole = total_energy(take_residual(audio, cleaned.repaired)), total_energy(audio)
    loudness, peak = _loudness(written), measure_true_peak(written)
    file = CleanedFile(
        source=source, out=out, is_voice=is_voice, role=role, sample_rate_hz=sound.sample_rate_hz, channels=audio.channels,
        duration_s=round(audio.duration_s, 3), repairs=tuple(DoneRepair.of(repair) for repair in cleaned.repairs),
        identical=bool(np.array_equal(written.samples, audio.samples)),
        evidence=() if cleaned.repairs else tell_clean(measured),
        residual_db=round(10 * float(np.log10(taken / whole)), 2) if taken > 0 and whole > 0 else None,
        gain_db=gain_db, levelled=cleaned.audio is not cleaned.repaired, lufs_before=measured.figures.loudness.integrated_lufs,
        lufs_after=None if loudness is None else round(loudness, 2), true_peak_dbtp=None if peak is None else round(peak, 2),
        breaks=cleaned.breaks,
    )  # fmt: skip
    return Compared(audio, cleaned.repaired, file), cleaned


def _read(sound: SoundFile, job: _Job) -> Audio:
    """Return a whole recording at its own rate.

    Raises:
        CancelledError: If the person asked to stop.
        InputError: If there is no sound in it.
    """
    if job.cancel is not None and job.cancel.is_set():
        raise CancelledError("The work was stopped.")
    with open_probed(sound, cache=job.cache) as reader:
        audio = reader.read_all()
    if audio.frames == 0:
        raise InputError(f"{sound.path}: there is no sound in it (0 frames); nothing to clean.")
    if not np.isfinite(audio.samples).all():
        return Audio(np.nan_to_num(audio.samples, posinf=0.0, neginf=0.0), audio.sample_rate_hz)
    return audio


def _loudness(audio: Audio) -> float | None:
    return measure_loudness(audio).integrated_lufs if audio.duration_s >= BLOCK_S else None


def hear_material(measured: TrackMeasurement, name: str, options: CleanOptions) -> tuple[str, bool]:
    """Return what a recording was heard to be, and whether it counts as one voice alone."""
    if measured.figures.levels.active_rms_dbfs is None:
        return "silence", False
    guess = assign_roles([NamedSound(name, measured, None)])[0]
    if options.material != "auto":
        return guess.role, options.material == "voice"
    return guess.role, guess.family == "vocal" and guess.confidence >= LEAST_VOICE


def tell_clean(measured: TrackMeasurement) -> tuple[str, ...]:
    """Say in sentences why nothing is to be done."""
    figures = measured.figures
    rms, defects = figures.levels.active_rms_dbfs, figures.defects
    if rms is None:
        return ("It is silent.",)
    told: list[str] = [] if figures.faults else ["The ear found no fault: no clipping, offset, hum, noise or clicks."]
    told += [fault.sentence for fault in figures.faults]
    for what, level_dbfs in (("Steady noise", defects.noise_dbfs), ("Hum", defects.hum_dbfs)):
        if level_dbfs is not None:
            told.append(f"{what} at {level_dbfs:.1f} dBFS, {rms - level_dbfs:.0f} dB below the sound.")
    return tuple(told)


def _check_regions(options: CleanOptions, audio: Audio, source: Path) -> None:
    for region in options.regions:
        if region.start_s >= audio.duration_s:
            raise InputError(
                f"--region {region.start_s:g}-{region.end_s:g}: {source.name} ends at {audio.duration_s:.2f} s already."
            )
