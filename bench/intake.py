"""Is anything lost or misheard?

Half a minute of every song's stems is listened to three times: as they are (levelled), with faults of single recordings
planted, and with second microphones, copies, wrong rates and strange names.  A planted fault counts as recalled when it is
found where it was planted; a stem in which it was found before is left out (a few real ones hum).  A false alarm is any fault
found in the clean stems of finished productions, as a share of all (track, fault) pairs; and any new fault elsewhere after
planting.  A late start is half a second whatever the tempo: at 128 beats a minute that is a beat and 30 ms, and a part that
fits one beat off as well as on its own cannot be told to be late by its attacks; nor can one that is silent for five seconds.
"""

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench.case import OURS, Case, Job, Summary, Values, absences, attempt, mean_of
from bench.ours import Finding, facts_of, findings, names_in
from bench.plants import SINGLE, Scene, clean_scene, plant_pairs, plant_singles
from bench.songs import Song, find_songs
from bench.sound import Sound, read, write

QUESTION = "is anything lost or misheard?"
EXCERPT_S = 30.0
KINDS = (*SINGLE, "delay", "polarity", "duplicate", "dual_mono", "rough_mix", "wrong_rate")


def run(job: Job) -> Iterator[Case]:
    """Plant faults in every song, for every seed."""
    for song in find_songs(job):
        if len(song.stems) < 3:
            continue
        scene = clean_excerpts(song)
        work = job.out / "intake" / song.name
        for seed in job.draws:
            systems = {OURS: attempt(_judge, scene, work, seed, production=song.is_production())}
            yield Case(f"{song.name} seed {seed}", systems, {"song": song.name, "seed": seed})


def summarise(cases: list[Case]) -> Summary:
    """Return recall over all planted faults, the share of false alarms, and how many tracks were lost."""
    planted = _total(cases, "planted")
    figures: Values = {
        "recall": _total(cases, "recalled") / planted if planted else None,
        "recall_by_kind": _recall_by_kind(cases),
        "false_alarm": mean_of(cases, OURS, "false_alarm"),
        "tracks_lost": _total(cases, "tracks_lost") if planted else None,
    }
    missed = sorted({fault for case in cases for _, fault in case.systems[OURS].get("missed", ())})
    notes = (f"kinds missed at least once: {', '.join(missed)}",) if missed else ()
    worst = [case.systems[OURS].get("delay_error_frames") for case in cases]
    if any(error is not None for error in worst):
        notes = (*notes, f"largest error of a delay: {max(e for e in worst if e is not None):g} samples")
    return Summary(figures, {}, (*notes, *absences(cases)))


def _total(cases: list[Case], key: str) -> int:
    return sum(int(case.systems[OURS].get(key, 0)) for case in cases)


def _recall_by_kind(cases: list[Case]) -> Values:
    planted, missed = Counter[str](), Counter[str]()
    for case in cases:
        planted += Counter(case.systems[OURS].get("kinds", {}))
        missed += Counter(kind for _, kind in case.systems[OURS].get("missed", ()))
    return {kind: 1 - missed[kind] / count for kind, count in sorted(planted.items())}


def clean_excerpts(song: Song) -> Scene:
    """Return the half minute of a song in which most of its stems sound, levelled."""
    return clean_scene(*_excerpts(song))


def _excerpts(song: Song) -> tuple[dict[str, Sound], dict[str, int]]:
    """Return the same half minute of every stem: that in which most of them sound."""
    files = {stem.name: read(stem.wav(song)) for stem in song.stems}
    seconds = int(song.seconds())
    heard = np.zeros(seconds)
    for sound, rate in files.values():
        for second in range(min(seconds, sound.shape[1] // rate)):
            heard[second] += float(np.abs(sound[:, second * rate : (second + 1) * rate]).max()) > 0.01
    span = min(int(EXCERPT_S), seconds)
    start = int(np.argmax(np.convolve(heard, np.ones(span), "valid")))
    sounds = {
        name: np.ascontiguousarray(sound[:, start * rate : (start + span) * rate])
        for name, (sound, rate) in files.items()
    }
    sounds = {name: sound for name, sound in sounds.items() if sound.size and float(np.abs(sound).max()) > 0.01}
    return sounds, {name: files[name][1] for name in sounds}


def _judge(scene: Scene, work: Path, seed: int, *, production: bool) -> Values:
    before, lost, _ = _listen(scene, work / "clean")
    kinds, missed = Counter[str](), list[Finding]()
    strays: list[Finding] = []
    errors: list[float] = []
    planted_scenes = (plant_singles(scene, seed=seed), plant_pairs(scene, seed=seed))
    for number, planted in enumerate(planted_scenes):
        after, more_lost, facts = _listen(planted, work / f"planted{number}")
        lost += more_lost
        errors += delay_errors(facts)
        wishes = [wish for wish in planted.planted if wish not in before]
        kinds += Counter(kind for _, kind in wishes)
        missed += [wish for wish in wishes if wish not in after]
        new = after - before - set(planted.planted)
        strays += [(name, kind) for name, kind in new if not _follows(name, kind, planted)]
    pairs = len(KINDS) * (len(scene.sounds) * (1 if production else 0) + sum(len(one.sounds) for one in planted_scenes))
    standing = len(before) if production else 0
    return {
        "planted": kinds.total(),
        "recalled": kinds.total() - len(missed),
        "missed": missed,
        "kinds": dict(kinds),
        "stray": sorted(strays),
        "tracks_lost": lost,
        "false_alarm": (standing + len(strays)) / pairs,
        "standing": sorted(before),
        "delay_error_frames": max(errors, default=None),
    }


def _follows(name: str, kind: str, planted: Scene) -> bool:
    """Whether a finding is the other half of a planted pair, or another word for what was planted in that track."""
    related = {"hum_50": {"noise"}, "hum_60": {"noise"}, "clicks": {"clipping"}, "clipping": {"noise"}}
    related |= {
        "delay": {"noise"},
        "polarity": {"noise"},
        "rough_mix": {"dual_mono"},
    }  # the second microphone has a noise of its own
    faults = {fault for track, fault in planted.planted if track == name}
    partner = kind in ("delay", "polarity", "duplicate") and any(
        track.startswith(name) or name.startswith(track)
        for track, fault in planted.planted
        if fault in ("delay", "polarity", "duplicate")
    )
    return partner or any(kind in related.get(fault, set()) for fault in faults)


def delay_errors(facts: dict[str, Any]) -> list[float]:
    """Return by how many samples the delay of each planted microphone is off, where the original is its reference."""
    names = {one["track"]: one["name"].rsplit(".", 1)[0] for one in facts["incoming"] if one.get("track")}
    rate, errors = facts["song"]["sample_rate_hz"], []
    for pair in facts["pairs"]:
        planted = re.fullmatch(r"(.*) mic ([\d.]+) ms", names[pair["other"]])
        if planted and names[pair["reference"]] == planted[1]:
            errors.append(round(abs(pair["delay_ms"] - float(planted[2])) * rate / 1000, 2))
    return errors


def _listen(scene: Scene, folder: Path) -> tuple[set[Finding], int, dict[str, Any]]:
    """Write a scene, listen to it, return what was found, how many tracks nobody accounts for, and all facts."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, sound in scene.sounds.items():
        write(folder / f"{name}.wav", sound, scene.written_rates.get(name, scene.rates[name]))
    facts = facts_of(folder)
    shutil.rmtree(folder)  # what was planted can be planted again
    lost = set(scene.sounds) - names_in(facts)
    return findings(facts), len(lost), facts
