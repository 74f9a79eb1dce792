"""Anchor (c): a whole mix as one filter graph of ffmpeg."""

import shutil
from pathlib import Path

from bench.case import AbsentError
from bench.process import Cost, run_program


def run(stems: Path, target: Path) -> Cost:
    """Run every stem, the bus chain, loudnorm and a limiter in one process and one graph."""
    if shutil.which("ffmpeg") is None:
        raise AbsentError("ffmpeg is not on PATH")
    files = sorted(stems.glob("*.wav"))
    inputs = [word for path in files for word in ("-i", str(path))]
    lines = [_strip(index) for index in range(len(files))]
    lines.append(
        "".join(f"[s{index}]" for index in range(len(files))) + f"amix=inputs={len(files)}:normalize=0,bass=g=1:f=100,"
        "equalizer=f=400:t=q:w=1:g=-1,equalizer=f=3000:t=q:w=1:g=.5,treble=g=1:f=12000,"
        "acompressor=threshold=0.126:ratio=2:attack=20:release=150,loudnorm=I=-14:TP=-1:LRA=11,aresample=48000,"
        "alimiter=limit=0.89[o]"
    )
    return run_program(
        [
            "ffmpeg",
            "-y",
            "-loglevel",
            "error",
            *inputs,
            "-filter_complex",
            ";".join(lines),
            "-map",
            "[o]",
            "-c:a",
            "pcm_s24le",
            target,
        ]
    )


def _strip(index: int) -> str:
    pan = (index % 7 - 3) / 4
    left, right = round(0.7 * (1 - pan), 3), round(0.7 * (1 + pan), 3)
    return (
        f"[{index}:a]aformat=fltp:48000:stereo,highpass=f=80,equalizer=f=250:t=q:w=1.2:g=-3,equalizer=f=900:t=q:w=1.5:g=-2,"
        "equalizer=f=3200:t=q:w=1:g=2.5,equalizer=f=6500:t=q:w=2.5:g=-2,treble=f=10000:g=2,"
        "acompressor=threshold=0.063:ratio=3:attack=10:release=120:knee=6,volume=-13dB,"
        f"pan=stereo|c0={left}*c0|c1={right}*c1[s{index}]"
    )
