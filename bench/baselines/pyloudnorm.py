"""pyloudnorm (MIT): measures and turns up or down, without a limiter."""

from pathlib import Path

from bench.baselines.environment import installed_versions
from bench.process import Cost, run_baseline_program

NAME = "pyloudnorm"


def version() -> str | None:
    """Return the installed version; None where it is absent."""
    return installed_versions().get("pyloudnorm")


def master(source: Path, target: Path, *, lufs: float, ceiling_dbtp: float) -> Cost:
    """Normalise to the target; the ceiling is none of its business."""
    return run_baseline_program("pyloudnorm_master.py", source, target, str(lufs))
