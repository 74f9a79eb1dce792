"""Other programs: run them and know what they cost (wall, CPU, peak memory by `wait4`)."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs"
"""Small scripts that run as processes of their own."""
ROOT = Path(__file__).resolve().parent.parent
BASELINE_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
"""The interpreter of the baselines' own environment (`python bench/setup_baselines.py` makes it)."""

_QUIET = {"OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore", "PYTHONDONTWRITEBYTECODE": ""}
"""One BLAS thread, no warnings; and whatever this machine says, a warm-up leaves byte code behind, as an installation has."""


class ProgramFailedError(Exception):
    """A program that ended badly; the message holds the end of what it said."""

    def __init__(self, command: Sequence[str], cost: "Cost") -> None:
        last = next((line.strip() for line in reversed(cost.errors.splitlines()) if line.strip(" ╰─╯│")), "no word")
        super().__init__(f"{' '.join(map(_short, command[:4]))} … ended with {cost.code}: {last[:300]}")
        self.code = cost.code


def _short(word: str) -> str:
    return Path(word).name if "/" in word else word


@dataclass(frozen=True)
class Cost:
    """What a program cost and said."""

    wall_s: float
    cpu_s: float
    """User and system time of the process and all its ended children."""
    peak_mib: float
    """Largest resident memory of a single process."""
    code: int
    output: str
    errors: str


def run_program(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    accept: Sequence[int] = (0,),
    cores: Sequence[int] = (),
) -> Cost:
    """Run a command to its end and return what it cost.

    Args:
        command: Program and arguments.
        environment: Variables set on top of ours; one BLAS thread is always asked for.
        accept: Exit codes that are not a failure.
        cores: Processor numbers it may use; empty means all.

    Raises:
        ProgramFailedError: If it ends with another code.
    """
    words = [str(word) for word in command]
    if cores:
        words = ["taskset", "-c", ",".join(map(str, cores)), *words]
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "cost.json"
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(PROGRAMS / "measure.py"), str(result), *words],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **_QUIET, **(environment or {})},
        )
        spent = json.loads(result.read_text()) if result.exists() else _never_started(done.returncode)
    cost = Cost(**spent, output=done.stdout, errors=done.stderr)
    if cost.code not in accept:
        raise ProgramFailedError(words, cost)
    return cost


def _never_started(code: int) -> dict[str, float | int]:
    return {"wall_s": 0.0, "cpu_s": 0.0, "peak_mib": 0.0, "code": code or 127}


def run_baseline_program(name: str, *arguments: str | Path) -> Cost:
    """Run a script of `programs/` in the baselines' own environment."""
    return run_program([BASELINE_PYTHON, PROGRAMS / name, *arguments])
