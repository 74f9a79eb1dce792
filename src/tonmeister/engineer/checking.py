"""Check a finished file: what is wrong, where it will be heard and what helps; nothing is changed."""

from pathlib import Path

from tonmeister.engineer.check_findings import judge
from tonmeister.engineer.check_places import play_on_devices, play_on_platforms, tell_devices, tell_platforms
from tonmeister.engineer.check_result import CheckedFile, CheckResult, Compared, Finding
from tonmeister.engineer.check_sound import CheckedSound, measure_sound
from tonmeister.engineer.codecs import CodecPeak, measure_codecs
from tonmeister.engineer.comparing import compare
from tonmeister.engineer.options import Cancel, Tell, tell_nobody
from tonmeister.engineer.previews import write_previews
from tonmeister.engineer.stages import Stages
from tonmeister.errors import InputError
from tonmeister.files.atomic import write_text
from tonmeister.files.cache import Cache, open_cache
from tonmeister.files.output_folder import is_result_folder
from tonmeister.files.sound import SoundReader, open_sound

_RESULTS = ("master.wav", "mix.wav")


def check(
    source: Path,
    *,
    against: Path | None = None,
    codecs: bool = False,
    previews: Path | None = None,
    report: Path | None = None,
    progress: Tell = tell_nobody,
    cancel: Cancel | None = None,
) -> CheckResult:
    """Look at a finished file, or at the master of a mix that Tonmeister made.

    Args:
        source: A sound file, or the folder of a mix.
        against: Another version of the same song, to say what differs.
        codecs: Also encode and decode it, and measure the true peak after each codec.
        previews: A folder for files that play as each platform would play it.
        report: An HTML page with pictures.
        progress: Is told what is being done.
        cancel: Is asked whether to stop.

    Raises:
        InputError: If a file cannot be read.
        OutputError: If the page or a preview cannot be written.
        CancelledError: If the person asked to stop.
    """
    stages, cache = Stages(progress), open_cache()
    path = find_sound(source)
    with open_sound(path, cache=cache) as sound:
        with stages.stage("listen"):
            heard = measure_sound(sound, cancel=cancel)
        compared = None if against is None else _compare(heard, sound, against, stages, cache, cancel)
        table = _codecs(sound, stages, cancel) if codecs and heard.lufs is not None else ()
        result = _gather(path, sound, heard, compared=compared, table=table)
        if previews is not None:
            with stages.stage("previews") as tell:
                written = write_previews(sound, result.platforms, previews, tell=tell, cancel=cancel)
            result = result.model_copy(update={"previews": written})
        if report is not None:
            from tonmeister.deliver.checking import write_check  # noqa: PLC0415 - only a page needs the drawing

            with stages.stage("report"):
                figures = result.model_dump(mode="json")
                write_text(report, write_check(figures, heard.measured.curves, sound.read_all()))
            result = result.model_copy(update={"report": report})
    return result.model_copy(update={"stages": stages.times})


def find_sound(source: Path) -> Path:
    """Return the file to look at: the file itself, or the master (else the mix) in a result folder.

    Raises:
        InputError: If there is none.
    """
    if not source.is_dir():
        return source
    found = next((source / name for name in _RESULTS if (source / name).is_file()), None)
    if found is None or not is_result_folder(source):
        raise InputError(
            f"{source}: no finished mix is in it; give a sound file, or the folder that `tonmeister mix` wrote."
        )
    return found


def _compare(
    heard: CheckedSound, sound: SoundReader, against: Path, stages: Stages, cache: Cache, cancel: Cancel | None
) -> Compared:
    path = find_sound(against)
    with open_sound(path, cache=cache) as other_sound:
        with stages.stage("listen"):
            other = measure_sound(other_sound, cancel=cancel)
        with stages.stage("compare"):
            return compare(heard, sound, other, other_sound, against=path)


def _codecs(sound: SoundReader, stages: Stages, cancel: Cancel | None) -> tuple[CodecPeak, ...]:
    with stages.stage("codecs") as tell:
        return measure_codecs(sound, progress=lambda share: tell("", share), cancel=cancel)


def _gather(
    path: Path, sound: SoundReader, heard: CheckedSound, *, compared: Compared | None, table: tuple[CodecPeak, ...]
) -> CheckResult:
    platforms, devices = play_on_platforms(heard), play_on_devices(heard)
    findings: tuple[Finding, ...] = (
        *judge(heard, sound.file, sound.faults), *tell_platforms(platforms, heard), *tell_devices(devices, heard),
    )  # fmt: skip
    figures = heard.measured.figures
    facts = CheckedFile(
        path=path, container=sound.file.container, codec=sound.file.codec, bits=sound.file.bits,
        used_bits=heard.words.used_bits if sound.file.bits else None, sample_rate_hz=sound.sample_rate_hz, channels=sound.channels,
        duration_s=round(sound.duration_s, 3), integrated_lufs=heard.lufs, true_peak_dbtp=_rounded(heard.true_peak_dbtp),
        range_lu=figures.loudness.range_lu, plr_db=_rounded(heard.plr_db), crest_db=figures.levels.crest_db,
        short_term_max_lufs=figures.loudness.short_term_max_lufs,
    )  # fmt: skip
    faults = tuple(f"{one.title}: {one.sentence}" for one in findings if one.grade == "fault")
    return CheckResult(
        file=facts,
        findings=findings,
        platforms=platforms,
        devices=devices,
        codecs=table,
        compared=compared,
        misses=faults,
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
