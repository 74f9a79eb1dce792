"""Loud, clean, true to target?

Unity sums and human mixes are mastered to each target; loudness is read from ffmpeg's `ebur128`, true peaks by our own 8x
interpolation of the file and of what AAC, Opus and MP3 make of it.  The limiter alone gets the sums at -23 LUFS, driven
by 6, 10 and 14 dB into a ceiling of -1, and two tones for its intermodulation.  Kinds: `sums`, `limiter`, and those of
`master_targets`: whole songs to every target, and through codecs.
"""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from bench import master_targets, ours
from bench.baselines import libsonare
from bench.baselines.registry import MASTERS, Master
from bench.case import (
    OURS,
    AbsentError,
    Case,
    Job,
    Summary,
    Values,
    absences,
    attempt,
    hash_of,
    mean_of,
    remember,
    systems_of,
)
from bench.measures import ffmpeg_meter, gated_lufs, intermodulation_db, true_peak_db
from bench.process import ProgramFailedError
from bench.songs import Song, find_songs
from bench.sound import Sound, as_stereo, ffmpeg, read, sum_of, write

QUESTION = "loud, clean, true to target?"
TARGETS = ((-14.0, -1.0), (-9.0, -1.0), (-23.0, -1.0))
"""LUFS and dBTP: streaming, loud, broadcast."""
CODECS = {"aac": ("aac", "256k", "m4a"), "opus": ("libopus", "128k", "opus"), "mp3": ("libmp3lame", "320k", "mp3")}
SUM_LUFS, CEILING_DB = -23.0, -1.0
DRIVES_DB = (6.0, 10.0, 14.0)
LOUDEST_DRIVE_DB = 14.0
TONES_HZ = (60.0, 7000.0)
"""The SMPTE pair, four to one."""


def run(job: Job) -> Iterator[Case]:
    """Master every source to every target, then drive the limiters."""
    for song in find_songs(job):
        for name, source in _sources(job, song) if job.wants_kind("sums") else ():
            for lufs, ceiling in TARGETS:
                yield _master_case(job, name, source, lufs, ceiling)
        for drive_db in DRIVES_DB if job.wants_kind("limiter") else ():
            yield _limiter_case(job, f"{song.name} limiter +{drive_db:g} dB", _quiet_sum(job, song), drive_db)
    yield from master_targets.cases(job)
    if find_songs(job) and job.wants_kind("limiter"):
        for drive_db in DRIVES_DB:
            yield _limiter_case(job, f"two tones +{drive_db:g} dB", _two_tones(job), drive_db)


def summarise(cases: list[Case]) -> Summary:
    """Return the worst error and excess, the mean PLR at the streaming target, and the limiter's figures."""
    whole = master_targets.figures(cases)
    cases = [case for case in cases if case.about.get("kind") not in master_targets.KINDS]
    names = (OURS, *systems_of(cases))
    figures = {name: _figures(cases, name) for name in names}
    missed = sorted(case.name for case in cases if case.systems.get(OURS, {}).get("said_missed"))
    notes = (f"ours said it missed its target (budget) in: {', '.join(missed)}",) if missed else ()
    return Summary(
        figures.pop(OURS) | whole,
        figures,
        (*notes, "lufs_error counts the cases in which the program claimed its target", *absences(cases)),
    )


def _figures(cases: list[Case], name: str) -> Values:
    def worst(key: str, among: list[Case]) -> float | None:
        found = [case.systems[name][key] for case in among if case.systems.get(name, {}).get(key) is not None]
        return max(found) if found else None

    claimed = [case for case in cases if not case.systems.get(name, {}).get("said_missed")]
    streaming = [case for case in cases if case.about.get("target_lufs") == TARGETS[0][0]]
    loudest = [case for case in cases if case.about.get("drive_db") == LOUDEST_DRIVE_DB]
    return {
        "lufs_error": worst("lufs_error", claimed),
        "true_peak_excess_db": worst("true_peak_excess_db", cases),
        "codec_excess_db": worst("codec_excess_db", cases),
        "plr_db": mean_of(streaming, name, "plr_db"),
        "limiter_lufs_14db": mean_of(loudest, name, "limiter_lufs"),
        "imd_db": worst("imd_db", cases),
    }


def _sources(job: Job, song: Song) -> Iterator[tuple[str, Path]]:
    """Give the unity sum (turned down to -1 dBFS where it is over) and the human mix."""
    path = job.out / "master" / f"{song.name}.sum.wav"
    if not path.exists():
        rate = song.rate_hz()
        total = sum_of(((stem.wav(song), 0.0) for stem in song.stems), rate_hz=rate)
        write(path, total * np.float32(min(1.0, 10 ** (-1 / 20) / float(np.abs(total).max()))), rate)
    yield f"{song.name} sum", path
    if song.human is not None:
        path = job.out / "master" / f"{song.name}.human.wav"
        if not path.exists():
            samples, rate = read(song.human.wav(song))
            write(path, as_stereo(samples), rate, subtype="FLOAT")
        yield f"{song.name} human mix", path


def _quiet_sum(job: Job, song: Song) -> Path:
    path = job.out / "master" / f"{song.name}.quiet.wav"
    if not path.exists():
        samples, rate = read(next(_sources(job, song))[1])
        loudness = gated_lufs(samples, rate) or SUM_LUFS
        write(path, samples * np.float32(10 ** ((SUM_LUFS - loudness) / 20)), rate, subtype="FLOAT")
    return path


def _two_tones(job: Job) -> Path:
    path = job.out / "master" / "two_tones.wav"
    time = np.arange(48000 * 8) / 48000
    tones = 0.8 * np.sin(2 * np.pi * TONES_HZ[0] * time) + 0.2 * np.sin(2 * np.pi * TONES_HZ[1] * time)
    samples = np.tile(tones * 10 ** (CEILING_DB / 20), (2, 1)).astype(np.float32)  # peaks reach the ceiling undriven
    return write(path, samples, 48000, subtype="FLOAT")


def _master_case(job: Job, name: str, source: Path, lufs: float, ceiling: float) -> Case:
    systems: dict[str, Values] = {}
    out = job.out / "master" / "out"
    out.mkdir(parents=True, exist_ok=True)

    def our_master() -> Values:
        cost = ours.master_file(source, out / "ours.wav", lufs=lufs, ceiling_dbtp=ceiling)
        return {**_measure(out / "ours.wav", lufs, ceiling, out), "said_missed": cost.code == ours.MISSED}

    if job.wants(OURS):
        systems[OURS] = attempt(our_master)
    for baseline in MASTERS:
        if job.wants(baseline.NAME):
            systems[baseline.NAME] = attempt(_baseline, job, baseline, source, lufs, ceiling, out)
    about: Values = {"target_lufs": lufs, "ceiling_dbtp": ceiling}
    return Case(f"{name} to {lufs:g} LUFS", systems, about)


def _baseline(job: Job, baseline: Master, source: Path, lufs: float, ceiling: float, out: Path) -> Values:
    def work() -> Values:
        target = out / f"{baseline.NAME}.wav"
        try:
            baseline.master(source, target, lufs=lufs, ceiling_dbtp=ceiling)
        except ProgramFailedError as failed:
            raise AbsentError(f"failed: {failed}") from failed
        return _measure(target, lufs, ceiling, out)

    if baseline.version() is None:
        raise AbsentError("not installed")
    key = f"master-{baseline.NAME}-{source.stem}-{lufs:g}-{hash_of(_digest(source), baseline.version(), ceiling)}"
    return remember(job, key, work)


def _digest(source: Path) -> str:
    import hashlib

    return hashlib.sha256(source.read_bytes()).hexdigest()


def _measure(path: Path, lufs: float, ceiling: float, work: Path) -> Values:
    meter, peak = ffmpeg_meter(path), true_peak_db(read(path)[0])
    codecs = CODECS if lufs == TARGETS[0][0] else {}  # what a service does to a master, it does to the streaming one
    return {
        "lufs": meter.integrated_lufs,
        "lufs_error": abs(meter.integrated_lufs - lufs),
        "true_peak_db": peak,
        "true_peak_excess_db": peak - ceiling,
        "plr_db": peak - meter.integrated_lufs,
        "codec_excess_db": max((_codec_peak_db(path, codec, work) for codec in codecs), default=None),
    }


def _codec_peak_db(path: Path, codec: str, work: Path) -> float:
    """Return the true peak of what a decoder gives back, in dB above full scale, where it would clip."""
    encoder, rate, ending = CODECS[codec]
    coded, decoded = work / f"coded.{ending}", work / "decoded.wav"
    quiet = [ffmpeg(), "-nostdin", "-y", "-loglevel", "error", "-i"]
    subprocess.run([*quiet, str(path), "-c:a", encoder, "-b:a", rate, str(coded)], check=True)
    subprocess.run([*quiet, str(coded), "-c:a", "pcm_f32le", str(decoded)], check=True)
    return true_peak_db(read(decoded)[0])


def _limiter_case(job: Job, name: str, source: Path, drive_db: float) -> Case:
    out = job.out / "master" / "out"
    out.mkdir(parents=True, exist_ok=True)
    tones = source.stem == "two_tones"

    def theirs() -> Values:
        if libsonare.version() is None:
            raise AbsentError("not installed")
        key = f"limiter-libsonare-{source.stem}-{drive_db:g}-{hash_of(_digest(source), libsonare.version())}"
        return remember(
            job, key, lambda: _limited(lambda: _libsonare_limit(source, out / "limited.wav", drive_db), tones=tones)
        )

    systems: dict[str, Values] = {}
    if job.wants(OURS):
        systems[OURS] = attempt(
            lambda: _limited(lambda: ours.limit(source, drive_db=drive_db, ceiling_dbtp=CEILING_DB), tones=tones)
        )
    if job.wants(libsonare.NAME):
        systems[libsonare.NAME] = attempt(theirs)
    return Case(name, systems, {"drive_db": drive_db})


def _libsonare_limit(source: Path, target: Path, drive_db: float) -> tuple[Sound, int]:
    libsonare.limit(source, target, drive_db=drive_db, ceiling_db=CEILING_DB)
    return read(target)


def _limited(limit: Callable[[], tuple[Sound, int]], *, tones: bool) -> Values:
    samples, rate = limit()
    peak = true_peak_db(samples)
    if tones:
        return {
            "imd_db": intermodulation_db(samples, rate, low_hz=TONES_HZ[0], high_hz=TONES_HZ[1]),
            "limiter_true_peak_db": peak,
        }
    return {
        "limiter_lufs": gated_lufs(samples, rate),
        "limiter_true_peak_db": peak,
        "true_peak_excess_db": peak - CEILING_DB,
    }
