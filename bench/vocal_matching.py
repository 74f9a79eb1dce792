"""How far does `master --vocal` move the vocal, and what else? Sums of songs whose stems are known, with and without it.

The finished files are taken apart into vocal and rest by their known sounds (least squares); what is neither is told against the whole.
Without the network's package all cases are absent.
"""

import json
from collections.abc import Iterator

import numpy as np

from bench import ours
from bench.case import OURS, Case, Job, Values, attempt
from bench.measures import gated_lufs
from bench.songs import Song, find_songs
from bench.sound import Sound, as_stereo, read, sum_of, write

KIND = "vocal"
GAINS_DB = (2.0, -2.0)
SECONDS, LUFS = 20, -23.0
_QUIET = ("--target", "-30", "--budget", "transparent")
"""No limiter works: what moves is the vocal alone."""


def cases(job: Job) -> Iterator[Case]:
    """Give a case for each song with a vocal and each gain."""
    if not job.wants(OURS):
        return
    for song in find_songs(job):
        vocal, rest = _parts(song)
        if vocal is None:
            continue
        for gain_db in GAINS_DB:
            moved = attempt(_moved, job, song, (vocal, rest), gain_db)
            yield Case(f"vocal of {song.name} {gain_db:+g} dB", {OURS: moved}, {"kind": KIND})


def summarise(done: list[Case]) -> Values:
    """Return how much of what was wished for came, and the worst of what moved with it."""
    rows = [c.systems[OURS] for c in done if c.about["kind"] == KIND and "vocal_db" in c.systems[OURS]]
    if not rows:
        return {}
    reached = [row["vocal_db"] / row["wished_db"] for row in rows]
    return {
        "vocals": len(rows), "vocal_reached_share": float(np.mean(reached)), "vocal_reached_least": min(reached),
        "vocal_reached_most": max(reached), "rest_moved_most_db": max(abs(row["rest_db"]) for row in rows),
        "neither_most_db": max(row["neither_db"] for row in rows),
    }  # fmt: skip


def _parts(song: Song) -> tuple[Sound | None, Sound]:
    """Return vocal and rest of the part in which the vocal is loudest, at one level."""
    rate, stems = song.rate_hz(), song.stems
    voices = [stem for stem in stems if any("vocal" in role for role in stem.roles[:1])]
    total = as_stereo(sum_of(((stem.wav(song), 0.0) for stem in stems), rate_hz=rate))
    if not voices or len(voices) == len(stems):
        return None, total
    vocal = as_stereo(sum_of(((stem.wav(song), 0.0) for stem in voices), rate_hz=rate))[:, : total.shape[1]]
    vocal = np.pad(vocal, ((0, 0), (0, total.shape[1] - vocal.shape[1])))
    length = min(SECONDS * rate, total.shape[1])
    power = np.concatenate([[0.0], np.cumsum(np.square(vocal, dtype=np.float64).sum(axis=0))])[::rate]
    steps = length // rate
    first = int(np.argmax(power[steps:] - power[:-steps])) * rate if len(power) > steps else 0
    part = slice(first, first + length)
    gain = np.float32(10 ** ((LUFS - (gated_lufs(total[:, part], rate) or LUFS)) / 20))
    return gain * vocal[:, part], gain * (total - vocal)[:, part]


def _moved(job: Job, song: Song, parts: tuple[Sound, Sound], gain_db: float) -> Values:
    folder = job.out / "matching"
    mix = write(folder / f"{song.name}.vocal.wav", parts[0] + parts[1], song.rate_hz(), subtype="FLOAT")
    found = []
    for words in (("--vocal", f"{gain_db:g}"), ()):
        said = ours.tonmeister("master", mix, "-o", folder / "vocal.wav", *_QUIET, *words, "--json")
        found.append((_apart(read(folder / "vocal.wav")[0], parts), json.loads(said.output)["master"]["drive_db"]))
    (now, now_db), (before, before_db) = found
    level = now_db - before_db
    return {
        "wished_db": gain_db, "vocal_db": now[0] - before[0] - level, "rest_db": now[1] - before[1] - level,
        "neither_db": now[2],
    }  # fmt: skip


def _apart(samples: Sound, parts: tuple[Sound, Sound]) -> tuple[float, float, float]:
    """Return the gains in dB of vocal and rest, and the level of what is neither."""
    out = samples[:, : parts[0].shape[1]].astype(np.float64).ravel()
    known = np.stack([part[:, : samples.shape[1]].astype(np.float64).ravel() for part in parts])
    gains = np.linalg.solve(known @ known.T, known @ out)
    left = out - gains @ known
    one, two = (20 * float(np.log10(max(abs(gain), 1e-9))) for gain in gains)
    return one, two, 10 * float(np.log10(np.square(left).sum() / np.square(out).sum()))
