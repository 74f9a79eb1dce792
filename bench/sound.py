"""Sound on disk for the benchmarks: decoding through ffmpeg, reading and writing WAV.

Deliberately not the product's own readers: what judges must not share code with what is judged.
"""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from bench.case import AbsentError

Sound = NDArray[np.float32]
"""(channels, frames) float32, full scale 1.0."""


def ffmpeg() -> str:
    """Return the path of ffmpeg.

    Raises:
        AbsentError: If it is not there.
    """
    found = shutil.which("ffmpeg")
    if found is None:
        raise AbsentError("ffmpeg is not on PATH")
    return found


def decode(source: Path, target: Path, *, stream: int = 0) -> Path:
    """Decode one audio stream of any file to a float32 WAV at its own rate, once."""
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part.wav")
        command = [
            ffmpeg(),
            "-nostdin",
            "-loglevel",
            "error",
            "-y",
            "-i",
            str(source),
            "-map",
            f"0:a:{stream}",
            "-c:a",
            "pcm_f32le",
            str(part),
        ]
        subprocess.run(command, check=True)
        part.replace(target)
    return target


def read(path: Path) -> tuple[Sound, int]:
    """Read a file as (channels, frames) and its rate in Hz."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return np.ascontiguousarray(samples.T), int(rate)


def write(path: Path, samples: Sound, rate_hz: int, *, subtype: str = "PCM_24") -> Path:
    """Write (channels, frames) as WAV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples.T, rate_hz, subtype=subtype)
    return path


def resample(samples: Sound, *, from_hz: int, to_hz: int) -> Sound:
    """Resample along time."""
    if from_hz == to_hz:
        return samples
    import soxr

    return np.ascontiguousarray(soxr.resample(samples.T, from_hz, to_hz).T, dtype=np.float32)


def as_stereo(samples: Sound) -> Sound:
    """Return two channels: a mono sound stands in both."""
    return samples if samples.shape[0] == 2 else np.repeat(samples, 2, axis=0)


def sum_of(parts: Iterable[tuple[Path, float]], *, rate_hz: int) -> Sound:
    """Sum files with a gain in dB each, at one rate, as long as the longest.

    A mono file is panned to the centre by constant power (-3 dB), as every mixer here does.
    """
    total = np.zeros((2, 0), np.float32)
    for path, gain_db in parts:
        samples, rate = read(path)
        gain = 10 ** (gain_db / 20) * (1.0 if samples.shape[0] == 2 else 0.5**0.5)
        samples = resample(as_stereo(samples), from_hz=rate, to_hz=rate_hz)
        if samples.shape[1] > total.shape[1]:
            total = np.pad(total, ((0, 0), (0, samples.shape[1] - total.shape[1])))
        total[:, : samples.shape[1]] += samples * np.float32(gain)
    return total
