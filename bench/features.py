"""Does the mix measure like human mixes?

The truth is the song's own human mix or master where there is one; for other production stems it is their sum.  Every system
gets the stems twice: `hidden` (each at equal loudness, to be mixed from scratch) and `left` (at the artists' levels; ours finds
out by itself that it is to leave them).  Raw recordings (`raw`) are held against the reference songs.  All is compared at equal
integrated loudness.  A distance is the mean over six parts, each divided by what a listener would call a clear difference
(`SCALES`), so 1 is a clear difference in everything.  `held_distance` is the same without third octaves that the truth's own codec has
taken away (`ratio_held`), which no mix could hold; `distance` stays as it was first published.

Beside it stands what a mix must hold whatever the taste (`bench.mix_measures`), measured before mastering; only the slope of the
spectrum is the master's, as that is where it is brought into its band.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Literal

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
from bench.feature_set import FeatureSet, distances, held_spectrum, lag_s, measure_features
from bench.gains import level_gains_db, write_stems
from bench.mix_measures import (
    MixSound,
    bars_held,
    lead_held_by,
    lead_in_band_with_others,
    lead_off_lu,
    measure_mix,
    slope_db_per_octave,
)
from bench.ours import lead_sound, mix_stems
from bench.songs import Song, find_references, find_songs
from bench.sound import Sound, as_stereo, decode, read, sum_of

QUESTION = "does the mix measure like human mixes?"
Kind = Literal["hidden", "left", "raw"]
LEFT_RIVALS = ("equal", "libsonare", "roles")
"""What a mix that leaves the artists' balance must beat on every song; their plain sum is that balance."""
BARS = ("lead", "slope", "mono", "peaks")


@dataclass(frozen=True)
class _Round:
    """One song in one of the ways in which it is given to the systems."""

    song: Song
    kind: Kind
    folder: Path
    """The stems."""
    truths: list[FeatureSet]
    mastered: bool
    """Whether the truth is mastered."""

    @property
    def place(self) -> Path:
        """Where results go, below the job's folder."""
        return self.folder.parent


def run(job: Job) -> Iterator[Case]:
    """Mix every song with every system and compare it with what people made."""
    references: list[FeatureSet] = []
    for song in find_songs(job):
        mastered, truths = _truths(job, song, references)
        if not truths:
            say(f"  {song.name}: no human mix, no production sum, no references; left out")
            continue
        kinds: tuple[Kind, ...] = ("hidden", "left") if len(truths) == 1 else ("raw",)
        for kind in filter(job.wants_kind, kinds):
            gains = level_gains_db(song) if kind == "hidden" else [0.0] * len(song.stems)
            folder = write_stems(song, gains, job.out / "features" / f"{song.name}-{kind}" / "stems")
            yield _case(job, _Round(song, kind, folder, truths, mastered))


def summarise(cases: list[Case]) -> Summary:
    """Return the mean distances by kind, the ratio to the best baseline where the balance was hidden, and the bars held."""
    hidden, left, raw = ([case for case in cases if case.about["kind"] == kind] for kind in ("hidden", "left", "raw"))

    def of(system: str) -> Values:
        return {
            "distance": mean_of(hidden, system, "distance"),
            "held_distance": mean_of(hidden, system, "held_distance"),
            "left_distance": mean_of(left, system, "distance"),
            "raw_distance": mean_of(raw, system, "distance"),
        }

    baselines = {name: of(name) for name in systems_of(cases)}
    ours = of(OURS)
    for name, key in (("ratio_best_baseline", "distance"), ("ratio_held", "held_distance")):
        best = min((values[key] for values in baselines.values() if values[key]), default=None)
        ours[name] = ours[key] / best if ours[key] is not None and best else None
    ours["left_nearest"] = _share([_is_nearest(case) for case in left if "distance" in case.systems.get(OURS, {})])
    for bar in BARS:
        held = [case.systems[OURS]["held"].get(bar) for case in cases if "held" in case.systems.get(OURS, {})]
        ours[f"{bar}_held"] = _share([one for one in held if one is not None])
    return Summary(ours, baselines, (*_leads(cases), *absences(cases)))


def _leads(cases: list[Case]) -> Iterator[str]:
    """Yield, for each case with a lead, where it stands and by which clause of its bar that holds."""
    for case in cases:
        found = case.systems.get(OURS, {})
        if found.get("lead_held_by") is not None:
            off = found.get("lead_off_lu")
            with_others = found.get("lead_in_band_with_others")
            where = "" if with_others is None else f" ({with_others:.0%} where others play with it)"
            from_artists = "" if off is None else f", {off:.2f} LU from the artists'"
            yield (
                f"{case.name}: lead in its band for {found['lead_in_band']:.0%}{where}{from_artists}; "
                f"held by: {found['lead_held_by']}"
            )


def _share(held: list[bool]) -> float | None:
    return fmean(held) if held else None


def _is_nearest(case: Case) -> bool:
    rivals = [case.systems[name]["distance"] for name in LEFT_RIVALS if "distance" in case.systems.get(name, {})]
    return bool(rivals) and case.systems[OURS]["distance"] < min(rivals)


def _case(job: Job, given: _Round) -> Case:
    systems: dict[str, Values] = {}
    for mixer in MIXERS:
        if job.wants(mixer.NAME):
            systems[mixer.NAME] = attempt(_baseline, job, given, mixer)
    if job.wants(OURS):
        systems[OURS] = attempt(_ours, given, systems.get("equal", {}))
    truth = "references" if given.kind == "raw" else "master" if given.mastered else "sum"
    return Case(
        f"{given.song.name} {given.kind}", systems, {"song": given.song.name, "kind": given.kind, "truth": truth}
    )


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


def _ours(given: _Round, equal: Values) -> Values:
    out = mix_stems(
        given.folder, given.place / OURS, master=True, from_scratch=given.kind == "hidden",
        cache_folder=given.place / "cache",
    )  # fmt: skip
    found = _distance(read(out / ("master.wav" if given.mastered else "mix.wav")), given.truths)
    mix, rate = read(out / "mix.wav")
    lead = lead_sound(out, [stem.name for stem in given.song.stems if stem.role == "lead vocal"])
    bars = _bars(given, MixSound(mix, lead, rate))
    master, rate = read(out / "master.wav")
    bars |= {"mix_slope_db": bars["slope_db"], "slope_db": round(slope_db_per_octave(master, rate), 2)}
    return {**found, **bars, "lead_held_by": lead_held_by(bars, equal), "held": bars_held(bars, equal)}


def _baseline(job: Job, given: _Round, mixer: Mixer) -> Values:
    name = mixer.NAME
    version = mixer.version()

    def work() -> Values:
        wav = given.place / f"{name}.wav"
        mixer.mix(given.song, given.folder, wav)
        found = _distance(read(finish_like(wav, name) if given.mastered else wav), given.truths)
        return {**found, **(_equal_bars(given) if name == "equal" else {})}

    if version is None:
        raise AbsentError(f"{name} is not installed")
    balance = "equal loudness" if given.kind == "hidden" else "as it is"
    key = hash_of(given.song.digest, version, given.mastered, balance, "held")
    return remember(job, f"features-{name}-{given.song.name}-{given.kind}-{key}", work)


def _equal_bars(given: _Round) -> Values:
    """Return the bars of the stems at equal loudness."""
    rate = given.song.rate_hz()
    return _bars(given, _sum_with_lead(given.song, level_gains_db(given.song), rate))


def _bars(given: _Round, sound: MixSound) -> Values:
    """Return the figures of a mix against the plain sum of its stems, and how far its lead is from the artists' place."""
    stems = [(given.folder / f"{stem.name}.wav", 0.0) for stem in given.song.stems]
    found = measure_mix(sound, unity=sum_of(stems, rate_hz=sound.rate_hz))
    if given.kind != "raw":
        truth = _sum_with_lead(given.song, [0.0] * len(given.song.stems), sound.rate_hz)
        found["lead_off_lu"] = lead_off_lu(sound, truth)
        found["lead_in_band_with_others"] = lead_in_band_with_others(sound, truth)
    return found


def _sum_with_lead(song: Song, gains_db: list[float], rate_hz: int) -> MixSound:
    parts = [(stem.wav(song), gain, stem.role) for stem, gain in zip(song.stems, gains_db, strict=True)]
    leads = [(path, gain) for path, gain, role in parts if role == "lead vocal"]
    mix = sum_of([(path, gain) for path, gain, _ in parts], rate_hz=rate_hz)
    return MixSound(mix, sum_of(leads, rate_hz=rate_hz) if leads else None, rate_hz)


def _distance(sound: tuple[Sound, int], truths: list[FeatureSet]) -> Values:
    """Return the mean distance to the truths, whole and by part."""
    samples, rate = sound
    mine = measure_features(as_stereo(samples), rate)
    each = [distances(mine, truth, same_song=len(truths) == 1) for truth in truths]
    parts = {key: sum(one[key] for one in each) / len(each) for key in each[0]}
    held = parts | {"spectrum": sum(held_spectrum(mine, truth) for truth in truths) / len(truths)}
    return {"distance": fmean(parts.values()), "held_distance": fmean(held.values()), **parts}
