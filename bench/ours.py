"""Our own side, through the public doors only: the command line, and one measurement of the strips."""

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.case import AbsentError
from bench.process import ROOT, Cost, ProgramFailedError, run_program

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
    stems: Path, out: Path, *, master: bool = True, from_scratch: bool = False, cache_folder: Path | None = None
) -> Path:
    """Mix a folder of stems into an empty OUT folder and return it."""
    shutil.rmtree(out, ignore_errors=True)
    words: list[str | Path] = ["mix", stems, "-o", out, "--json"]
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


def tracks_of(out: Path) -> list[dict[str, Any]]:
    """Return the tracks of a mix document as it was written."""
    return list(json.loads((out / "mix.json").read_text())["tracks"])


def is_named(track: Mapping[str, Any], stem: str) -> bool:
    """Whether a track of ours came from the file of this name (with or without suffix)."""
    return track["name"] == stem or Path(track["name"]).stem == stem


def strip_gain_db(out: Path, stem: str) -> float | None:
    """Return what the mix in OUT did to the level of a stem: gated loudness out of its strip minus into it, in dB.

    None where the stem is silent or not used.

    Raises:
        AbsentError: If the stem is in no track, or strips cannot be measured.
    """
    track = next((track for track in tracks_of(out) if is_named(track, stem)), None)
    if track is None:
        raise AbsentError(f"{stem} is in no track of {out / 'mix.json'}")
    measured = _strip_loudness(out).get(track["id"])
    if measured is None or measured.before_lufs is None or measured.after_lufs is None:
        return None
    return float(measured.after_lufs - measured.before_lufs)


@cache
def _strip_loudness(out: Path) -> Mapping[str, Any]:
    try:
        from tonmeister.render import strip_loudness
    except ImportError as missing:
        raise AbsentError(f"strips cannot be measured: {missing}") from missing
    return dict(strip_loudness(out))
