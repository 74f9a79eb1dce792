"""Does it find the balance the artists chose?

Production stems whose sum is the artists' mix get gains drawn from ±12 dB (fixed seeds).  A system is asked for a mix from
scratch; what it did to the level of a stem is measured as gated BS.1770 loudness, out of its strip minus into it.  Drawn plus
found, with the mean over the stems taken out, is the error against the artists.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean

from bench.baselines.registry import BALANCERS, Balancer
from bench.case import (
    OURS,
    AbsentError,
    Case,
    Job,
    Summary,
    Values,
    absences,
    attempt,
    hash_of,
    mean_of,
    remember,
    systems_of,
)
from bench.gains import balance_errors_db, balance_figures, bootstrap_mae_db, draw_gains_db, write_stems
from bench.ours import mix_stems, strip_gain_db
from bench.songs import Song, find_songs

QUESTION = "does it find the balance the artists chose?"
KEYS = ("mae_db", "lead_error_db", "within_3db")


def run(job: Job) -> Iterator[Case]:
    """Draw gains, ask every system for a balance, compare it with the artists'."""
    for song in find_songs(job):
        if song.is_production():
            for seed in job.draws:
                yield _case(job, song, seed)


def summarise(cases: list[Case]) -> Summary:
    """Return the mean over the songs (each song the mean over its seeds), so that no song counts twice."""
    songs = sorted({str(case.about["song"]) for case in cases})

    def over_songs(system: str, key: str) -> float | None:
        each = [mean_of([case for case in cases if case.about["song"] == song], system, key) for song in songs]
        known = [value for value in each if value is not None]
        return fmean(known) if known else None

    figures = {name: {key: over_songs(name, key) for key in KEYS} for name in (OURS, *systems_of(cases))}
    intervals = [_interval(cases, name) for name in figures if figures[name]["mae_db"] is not None]
    notes = ("the common offset taken out is the mean over the stems", *intervals, *absences(cases))
    return Summary(figures.pop(OURS), figures, notes)


def _interval(cases: list[Case], system: str) -> str:
    songs: dict[str, list[float]] = {}
    for case in cases:
        errors = case.systems.get(system, {}).get("errors_db", {})
        songs.setdefault(str(case.about["song"]), []).extend(error for error in errors.values() if error is not None)
    low, high = bootstrap_mae_db([errors for errors in songs.values() if errors])
    return f"{system}: mean error a stem {low:.2f} to {high:.2f} dB (95 % of bootstraps over the stems)"


def _case(job: Job, song: Song, seed: int) -> Case:
    drawn = draw_gains_db(song, seed=seed)
    work = job.out / "balance" / f"{song.name}-{seed}"
    stems = write_stems(song, drawn, work / "stems")
    systems: dict[str, Values] = {}
    if job.wants(OURS):
        systems[OURS] = attempt(_ours, song, stems, drawn, work / OURS)
    for baseline in BALANCERS:
        if job.wants(baseline.NAME):
            systems[baseline.NAME] = attempt(_baseline, job, song, stems, drawn, baseline, seed)
    shutil.rmtree(stems)
    return Case(f"{song.name} seed {seed}", systems, {"song": song.name, "seed": seed, "stems": len(song.stems)})


def _ours(song: Song, stems: Path, drawn: list[float], out: Path) -> Values:
    mix_stems(stems, out, master=False, from_scratch=True)
    return _figures(song, drawn, [strip_gain_db(out, stem.name) for stem in song.stems])


def _baseline(job: Job, song: Song, stems: Path, drawn: list[float], baseline: Balancer, seed: int) -> Values:
    name, version = baseline.NAME, baseline.version()
    if version is None:
        raise AbsentError(f"{name} is not installed")
    key = f"balance-{name}-{song.name}-{seed}-{hash_of(song.digest, version, drawn)}"
    return remember(job, key, lambda: _figures(song, drawn, baseline.gains_db(song, stems)))


def _figures(song: Song, drawn: list[float], found: list[float | None]) -> Values:
    errors = balance_errors_db(drawn, found)
    each = {
        stem.name: None if error is None else round(error, 2) for stem, error in zip(song.stems, errors, strict=True)
    }
    return {**balance_figures(errors, [stem.role for stem in song.stems]), "errors_db": each}
