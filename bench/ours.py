"""Our own side, through the public doors only: the command line, and one measurement of the strips."""

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.case import AbsentError
from bench.process import PROGRAMS, ROOT, Cost, ProgramFailedError, run_program

if TYPE_CHECKING:
    from bench.sound import Sound

MISSED = 3
"""Exit code of a run that finished, but missed a target, a budget or a track."""
WARM_KERNELS = "NUMBA_CACHE_DIR"


def command() -> Path:
    """Return our program.

    Raises:
        AbsentError: If it is not installed beside this interpreter or in the repository's environment.
    """
    places = (Path(sys.executable).parent / "tonmeister", ROOT / ".venv" / "bin" / "tonmeister")
    for place in places:
        if place.exists():
            return place
    raise AbsentError("tonmeister is not installed here")


def python() -> Path:
    """Return the interpreter that our program runs in."""
    return command().with_name("python")


def cache_environment(folder: Path) -> dict[str, str]:
    """Return the variables that keep every cache of ours in this folder, so that a run can be cold on purpose.

    Compiled kernels stay where they are: a cold run is one that knows no facts, not one that compiles.
    """
    kernels = os.environ.get(WARM_KERNELS)
    return {
        "XDG_CACHE_HOME": str(folder),
        "TONMEISTER_CACHE": str(folder),
        **({WARM_KERNELS: kernels} if kernels else {}),
    }


def tonmeister(*words: str | Path, environment: Mapping[str, str] | None = None, cores: Sequence[int] = ()) -> Cost:
    """Run our program; exits 0 and 3 are answers, all else is a failure.

    Raises:
        AbsentError: If it is not installed or failed, with what it said.
    """
    try:
        return run_program([command(), *words], environment=environment, accept=(0, MISSED), cores=cores)
    except ProgramFailedError as failed:
        raise AbsentError(str(failed)) from failed


def mix_stems(
    stems: Path,
    out: Path,
    *,
    master: bool = True,
    from_scratch: bool = False,
    cache_folder: Path | None = None,
    also: Sequence[str | Path] = (),
) -> Path:
    """Mix a folder of stems into an empty OUT folder and return it."""
    shutil.rmtree(out, ignore_errors=True)
    words: list[str | Path] = ["mix", stems, "-o", out, "--sessions", "none", "--json", *also]
    words += [] if master else ["--no-master"]
    words += ["--start", "from-scratch"] if from_scratch else []
    tonmeister(*words, environment=cache_environment(cache_folder or out.parent / "cache"))
    return out


def master_file(source: Path, target: Path, *, lufs: float, ceiling_dbtp: float) -> Cost:
    """Master a stereo file to a loudness and a ceiling."""
    return tonmeister("master", source, "-o", target, "--target", str(lufs), "--ceiling", str(ceiling_dbtp))


def limit(source: Path, *, drive_db: float, ceiling_dbtp: float) -> "tuple[Sound, int]":
    """Drive our true-peak limiter with a file; return the sound and its rate.

    Raises:
        AbsentError: If this version of ours has no such limiter.
    """
    try:
        from tonmeister.audio import Audio
        from tonmeister.processing import limiter
    except ImportError as missing:
        raise AbsentError(str(missing)) from missing
    from bench.sound import read

    samples, rate = read(source)
    settings = limiter.TruePeakLimiter(drive_db=drive_db, ceiling_dbtp=ceiling_dbtp)
    return limiter.limit(Audio(samples, rate), settings).samples, rate


Finding = tuple[str, str]
"""Name of the track (without suffix) and fault, in the words of `bench.plants`."""


def findings(facts: Mapping[str, Any]) -> set[Finding]:
    """Return every fault that `listen --json` reports, as (track, fault)."""
    came = {one["track"]: one for one in facts["incoming"] if one.get("track")}
    names = {track: _bare(one["name"]) for track, one in came.items()}
    found = {(names[track], "silence") for track, one in came.items() if one["state"] == "silent"}
    found |= {(names[track], "rough_mix") for track, one in came.items() if one["state"] == "reference"}
    for track in facts["tracks"]:
        for fault in track["faults"]:
            kind = f"hum_{round(fault['frequency_hz'])}" if fault["kind"] == "hum" else fault["kind"]
            found.add((names[track["id"]], kind))
        if came[track["id"]]["channels"] == 2 and track["channels"] == 1:
            found.add((names[track["id"]], "dual_mono"))
    for pair in facts["pairs"]:
        found.add((names[pair["other"]], "polarity" if pair["polarity"] < 0 else "delay"))
    found |= {(names[copy["second"]], "duplicate") for copy in facts["duplicates"]}
    return found


def names_in(facts: Mapping[str, Any]) -> set[str]:
    """Return the names of everything that came in and is accounted for, without suffix."""
    return {_bare(one["name"]) for one in facts["incoming"]}


def _bare(name: str) -> str:
    return name.rsplit(".", 1)[0] if name.lower().endswith((".wav", ".flac", ".m4a", ".mp3", ".ogg")) else name


def facts_of(source: Path) -> dict[str, Any]:
    """Return what `tonmeister listen SOURCE --json` says."""
    return dict(json.loads(tonmeister("listen", source, "--json").output))


def is_named(track: Mapping[str, Any], stem: str) -> bool:
    """Whether a track of ours came from the file of this name (with or without suffix)."""
    return track["name"] == stem or Path(track["name"]).stem == stem


def strip_gain_db(out: Path, stem: str) -> float | None:
    """Return what the mix in OUT did to the level of a stem, in dB; None where the stem is silent or not used.

    Gated loudness of the track where it enters the sum (after inserts, fader and pan), with the faders of the groups that it
    passes, minus that of its file.

    Raises:
        AbsentError: If the stem is in no track, or tracks cannot be measured.
    """
    document = json.loads((out / "mix.json").read_text())
    track = next((track for track in document["tracks"] if is_named(track, stem)), None)
    if track is None:
        raise AbsentError(f"{stem} is in no track of {out / 'mix.json'}")
    measured = _track_loudness(out).get(track["id"], {})
    before, after = measured.get("before_lufs"), measured.get("after_lufs")
    if before is None or after is None:
        return None
    return float(after - before) + group_gain_db(document, track["strip"]["output"])


def lead_sound(out: Path, stems: Sequence[str]) -> "Sound | None":
    """Return these stems as they stand in the mix in OUT, group faders included; None where there are none.

    Raises:
        AbsentError: If they cannot be rendered.
    """
    from bench.sound import read

    document = json.loads((out / "mix.json").read_text())
    tracks = [track for track in document["tracks"] if track["used"] and any(is_named(track, stem) for stem in stems)]
    if not tracks:
        return None
    wav = out.parent / "lead.wav"
    names = [track["id"] for track in tracks]
    try:
        run_program(
            [python(), PROGRAMS / "track_sound.py", out, wav, *names],
            environment=cache_environment(out.parent / "cache"),
        )
    except ProgramFailedError as failed:
        raise AbsentError(f"tracks cannot be rendered: {failed}") from failed
    samples, _ = read(wav)
    gain_db = group_gain_db(document, tracks[0]["strip"]["output"])
    return np.asarray(samples * np.float32(10 ** (gain_db / 20)))


def group_gain_db(document: Mapping[str, Any], bus: str) -> float:
    """Return the faders of a group and those behind it, in dB, each as the mean of its points."""
    groups = {group["id"]: group for group in document["buses"]}
    gain = 0.0
    while bus in groups:
        points = groups[bus]["fader_db"]["points"]
        gain += sum(point["value"] for point in points) / len(points)
        bus = groups[bus]["output"]
    return gain


@cache
def _track_loudness(out: Path) -> Mapping[str, Any]:
    """Measure every track of a result in our own interpreter, with the cache that the mix was made with."""
    try:
        done = run_program(
            [python(), PROGRAMS / "track_loudness.py", out], environment=cache_environment(out.parent / "cache")
        )
    except ProgramFailedError as failed:
        raise AbsentError(f"tracks cannot be measured: {failed}") from failed
    return dict(json.loads(done.output.strip().splitlines()[-1]))
