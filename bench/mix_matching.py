"""Does a mix come nearer to its reference, and stay inside its budgets?

Each song is mixed once without and once with a finished song as reference; both masters are held against it by a ruler of this file:
third octaves at one level, side power in six bands, crest of half seconds, and the louder half of the time over the softer one.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy import signal

from bench import ours
from bench.case import OURS, Case, Job, Values, attempt
from bench.measures import crest_db
from bench.songs import Song, find_references, find_songs
from bench.sound import Sound, as_stereo, decode, read

KIND = "mix"
REFERENCES = ("monkey", "run", "Fishin")
CENTRES_HZ = 1000.0 * 10 ** (np.arange(-14, 13) / 10)
"""Third octaves from 40 Hz to 16 kHz."""
WIDTH_HZ = (40, 120, 300, 1000, 3000, 8000, 16_000)
STEP_S = 3.0


def cases(job: Job) -> Iterator[Case]:
    """Mix each song after each of the references."""
    if not job.wants(OURS):
        return
    known = [
        path for path in find_references(job)
        if any(word in str(path) for word in REFERENCES) and job.wants_song(f"{path.parent.name}.{path.stem}")
    ]  # fmt: skip
    for song in find_songs(job):
        if song.seconds() < 20:
            continue
        plain = _mix(job, song, "plain")
        for number, path in enumerate(known):
            name = f"{path.parent.name}.{path.stem}"
            yield Case(
                f"{song.name} mixed after {name}",
                {OURS: attempt(_follow, job, song, plain, path, str(number))},
                {"kind": KIND},
            )


def summarise(cases: list[Case]) -> Values:
    """Return how much of each distance is left, and whether budgets and promises held."""
    rows = [c.systems[OURS] for c in cases if c.about["kind"] == KIND and "absent" not in c.systems[OURS]]
    if not rows:
        return {}
    names = ("tone_db", "side_share", "crest_db", "contrast_db")
    left = {
        f"mix_{name}_left": float(
            np.sum([row["after"][name] for row in rows]) / max(np.sum([row["before"][name] for row in rows]), 1e-9)
        )
        for name in names
    }
    return {
        "mixes": len(rows), **left, "mixes_nearer_in_tone": sum(row["after"]["tone_db"] < row["before"]["tone_db"] for row in rows),
        "mix_budgets_broken": sum(row["budgets_broken"] for row in rows), "direction_promises": sum(row["promises"] for row in rows),
        "direction_promises_kept": sum(row["kept"] for row in rows),
    }  # fmt: skip


def _mix(job: Job, song: Song, name: str, *also: str | Path) -> Path:
    for stem in song.stems:
        stem.wav(song)
    out = job.out / "matching" / f"{song.name}.{name}"
    return ours.mix_stems(song.work / "decoded", out, cache_folder=job.out / "matching" / "cache", also=also)


def _follow(job: Job, song: Song, plain: Path, reference: Path, name: str) -> Values:
    samples, rate = read(decode(reference, job.out / "matching" / f"reference.{name}.wav"))
    theirs = figures(as_stereo(samples), rate)
    out = _mix(job, song, name, "--reference", reference)
    mix = json.loads((out / "mix.json").read_text("utf-8"))
    measured = [
        move["measured"]
        for move in mix["moves"]
        if move["id"].startswith("direction.") and move["measured"] is not None
    ]
    return {
        "before": distances(figures(*read(plain / "master.wav")), theirs), "after": distances(figures(*read(out / "master.wav")), theirs),
        "moves": [move["title"] for move in mix["moves"] if move["id"].startswith("direction.")],
        "budgets_broken": sum(not use["held"] for use in mix["budget_use"]), "promises": len(measured), "kept": sum(one["kept"] for one in measured),
    }  # fmt: skip


def thirds_db(samples: Sound, rate: int) -> np.ndarray:
    """Return the level of each third octave, both channels."""
    hz, density = signal.welch(samples, rate, nperseg=16384, axis=-1)
    total = density.sum(axis=0)
    edges = CENTRES_HZ[:, None] * 10 ** (np.array([-0.05, 0.05]))[None, :]
    power = [total[(hz >= low) & (hz < high)].sum() if low < hz[-1] else 0.0 for low, high in edges]
    return np.asarray(10 * np.log10(np.maximum(power, 1e-16)))


def figures(samples: Sound, rate: int) -> Mapping[str, np.ndarray]:
    """Return what a sound is held against another by."""
    hz, left = signal.welch(samples, rate, nperseg=16384, axis=-1)
    total = left.sum(axis=0)
    _, side = signal.welch((samples[0] - samples[1]) / np.sqrt(2), rate, nperseg=16384)
    shares = []
    for low, high in pairwise(WIDTH_HZ):
        inside = (hz >= low) & (hz < high)
        shares.append(side[inside].sum() / max(total[inside].sum(), 1e-16))
    halves = [samples[:, at : at + rate // 2] for at in range(0, samples.shape[1] - rate // 2, rate // 2)]
    crest = np.mean([crest_db(part) for part in halves if np.abs(part).max() > 0.01] or [0.0])
    return {"thirds": thirds_db(samples, rate), "side": np.array(shares), "crest": np.array(crest), "contrast": np.array(_contrast_db(samples, rate))}  # fmt: skip


def _contrast_db(samples: Sound, rate: int) -> float:
    """Return the mean level of the louder half of 3 s steps over that of the softer half; what is 20 dB under the loudest is left out."""
    size = round(STEP_S * rate)
    power = [
        float(np.square(samples[:, at : at + size], dtype=np.float64).mean())
        for at in range(0, samples.shape[1] - size + 1, size)
    ]
    levels = np.sort(10 * np.log10(np.maximum(power, 1e-12)))
    levels = levels[levels > levels.max(initial=-120) - 20]
    half = levels.size // 2
    return float(levels[-half:].mean() - levels[:half].mean()) if half else 0.0


def distances(mine: Mapping[str, np.ndarray], theirs: Mapping[str, np.ndarray]) -> Values:
    """Return how far two sounds lie apart in each way."""
    there = (mine["thirds"] > mine["thirds"].max() - 50) & (theirs["thirds"] > theirs["thirds"].max() - 50)
    off = (theirs["thirds"] - mine["thirds"])[there]
    return {
        "tone_db": float(np.abs(off - np.median(off)).mean()), "side_share": float(np.abs(theirs["side"] - mine["side"]).mean()),
        "crest_db": float(abs(theirs["crest"] - mine["crest"])), "contrast_db": float(abs(theirs["contrast"] - mine["contrast"])),
    }  # fmt: skip
