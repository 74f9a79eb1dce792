"""How loud is a limiter at equal distortion?

The loudest 40 s of each song, at -23 LUFS, are driven by 6, 10 and 14 dB into limiters with a ceiling of -1 dB.  Each result is
brought to a true peak of -1 dBTP (8x): that is what it may be delivered at, whatever ceiling it claims.  Distortion is what is
left, K-weighted, after the input times the best gain of each 20 ms was taken away: what a slow fader does is none, what bends
the wave or moves the gain within it is.  Ours stands as a curve over the drive, and each rival is read against it: LU that ours
is louder at the rival's distortion, decibels that ours is cleaner at the rival's loudness.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import signal

from bench.baselines.environment import installed_versions
from bench.case import OURS, AbsentError, Case, Job, Summary, Values, absences, attempt, remember
from bench.measures import gated_lufs, intermodulation_db, k_weight, true_peak_db
from bench.process import run_baseline_program
from bench.songs import find_references, find_songs
from bench.sound import Sound, as_stereo, decode, ffmpeg, read, sum_of, write

QUESTION = "how loud is a limiter at equal distortion?"
CEILING_DB, LUFS, SECONDS = -1.0, -23.0, 40
DRIVES_DB = (6.0, 10.0, 14.0)
CURVE_DB = (2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 17.0, 20.0)
"""Drives of our own curve."""
WINDOW_S = 0.02
RIVALS = ("ffmpeg", "libsonare", "matchering", "pedalboard")
CLEAN_DB = -60.0
"""Less distortion than this is none: there is nothing to compare."""
TONES_HZ = (60.0, 7000.0)


def run(job: Job) -> Iterator[Case]:
    """Drive every source into every limiter, then two tones into ours."""
    for name, source in _sources(job):
        ours = [_judge(source, _ours(source, drive)) for drive in CURVE_DB] if job.wants(OURS) else []
        for drive in DRIVES_DB:
            systems: dict[str, Values] = {}
            if ours:
                systems[OURS] = ours[CURVE_DB.index(drive)]
            for rival in RIVALS:
                if job.wants(rival):
                    systems[rival] = _against(ours, attempt(_rival, job, rival, name, source, drive))
            yield Case(f"{name} +{drive:g} dB", systems, {"drive_db": drive})
    if job.wants(OURS):
        for drive in DRIVES_DB:
            yield Case(f"two tones +{drive:g} dB", {OURS: {"imd_db": _imd_db(drive)}}, {"drive_db": drive})


def summarise(cases: list[Case]) -> Summary:
    """Return, against each rival, the mean and the least lead at equal distortion, and our intermodulation at 6 dB."""
    leads = {
        rival: [c.systems[rival] for c in cases if c.systems.get(rival, {}).get("ours_louder_lu") is not None]
        for rival in RIVALS
    }
    tones = [c.systems[OURS]["imd_db"] for c in cases if c.name == "two tones +6 dB"]
    figures: Values = {"imd_6db": tones[0] if tones else None}
    for rival, rows in leads.items():
        if rows:
            louder, cleaner = [r["ours_louder_lu"] for r in rows], [r["ours_cleaner_db"] for r in rows]
            figures |= {
                f"louder_than_{rival}_lu": float(np.mean(louder)), f"least_louder_than_{rival}_lu": min(louder),
                f"cleaner_than_{rival}_db": float(np.mean(cleaner)), f"cases_{rival}": len(rows),
                f"ahead_of_{rival}": sum(lead > 0 or gain > 0 for lead, gain in zip(louder, cleaner, strict=True)),
            }  # fmt: skip
    return Summary(figures, {}, absences(cases))


def _sources(job: Job) -> Iterator[tuple[str, Path]]:
    """Give sums and human mixes of the songs, and finished songs, each cut and levelled."""
    for song in find_songs(job):
        if song.seconds() >= 5:
            rate = song.rate_hz()
            yield (
                f"{song.name} sum",
                _cut(job, f"{song.name}.sum", sum_of(((s.wav(song), 0.0) for s in song.stems), rate_hz=rate), rate),
            )
            if song.human is not None:
                yield f"{song.name} human mix", _cut(job, f"{song.name}.human", *read(song.human.wav(song)))
    for path in find_references(job) if not job.songs else ():
        name = f"{path.parent.name}.{path.stem}"
        yield name, _cut(job, name, *read(decode(path, job.out / "limiters" / f"{name}.decoded.wav")))


def _cut(job: Job, name: str, samples: Sound, rate: int) -> Path:
    path = job.out / "limiters" / f"{name}.wav"
    if not path.exists():
        power = np.square(samples, dtype=np.float64).sum(axis=0)
        length = min(samples.shape[1], SECONDS * rate)
        total = np.concatenate([[0.0], np.cumsum(power)])[:: rate // 10]
        steps = length // (rate // 10)
        first = int(np.argmax(total[steps:] - total[:-steps])) * (rate // 10) if len(total) > steps else 0
        part = as_stereo(samples[:, first : first + length])
        gain = 10 ** ((LUFS - (gated_lufs(part, rate) or LUFS)) / 20)
        write(path, np.ascontiguousarray(part * np.float32(gain)), rate, subtype="FLOAT")
    return path


def _ours(source: Path, drive_db: float) -> tuple[Sound, int]:
    """Return the sound behind the clip stage and limiter of the clean character, as `tonmeister master` sets them."""
    from tonmeister.audio import Audio
    from tonmeister.engineer.clip_trial import choose_clip
    from tonmeister.knowledge.characters import characters
    from tonmeister.processing import TruePeakLimiter
    from tonmeister.processing.limiter import limit

    samples, rate = read(source)
    clean, audio = characters()["clean"], Audio(samples, rate)
    settings = TruePeakLimiter(
        drive_db=drive_db, ceiling_dbtp=CEILING_DB, release_ms=clean.release_ms, lookahead_ms=clean.lookahead_ms
    )
    stage = choose_clip(audio, settings, clean.clip_over_db or 100.0)
    return limit(stage.clip(audio, settings), settings).samples, rate


def _rival(job: Job, rival: str, name: str, source: Path, drive_db: float) -> Values:
    versions = installed_versions()
    if rival != "ffmpeg" and rival not in versions:
        raise AbsentError("not installed")
    target = job.out / "limiters" / "rival.wav"

    def work() -> Values:
        if rival == "ffmpeg":
            graph = f"volume={drive_db}dB,alimiter=limit={10 ** (CEILING_DB / 20):.4f}:level=false:attack=5:release=50:latency=true"
            command = [ffmpeg(), "-nostdin", "-y", "-loglevel", "error", "-i", str(source), "-af", graph]
            subprocess.run([*command, "-c:a", "pcm_f32le", str(target)], check=True)
        else:
            run_baseline_program("limit.py", rival, source, target, str(drive_db), str(CEILING_DB))
        return _judge(source, read(target))

    return remember(job, f"limiter2-{rival}-{name}-{drive_db:g}", work)


def _judge(source: Path, made: tuple[Sound, int]) -> Values:
    samples, rate = read(source)
    out = _aligned(samples, made[0])
    peak = true_peak_db(made[0])
    return {
        "lufs": (gated_lufs(made[0], rate) or -70.0) + CEILING_DB - peak,
        "true_peak_db": peak,
        "distortion_db": distortion_db(samples[:, : out.shape[1]], out, rate),
    }


def _aligned(samples: Sound, out: Sound) -> Sound:
    """Return the output without its latency."""
    length = min(samples.shape[1], out.shape[1], 400_000)
    lags = signal.correlate(out[0, :length], samples[0, :length], method="fft")
    lag = max(0, int(np.argmax(lags)) - (length - 1))
    return out[:, lag:][:, : samples.shape[1]]


def distortion_db(before: Sound, after: Sound, rate_hz: int) -> float:
    """Return what is left of `after`, K-weighted, once `before` times the best smooth gain was taken away, against `after`."""
    size = round(WINDOW_S * rate_hz)
    window = np.hanning(2 * size + 1)[:-1]
    x, y = k_weight(before, rate_hz), k_weight(after, rate_hz)
    both, own = ((x * y).sum(axis=0), np.square(x).sum(axis=0))
    frames = [np.lib.stride_tricks.sliding_window_view(v, 2 * size)[::size] @ window for v in (both, own)]
    gain = frames[0] / np.maximum(frames[1], 1e-12)
    smooth = np.interp(np.arange(x.shape[1]), np.arange(len(gain)) * size + size, gain)
    left = float(np.square(y - smooth * x).sum())
    return 10 * float(np.log10(max(left, 1e-20) / max(float(np.square(y).sum()), 1e-20)))


def _against(ours: list[Values], rival: Values) -> Values:
    """Add to a rival's figures by how much ours is louder at its distortion and cleaner at its loudness."""
    if not ours or "absent" in rival or rival["distortion_db"] < CLEAN_DB:
        return rival
    lufs = np.array([one["lufs"] for one in ours])
    dirt = np.maximum.accumulate([one["distortion_db"] for one in ours])
    inside = dirt[0] <= rival["distortion_db"]
    louder = float(np.interp(rival["distortion_db"], dirt, lufs)) - rival["lufs"] if inside else None
    cleaner = rival["distortion_db"] - float(np.interp(rival["lufs"], np.maximum.accumulate(lufs), dirt))
    return {**rival, "ours_louder_lu": louder, "ours_cleaner_db": cleaner}


def _imd_db(drive_db: float) -> float:
    from tonmeister.audio import Audio
    from tonmeister.engineer.clip_trial import choose_clip
    from tonmeister.knowledge.characters import characters
    from tonmeister.processing import TruePeakLimiter
    from tonmeister.processing.limiter import limit

    time = np.arange(48_000 * 8) / 48_000
    tones = 0.8 * np.sin(2 * np.pi * TONES_HZ[0] * time) + 0.2 * np.sin(2 * np.pi * TONES_HZ[1] * time)
    audio = Audio(np.tile(tones * 10 ** (CEILING_DB / 20), (2, 1)).astype(np.float32), 48_000)
    clean = characters()["clean"]
    settings = TruePeakLimiter(
        drive_db=drive_db, ceiling_dbtp=CEILING_DB, release_ms=clean.release_ms, lookahead_ms=clean.lookahead_ms
    )
    made = limit(choose_clip(audio, settings, clean.clip_over_db or 100.0).clip(audio, settings), settings)
    return intermodulation_db(made.samples, 48_000, low_hz=TONES_HZ[0], high_hz=TONES_HZ[1])
