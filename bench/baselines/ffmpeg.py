"""ffmpeg: `loudnorm` in two passes."""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path

import soundfile

from bench.process import Cost, run_program
from bench.sound import ffmpeg

NAME = "ffmpeg"


@cache
def version() -> str | None:
    """Return the version; None where it is absent."""
    if shutil.which("ffmpeg") is None:
        return None
    return subprocess.run([ffmpeg(), "-version"], capture_output=True, text=True, check=True).stdout.split()[2]


def master(source: Path, target: Path, *, lufs: float, ceiling_dbtp: float) -> Cost:
    """Run `loudnorm` twice: measure, then apply (its own advice for files)."""
    wish = f"loudnorm=I={lufs}:TP={ceiling_dbtp}:LRA=11"
    said = run_program(
        [ffmpeg(), "-hide_banner", "-nostats", "-i", source, "-af", f"{wish}:print_format=json", "-f", "null", "-"]
    )
    found = json.loads(said.errors[said.errors.rindex("{") : said.errors.rindex("}") + 1])
    known = (
        f"{wish}:measured_I={found['input_i']}:measured_TP={found['input_tp']}:measured_LRA={found['input_lra']}"
        f":measured_thresh={found['input_thresh']}:offset={found['target_offset']}"
    )
    rate = str(soundfile.info(source).samplerate)
    return run_program(
        [ffmpeg(), "-y", "-loglevel", "error", "-i", source, "-af", known, "-ar", rate, "-c:a", "pcm_s24le", target]
    )
