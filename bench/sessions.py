"""Is the session the mix? And how long does writing one take?

`still`, `lanes`, `devices`: a real Ardour 7.3 renders our session of each song without a window, and its sound is held against our own
before the master chain.  `still`: all devices taken out and every lane held at its first value; `lanes`: with the lanes; `devices`:
as it is written, with Ardour's equalisers and compressors and our prints, held by thirds of an octave and by sections.

`time`: each format is written of the typical job (24 stereo stems of 4 minutes, mixed from scratch) with copied sound; the time that copying the same
bytes takes (read, written, with the system's own cache) is told beside it.
"""

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from bench.ardour import Ardour, is_here
from bench.case import OURS, AbsentError, Case, Job, Summary, Values, absences, attempt
from bench.measures import gated_lufs
from bench.ours import python, tonmeister
from bench.process import PROGRAMS, run_program
from bench.songs import Song, find_songs
from bench.sound import Sound, read
from bench.speed import typical_job

QUESTION = "is the session the mix, and how long does writing it take?"
NULLS = ("still", "lanes", "devices")
FORMATS = ("ardour", "dawproject", "reaper", "aaf", "stems")
THIRDS_HZ = 1000 * 2 ** (np.arange(-16, 13) / 3)
"""25 Hz to 16 kHz."""
QUIETEST_DB = -70.0
"""A third that is so far under the loudest is not compared."""


def run(job: Job) -> Iterator[Case]:
    """Render the sessions of every song, then write those of the typical job."""
    for song in find_songs(job) if any(job.wants_kind(kind) for kind in NULLS) else ():
        out = job.out / "sessions" / song.name
        for kind in (kind for kind in NULLS if job.wants_kind(kind)):
            yield Case(f"{song.name} {kind}", {OURS: attempt(_null, song, out, kind)}, {"kind": kind})
        shutil.rmtree(out / "null", ignore_errors=True)
    if job.wants_kind("time"):
        stems = typical_job(job, job.stems, job.seconds)
        out = job.out / "sessions" / "typical"
        for wanted in FORMATS:
            for number in range(1, job.rounds + 1):
                systems = {OURS: attempt(_time, stems, out, wanted)}
                yield Case(f"{wanted} round {number}", systems, {"kind": "time", "format": wanted})


def summarise(cases: list[Case]) -> Summary:
    """Return the worst of each kind, and the slowest format's least time beyond copying."""
    figures: Values = {
        "still_peak_dbfs": _worst(cases, "still", "peak_dbfs"),
        "lanes_peak_dbfs": _worst(cases, "lanes", "peak_dbfs"),
        "devices_third_db": _worst(cases, "devices", "third_db"),
        "devices_section_lu": _worst(cases, "devices", "section_lu"),
    }
    for wanted in FORMATS:
        rounds = [
            case.systems[OURS]["beyond_copying_s"]
            for case in cases
            if case.about.get("format") == wanted and "beyond_copying_s" in case.systems[OURS]
        ]
        figures[f"{wanted}_beyond_copying_s"] = min(rounds, default=None)
    return Summary(figures, {}, absences(cases))


def _worst(cases: list[Case], kind: str, key: str) -> float | None:
    found = [case.systems[OURS][key] for case in cases if case.about["kind"] == kind and key in case.systems[OURS]]
    return max(found, default=None)


def _null(song: Song, out: Path, kind: str) -> Values:
    if not is_here():
        raise AbsentError("Ardour 7 is not installed here")
    if not (out / "mix.json").exists():
        tonmeister("mix", song.folder, "-o", out, "--sessions", "none")
    folder = out / "null"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "home").mkdir(parents=True)
    told = json.loads(run_program([python(), PROGRAMS / "session_null.py", out, folder, kind]).output)
    theirs = Ardour(folder / "home", patience_s=300).render(Path(told["session"]))
    ours, rate = read(folder / "ours.wav")
    frames = min(theirs.shape[1], ours.shape[1])
    theirs, ours = theirs[:, :frames], ours[:, :frames]
    found: Values = {"peak_dbfs": round(float(20 * np.log10(np.abs(theirs - ours).max() + 1e-12)), 1)}
    if kind == "devices":
        found["third_db"] = round(float(np.abs(_thirds_db(theirs, rate) - _thirds_db(ours, rate)).max()), 3)
        found["section_lu"] = round(max(_sections_lu(theirs, ours, rate, told["sections"]), default=0.0), 3)
    return found


def _thirds_db(sound: Sound, rate: int) -> NDArray[np.float64]:
    """Return the level of each third of an octave; what is far under the loudest is held there."""
    hz, power = signal.welch(sound.astype(np.float64), rate, nperseg=1 << 15, axis=-1)
    total = power.sum(axis=0)
    levels = [total[(hz >= f * 2 ** (-1 / 6)) & (hz < f * 2 ** (1 / 6))].sum() for f in THIRDS_HZ]
    levels_db = 10 * np.log10(np.array(levels) + 1e-20)
    return np.asarray(np.maximum(levels_db, levels_db.max() + QUIETEST_DB))


def _sections_lu(theirs: Sound, ours: Sound, rate: int, sections: list[tuple[float, float]]) -> Iterator[float]:
    for start_s, end_s in sections:
        part = slice(round(start_s * rate), round(end_s * rate))
        levels = gated_lufs(theirs[:, part], rate), gated_lufs(ours[:, part], rate)
        if levels[0] is not None and levels[1] is not None:
            yield abs(levels[0] - levels[1])


def _time(stems: Path, out: Path, wanted: str) -> Values:
    """Write one format anew, then copy what it wrote."""
    if not (out / "mix.json").exists():
        tonmeister("mix", stems, "-o", out, "--sessions", "none", "--start", "from-scratch")
    made = out / "sessions" / wanted
    shutil.rmtree(made, ignore_errors=True)
    os.sync()
    cost = tonmeister("export", out, "--to", wanted)
    copy = out / "copied"
    os.sync()
    start = time.perf_counter()
    shutil.copytree(made, copy)
    copy_s = time.perf_counter() - start
    size = sum(path.stat().st_size for path in copy.rglob("*") if path.is_file())
    shutil.rmtree(copy)
    shutil.rmtree(made)
    return {
        "wall_s": round(cost.wall_s, 2),
        "cpu_s": round(cost.cpu_s, 2),
        "copy_s": round(copy_s, 2),
        "beyond_copying_s": round(max(0.0, cost.wall_s - copy_s), 2),
        "gigabytes": round(size / 1e9, 2),
    }
