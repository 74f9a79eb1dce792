"""Is it the same next year?

Each song is mixed again and again with a cold cache: the same folder, the folder renamed, its files copied in another
order, one core instead of two, and its files renamed with the roles fixed.  `mix.json`, `mix.wav` and `master.wav` must have the
same bytes; renamed files may change the names in `mix.json`, nothing else.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from bench.case import OURS, AbsentError, Case, Job, Summary, Values, absences, attempt
from bench.gains import write_stems
from bench.ours import cache_environment, tonmeister
from bench.songs import Song, find_songs

QUESTION = "is it the same next year?"
RESULTS = ("mix.json", "mix.wav", "master.wav")
NAME_KEYS = ("id", "name")
VARIANTS = ("again", "folder renamed", "other order", "one core", "files renamed")


def run(job: Job) -> Iterator[Case]:
    """Mix every song once, then in every variant, and compare bytes."""
    for song in find_songs(job):
        work = job.out / "same" / song.name
        stems = write_stems(song, [0.0] * len(song.stems), work / "stems")
        first: dict[str, Values] = {}
        for variant in VARIANTS:
            systems = {OURS: attempt(_compare, song, stems, work, variant, first)}
            yield Case(f"{song.name} {variant}", systems, {"song": song.name, "variant": variant})
        shutil.rmtree(work, ignore_errors=True)


def summarise(cases: list[Case]) -> Summary:
    """Return the share of cases in which everything was identical."""
    answers = [case.systems[OURS]["identical"] for case in cases if "identical" in case.systems[OURS]]
    differing = [
        f"differs: {case.name} in {', '.join(case.systems[OURS]['differs'])}"
        for case in cases
        if case.systems[OURS].get("differs")
    ]
    figure = sum(answers) / len(answers) if answers else None
    return Summary({"identical": figure}, {}, (*differing, *absences(cases)))


def _compare(song: Song, stems: Path, work: Path, variant: str, first: dict[str, Values]) -> Values:
    if "plain" not in first:
        first["plain"] = _mix(stems, work / "plain")
    if variant == "files renamed":
        return _compare_renamed(song, stems, work)
    folder = stems
    if variant in ("folder renamed", "other order"):
        folder = work / "elsewhere" / ("stems" if variant == "other order" else "another name")
        _copy(stems, folder, reverse=variant == "other order")
    made = _mix(folder, work / "variant", one_core=variant == "one core")
    return _verdict(first["plain"], made)


def _verdict(first: Values, second: Values) -> Values:
    differs = [name for name in RESULTS if first[name] != second[name]]
    return {"identical": not differs, "differs": differs}


def _compare_renamed(song: Song, stems: Path, work: Path) -> Values:
    """Mix the files under two sets of names that mean nothing, in opposite order, with the same roles given."""
    made = []
    for mark, order in (("zq", 1), ("xw", -1)):
        folder, told = work / f"renamed {mark}", {}
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for number, stem in enumerate(song.stems[::order]):
            name = f"{mark}{number:03d}.wav"
            shutil.copyfile(stems / f"{stem.name}.wav", folder / name)
            told[name] = {"role": stem.role}
        roles = work / f"roles {mark}.json"
        roles.write_text(json.dumps({"tracks": told}))
        made.append(_mix(folder, work / f"made {mark}", roles=roles))
    return _verdict(*made)


def _copy(source: Path, target: Path, *, reverse: bool) -> None:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for path in sorted(source.iterdir(), reverse=reverse):
        shutil.copyfile(path, target / path.name)


def _mix(stems: Path, out: Path, *, one_core: bool = False, roles: Path | None = None) -> Values:
    """Mix with a cold cache and return the hash of each result; with fixed roles names are taken out of `mix.json`."""
    shutil.rmtree(out, ignore_errors=True)
    words: list[str | Path] = ["mix", stems, "-o", out, "--sessions", "none"]
    words += ["--roles", roles] if roles else []
    environment = cache_environment(out.with_name(f"{out.name}-cache"))
    shutil.rmtree(environment["TONMEISTER_CACHE"], ignore_errors=True)
    if one_core:
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) < 2:
            raise AbsentError("there is only one core here")
        tonmeister(*words, environment={**environment, "TONMEISTER_THREADS": "1"}, cores=cores[:1])
    else:
        tonmeister(*words, environment=environment)
    found = {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in RESULTS}
    if roles:
        found["mix.json"] = nameless((out / "mix.json").read_text())
    return dict(found)


def nameless(document: str) -> str:
    """Return a mix document with every track's id and name replaced by its place in the order, and without a title.

    The names must be words that stand for nothing else in the document (`zq001`).
    """
    data = json.loads(document)
    data["song"]["title"] = ""
    words = {track[key]: f"track {number}" for number, track in enumerate(data["tracks"]) for key in NAME_KEYS}
    text = json.dumps(data, sort_keys=True)
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, words[word])
    return text
