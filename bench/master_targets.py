"""Is every target met? Whole songs, finished ones and sums, to each delivery target; and through lossy codecs where that was asked for.

Each source begins with two seconds of digital silence, which must stay silent (dither is blanked).  Loudness and true peak (8x) are
read by the bench's own meters.  `codec_safe`: the streaming master written with `--codec-safe`, its true peak after ffmpeg's AAC, Opus, MP3
and Vorbis at 128 to 320 kbit/s.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from bench import ours
from bench.case import OURS, Case, Job, Values, attempt
from bench.measures import gated_lufs, true_peak_db
from bench.songs import find_references, find_songs
from bench.sound import as_stereo, decode, ffmpeg, read, sum_of, write

KINDS = ("targets", "codec_safe")
TARGETS = {
    "streaming": (-14.0, -1.0), "club": (-9.0, -1.0), "cd": (-10.0, -0.3), "broadcast": (-23.0, -1.0), "podcast": (-16.0, -1.0),
    "spotify-loud": (-11.0, -2.0), "amazon": (-14.0, -2.0), "deezer": (-15.0, -1.0), "atsc": (-24.0, -2.0), "vinyl": (-14.0, -3.0),
}  # fmt: skip
"""One of each loudness and ceiling: others are the same master under another name."""
CODECS = {
    "aac": ("aac", "m4a"),
    "opus": ("libopus", "opus"),
    "mp3": ("libmp3lame", "mp3"),
    "vorbis": ("libvorbis", "ogg"),
}
KBPS = (128, 192, 256, 320)
MIX_LUFS, SILENCE_S = -20.0, 2.0
_NEAR_LU = 0.1
_PEAK_SLACK_DB = 0.01
"""Two meters of one peak may differ by so much."""


def cases(job: Job) -> Iterator[Case]:
    """Give a case for each source and target, and for each source through codecs."""
    if not job.wants(OURS):
        return
    for name, source in _sources(job):
        if job.wants_kind("targets"):
            for target in TARGETS:
                yield Case(f"{name} to {target}", {OURS: attempt(_to_target, job, source, target)}, {"kind": "targets"})
        if job.wants_kind("codec_safe"):
            yield Case(f"{name} through codecs", {OURS: attempt(_codec_safe, job, source)}, {"kind": "codec_safe"})


def figures(done: list[Case]) -> Values:
    """Return how many masters hold what, and the worst of each."""
    rows = [c.systems[OURS] for c in done if c.about.get("kind") == "targets" and "lufs_error" in c.systems[OURS]]
    coded = [c.systems[OURS] for c in done if c.about.get("kind") == "codec_safe" and "excess_db" in c.systems[OURS]]
    out: Values = {}
    if rows:
        reached = [row["lufs_error"] for row in rows if row["lufs_error"] <= _NEAR_LU]
        out |= {
            "masters": len(rows), "on_target": len(reached), "largest_error_on_target_lu": max(reached, default=None),
            "budget_named": sum(row["lufs_error"] > _NEAR_LU and row["named"] for row in rows),
            "off_and_unnamed": sum(row["lufs_error"] > _NEAR_LU and not row["named"] for row in rows),
            "largest_peak_excess_db": max(row["peak_excess_db"] for row in rows), "length_and_rate_kept": sum(row["kept"] for row in rows),
            "silence_kept": sum(row["silent"] for row in rows),
        }  # fmt: skip
    if coded:
        out |= {"through_codecs": len(coded), "largest_codec_excess_db": max(row["excess_db"] for row in coded)}
        out |= {"codec_excess_unnamed": sum(row["excess_db"] > _PEAK_SLACK_DB and not row["named"] for row in coded)}
    return out


def _sources(job: Job) -> Iterator[tuple[str, Path]]:
    folder = job.out / "master" / "whole"
    for path in find_references(job):
        name = f"{path.parent.name}.{path.stem}"
        if job.wants_song(name):
            made = folder / f"{name}.wav"
            if not made.exists():
                _write(made, *read(decode(path, folder / f"{name}.decoded.wav")))
            yield name, made
    for song in find_songs(job):
        rate, made = song.rate_hz(), folder / f"{song.name}.sum.wav"
        if not made.exists():
            total = sum_of(((stem.wav(song), 0.0) for stem in song.stems), rate_hz=rate)
            _write(made, total * np.float32(10 ** ((MIX_LUFS - (gated_lufs(total, rate) or MIX_LUFS)) / 20)), rate)
        yield f"{song.name} sum", made
        if song.human is not None:
            made = folder / f"{song.name}.human.wav"
            if not made.exists():
                _write(made, *read(song.human.wav(song)))
            yield f"{song.name} human mix", made


def _write(path: Path, samples: np.ndarray, rate: int) -> None:
    quiet = np.zeros((2, round(SILENCE_S * rate)), np.float32)
    write(path, np.concatenate([quiet, as_stereo(samples)], axis=1), rate, subtype="FLOAT")


def _to_target(job: Job, source: Path, target: str) -> Values:
    out = job.out / "master" / "whole" / "master.wav"
    cost = ours.tonmeister("master", source, "-o", out, "--target", target, "--json")
    said = json.loads(cost.output)
    samples, rate = read(out)
    lufs, ceiling = TARGETS[target]
    before = soundfile.info(source)
    return {
        "lufs_error": abs((gated_lufs(samples, rate) or -70.0) - lufs), "peak_excess_db": true_peak_db(samples) - ceiling,
        "kept": bool(samples.shape[1] == before.frames and rate == before.samplerate),
        "silent": not bool(samples[:, : round((SILENCE_S - 0.1) * rate)].any()),
        "named": cost.code == ours.MISSED and bool(said["misses"]), "misses": said["misses"], "verdict": said["verdict"], "cpu_s": cost.cpu_s,
    }  # fmt: skip


def _codec_safe(job: Job, source: Path) -> Values:
    out = job.out / "master" / "whole" / "safe.wav"
    cost = ours.tonmeister("master", source, "-o", out, "--codec-safe", "--json")
    trips = {f"{codec} {kbps}": _after(out, codec, kbps) for codec in CODECS for kbps in KBPS}
    peaks = {name: peak for name, peak in trips.items() if peak is not None}
    worst = max(peaks, key=lambda name: peaks[name])
    ceiling = TARGETS["streaming"][1]
    said = json.loads(cost.output)
    return {
        "excess_db": peaks[worst] - ceiling, "worst": worst, "named": cost.code == ours.MISSED, "misses": said["misses"], "cpu_s": cost.cpu_s,
    }  # fmt: skip


def _after(path: Path, codec: str, kbps: int) -> float | None:
    """Return the true peak of what a decoder gives back; None where the codec has no such bit rate at the file's sample rate."""
    encoder, ending = CODECS[codec]
    coded, decoded = path.with_name(f"coded.{ending}"), path.with_name("coded.wav")
    quiet = [ffmpeg(), "-nostdin", "-y", "-loglevel", "error", "-i"]
    if subprocess.run([*quiet, str(path), "-c:a", encoder, "-b:a", f"{kbps}k", str(coded)], check=False).returncode:
        return None
    subprocess.run([*quiet, str(coded), "-c:a", "pcm_f32le", str(decoded)], check=True)
    return true_peak_db(read(decoded)[0])
