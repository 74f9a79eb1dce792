"""Does the mix measure like human mixes?

The truth is the song's own human mix or master where there is one, for other production stems it is their sum; every
system then gets the stems with gains drawn anew (±12 dB).  Raw recordings are held against the reference songs.  All is compared
at equal integrated loudness.  A distance is the mean over six parts, each divided by what a listener would call a clear
difference (`SCALES`), so 1 is a clear difference in everything.
"""

from collections.abc import Iterator
from pathlib import Path

from bench.baselines.finish import finish_like
from bench.baselines.registry import MIXERS, Mixer
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
    say,
    systems_of,
)
from bench.feature_set import FeatureSet, distances, lag_s, measure_features
from bench.gains import draw_gains_db, write_stems
from bench.ours import mix_stems
from bench.songs import Song, find_references, find_songs
from bench.sound import Sound, as_stereo, decode, read, sum_of

QUESTION = "does the mix measure like human mixes?"
SEED = 1


def run(job: Job) -> Iterator[Case]:
    """Mix every song with every system and compare it with what people made."""
    references: list[FeatureSet] = []
    for song in find_songs(job):
        mastered, truths = _truths(job, song, references)
        if truths:
            yield _case(job, song, truths, mastered=mastered)
        else:
            say(f"  {song.name}: no human mix, no production sum, no references; left out")


def summarise(cases: list[Case]) -> Summary:
    """Return our mean distance, and its ratio to that of the best baseline on the same songs."""
    ours = mean_of(cases, OURS, "distance")
    baselines = {name: {"distance": mean_of(cases, name, "distance")} for name in systems_of(cases)}
    best = min((values["distance"] for values in baselines.values() if values["distance"]), default=None)
    ratio = ours / best if ours is not None and best else None
    return Summary({"distance": ours, "ratio_best_baseline": ratio}, baselines, absences(cases))


def _case(job: Job, song: Song, truths: list[FeatureSet], *, mastered: bool) -> Case:
    own_truth = len(truths) == 1  # only then does the balance of the stems give the answer away
    gains = draw_gains_db(song, seed=SEED) if own_truth else [0.0] * len(song.stems)
    folder = write_stems(song, gains, job.out / "features" / song.name / "stems")
    systems: dict[str, Values] = {}
    if job.wants(OURS):
        systems[OURS] = attempt(_ours, job, song, folder, truths, mastered=mastered)
    for mixer in MIXERS:
        if job.wants(mixer.NAME):
            systems[mixer.NAME] = attempt(_baseline, job, song, folder, mixer, truths, mastered=mastered)
    return Case(song.name, systems, {"truth": "references" if len(truths) > 1 else "master" if mastered else "sum"})


def _truths(job: Job, song: Song, references: list[FeatureSet]) -> tuple[bool, list[FeatureSet]]:
    """Return whether the truth is mastered, and its features (one, or those of all references)."""
    if song.human is not None:
        samples, rate = read(song.human.wav(song))
        own_sum = sum_of(((stem.wav(song), 0.0) for stem in song.stems), rate_hz=rate)
        return True, [measure_features(as_stereo(samples), rate, starts_s=lag_s(own_sum, samples, rate))]
    if song.is_production():
        rate = song.rate_hz()
        return False, [measure_features(sum_of(((stem.wav(song), 0.0) for stem in song.stems), rate_hz=rate), rate)]
    if not references:
        for path in find_references(job):
            samples, rate = read(decode(path, job.out / "references" / f"{hash_of(str(path.name))}.wav"))
            references.append(measure_features(as_stereo(samples), rate))
    return True, references


def _ours(job: Job, song: Song, folder: Path, truths: list[FeatureSet], *, mastered: bool) -> Values:
    out = mix_stems(folder, job.out / "features" / song.name / OURS, master=mastered)
    return _distance(read(out / ("master.wav" if mastered else "mix.wav")), truths)


def _baseline(job: Job, song: Song, folder: Path, mixer: Mixer, truths: list[FeatureSet], *, mastered: bool) -> Values:
    name = mixer.NAME
    version = mixer.version()

    def work() -> Values:
        wav = job.out / "features" / song.name / f"{name}.wav"
        mixer.mix(song, folder, wav)
        return _distance(read(finish_like(wav, name) if mastered else wav), truths)

    if version is None:
        raise AbsentError(f"{name} is not installed")
    return remember(job, f"features-{name}-{song.name}-{hash_of(song.digest, SEED, version, mastered)}", work)


def _distance(sound: tuple[Sound, int], truths: list[FeatureSet]) -> Values:
    """Return the mean distance to the truths, whole and by part."""
    samples, rate = sound
    mine = measure_features(as_stereo(samples), rate)
    each = [distances(mine, truth, same_song=len(truths) == 1) for truth in truths]
    parts = {key: sum(one[key] for one in each) / len(each) for key in each[0]}
    return {"distance": sum(parts.values()) / len(parts), **parts}
