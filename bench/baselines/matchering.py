"""matchering (GPL-3.0, a separate program): matches a mix to a reference song and limits it."""

from pathlib import Path

from bench.baselines.environment import installed_versions
from bench.case import AbsentError
from bench.process import Cost, run_baseline_program

NAME = "matchering"


def version() -> str | None:
    """Return the installed version; None where it is absent."""
    return installed_versions().get("matchering")


def master(source: Path, target: Path, *, lufs: float, ceiling_dbtp: float) -> Cost:
    """It has no loudness target: its loudness is that of its reference.

    Raises:
        AbsentError: Always; `match` is what it can do.
    """
    raise AbsentError("has no loudness target and no true-peak ceiling, only a reference")


def match(source: Path, target: Path, *, reference: Path) -> Cost:
    """Match a mix to a reference and write it as 24 bit."""
    return run_baseline_program("matchering_master.py", source, target, reference)
