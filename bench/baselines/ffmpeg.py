"""ffmpeg: `loudnorm` in two passes, `alimiter`, and the whole mix as one filter graph."""

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
    said = run_program([ffmpeg(), "-hide_banner", "-nostats", "-i", source, "-af", f"{wish}:print_format=json", "-f", "null", "-"])
    found = json.loads(said.errors[said.errors.rindex("{") : said.errors.rindex("}") + 1])
    known = (
        f"{wish}:measured_I={found['input_i']}:measured_TP={found['input_tp']}:measured_LRA={found['input_lra']}"
        f":measured_thresh={found['input_thresh']}:offset={found['target_offset']}"
    )
    rate = str(soundfile.info(source).samplerate)
    return run_program([ffmpeg(), "-y", "-loglevel", "error", "-i", source, "-af", known, "-ar", rate, "-c:a", "pcm_s24le", target])


def whole_graph(stems: Path, target: Path) -> Cost:
    """Anchor (c): every stem, the bus chain, loudnorm and a limiter in one process and one graph."""
    files = sorted(stems.glob("*.wav"))
    inputs = [word for path in files for word in ("-i", str(path))]
    lines = [_strip(index) for index in range(len(files))]
    lines.append(
        "".join(f"[s{index}]" for index in range(len(files))) + f"amix=inputs={len(files)}:normalize=0,bass=g=1:f=100,"
        "equalizer=f=400:t=q:w=1:g=-1,equalizer=f=3000:t=q:w=1:g=.5,treble=g=1:f=12000,"
        "acompressor=threshold=0.126:ratio=2:attack=20:release=150,loudnorm=I=-14:TP=-1:LRA=11,aresample=48000,"
        "alimiter=limit=0.89[o]"
    )
    return run_program([ffmpeg(), "-y", "-loglevel", "error", *inputs, "-filter_complex", ";".join(lines), "-map", "[o]",
                        "-c:a", "pcm_s24le", target])


def _strip(index: int) -> str:
    pan = (index % 7 - 3) / 4
    left, right = round(0.7 * (1 - pan), 3), round(0.7 * (1 + pan), 3)
    return (
        f"[{index}:a]aformat=fltp:48000:stereo,highpass=f=80,equalizer=f=250:t=q:w=1.2:g=-3,equalizer=f=900:t=q:w=1.5:g=-2,"
        "equalizer=f=3200:t=q:w=1:g=2.5,equalizer=f=6500:t=q:w=2.5:g=-2,treble=f=10000:g=2,"
        "acompressor=threshold=0.063:ratio=3:attack=10:release=120:knee=6,volume=-13dB,"
        f"pan=stereo|c0={left}*c0|c1={right}*c1[s{index}]"
    )
