"""libsonare (Apache-2.0): its mix assistant, mixer, mastering chain and limiters, in the baselines' environment."""

import json
from pathlib import Path
from typing import Any

from bench.baselines.environment import installed_versions
from bench.process import Cost, run_baseline_program
from bench.songs import Song

NAME = "libsonare"


def version() -> str | None:
    """Return the installed version; None where it is absent."""
    return installed_versions().get("libsonare")


def gains_db(song: Song, stems: Path) -> list[float | None]:
    """Return what each suggested strip does to the gated loudness of its stem, rendered alone without sends."""
    done = run_baseline_program("libsonare_gains.py", *(stems / f"{stem.name}.wav" for stem in song.stems))
    found = json.loads(done.output.strip().splitlines()[-1])
    return [found.get(stem.name) for stem in song.stems]


def mix(song: Song, stems: Path, wav: Path) -> Cost:
    """Write what its suggested scene renders; return what it cost."""
    return run_baseline_program("libsonare_mix.py", wav, *(stems / f"{stem.name}.wav" for stem in song.stems))


def master(source: Path, target: Path, *, lufs: float, ceiling_dbtp: float) -> Cost:
    """Master by its `streaming` preset with this target and ceiling."""
    return run_baseline_program("libsonare_master.py", source, target, str(lufs), str(ceiling_dbtp))


def limit(source: Path, target: Path, *, drive_db: float, ceiling_db: float) -> Cost:
    """Drive its brickwall limiter."""
    return run_baseline_program("libsonare_limit.py", source, target, str(drive_db), str(ceiling_db))


def hear_form(mix: Path) -> tuple[list[float], list[str]]:
    """Return edges in seconds and names of the sections of a file."""
    found = hear(mix)
    return found["edges_s"], found["labels"]


def hear(mix: Path) -> dict[str, Any]:
    """Return what it hears of a file: `edges_s`, `labels`, `beats_s`, `downbeats_s`."""
    done = run_baseline_program("libsonare_form.py", mix)
    return dict(json.loads(done.output.strip().splitlines()[-1]))
