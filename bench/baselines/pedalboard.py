"""pedalboard (GPL-3.0, a separate program): plain chains without analysis."""

from pathlib import Path

from bench.baselines.environment import installed_versions
from bench.process import Cost, run_baseline_program

NAME = "pedalboard"


def version() -> str | None:
    """Return the installed version; None where it is absent."""
    return installed_versions().get("pedalboard")


def master(source: Path, target: Path, *, lufs: float, ceiling_dbtp: float) -> Cost:
    """Gain to the target as measured before, then its limiter at the ceiling: what its documentation shows."""
    return run_baseline_program("pedalboard_master.py", source, target, str(lufs), str(ceiling_dbtp))
