"""A plain finish for baselines that only mix, where the truth is a master: comparing a bare sum with one is no contest."""

from pathlib import Path

from bench.baselines import ffmpeg, libsonare
from bench.case import AbsentError

LUFS, CEILING_DBTP = -14.0, -1.0


def finish_like(wav: Path, name: str) -> Path:
    """Master a baseline's mix: libsonare's by its own chain, all others by ffmpeg's two-pass loudnorm.

    Raises:
        AbsentError: If ffmpeg is not there.
    """
    target = wav.with_suffix(".master.wav")
    if name == libsonare.NAME:
        libsonare.master(wav, target, lufs=LUFS, ceiling_dbtp=CEILING_DBTP)
    elif ffmpeg.version() is None:
        raise AbsentError("ffmpeg is not on PATH, so the mix cannot be finished")
    else:
        ffmpeg.master(wav, target, lufs=LUFS, ceiling_dbtp=CEILING_DBTP)
    return target
