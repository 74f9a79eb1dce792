"""Does a master follow a reference, and leave alone what is finished?

Four kinds of cases; a mix after a reference is in `mix_matching`, a vocal up or down in `vocal_matching`.

`reference`: mixes mastered after a finished song by us and by matchering: mean third-octave distance to the reference at one level,
and how far peaks stand out.  Peak over loudness at one loudness is nothing but the true peak that was allowed
(ours keeps its ceiling, matchering has none), so it is told three ways: at matchering's loudness, where ours has the lower ceiling;
at one ceiling, matchering's master turned down to ours and ours mastered to the loudness that this leaves; and as each comes when nobody
asks for a loudness, which whoever plays them makes equal. As they come it is counted, too, with peaks over full scale as they are played,
at full scale, and it is told what our limiter took: peaks that a song does not have nobody can leave.  What does not hang on one peak says the rest: the crest of half seconds, the
99.9th percentile of the crest of 3 s, and the mean peak over the loudness of 3 s.  `time`: CPU time of whole songs after whole
references.  `planted`: a finished song held against itself with a known change of tone, width or dynamics: what is told, against what
was done.  `finished`: finished songs to the streaming target: largest third-octave change between 60 Hz and 12 kHz, and whether we say
that there is little to do.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import signal

from bench import mix_matching, ours, vocal_matching
from bench.baselines import matchering
from bench.case import OURS, AbsentError, Case, Job, Summary, Values, absences, attempt
from bench.measures import crest_db, gated_lufs, short_term_lufs, true_peak_db
from bench.mix_matching import CENTRES_HZ, thirds_db
from bench.mix_measures import short_crest_db
from bench.process import Cost
from bench.songs import Song, find_references, find_songs
from bench.sound import Sound, as_stereo, decode, read, sum_of, write

QUESTION = "does a master follow its reference, and leave alone what is finished?"
KINDS = ("reference", "time", "planted", "finished", mix_matching.KIND, vocal_matching.KIND)
SECONDS = 60
"""References and mixes are cut to this, so that a run stays short."""
KNOWN = ("monkey", "run", "Fishin")
"""References to follow: finished songs of three kinds."""
CEILING_DBTP = -1.0
"""Ours, unless it is asked for another."""
WAYS = ("at_one_ceiling_", "as_it_comes_")
PEAKS = ("plr_db", "played_plr_db", "psr_db", "crest_db", "short_crest_db")
MARGIN_DB, UNTOUCHED_DB = 1.0, 0.3
TONE_DB, SIDE, EXPANSION = 3.0, 0.6, 0.75


def run(job: Job) -> Iterator[Case]:
    """Give the cases of the kinds that are wanted."""
    if job.wants_kind("reference"):
        yield from _reference_cases(job)
    if job.wants_kind("time"):
        yield from _time_cases(job)
    if job.wants_kind(mix_matching.KIND):
        yield from mix_matching.cases(job)
    if job.wants_kind(vocal_matching.KIND):
        yield from vocal_matching.cases(job)
    for name, path in _finished(job):
        if job.wants_kind("planted"):
            yield from _planted_cases(job, name, path)
        if job.wants_kind("finished") and job.wants(OURS):
            yield Case(f"finished {name}", {OURS: attempt(_leave_alone, job, path)}, {"kind": "finished"})


def summarise(cases: list[Case]) -> Summary:
    """Return what the bars ask: distances and times against matchering, plants found, changes of finished songs."""
    pairs = _both(cases, "reference", "distance_db")
    spent = [pair[OURS]["cpu_s"] / pair[matchering.NAME]["cpu_s"] for pair in _both(cases, "time", "cpu_s")]
    planted = [c.systems[OURS] for c in cases if c.about["kind"] == "planted" and "found" in c.systems.get(OURS, {})]
    finished = [c.systems[OURS] for c in cases if c.about["kind"] == "finished" and "absent" not in c.systems[OURS]]
    figures: Values = {}
    if pairs:
        figures |= _against(pairs)
    if spent:
        figures |= {"cpu_against_matchering_whole_songs": float(np.median(spent)), "whole_songs": len(spent)}
    if planted:
        figures |= {"planted": len(planted), "planted_found": sum(one["found"] for one in planted)}
    if finished:
        figures |= {
            "largest_finished_change_db": max(one["change_db"] for one in finished), "finished": len(finished),
            "said_little_to_do": sum(one["little_to_do"] for one in finished),
        }  # fmt: skip
    return Summary(figures | mix_matching.summarise(cases) | vocal_matching.summarise(cases), {}, absences(cases))


def _both(cases: list[Case], kind: str, key: str) -> list[dict[str, Values]]:
    """Return the cases of a kind that ours and matchering's both finished."""
    rows = [dict(c.systems) for c in cases if c.about["kind"] == kind and key in c.systems.get(matchering.NAME, {})]
    return [row for row in rows if key in row.get(OURS, {})]


def _against(pairs: list[dict[str, Values]]) -> Values:
    """Return the means over the pairs of ours minus matchering's, for each way of bringing them to one loudness."""

    def gap(key: str, way: str = "") -> list[float]:
        return [pair[OURS][way + key] - pair[matchering.NAME][key] for pair in pairs]

    spent = [pair[OURS]["cpu_s"] / pair[matchering.NAME]["cpu_s"] for pair in pairs]
    lead = {key: [round(d, 2) >= MARGIN_DB for d in gap(key, "as_it_comes_")] for key in ("plr_db", "played_plr_db")}
    untouched = [pair[OURS]["as_it_comes_reduction_db"] <= UNTOUCHED_DB for pair in pairs]
    return {
        "as_it_comes_1_db_ahead": sum(lead["plr_db"]),
        "as_it_comes_1_db_ahead_as_played": sum(lead["played_plr_db"]),
        "as_it_comes_1_db_ahead_as_played_or_untouched": sum(map(max, lead["played_plr_db"], untouched)),
        "distance_against_matchering_db": float(np.mean(gap("distance_db"))),
        "no_further_than_matchering": sum(d <= 0 for d in gap("distance_db")),
        "pairs": len(pairs),
        "cpu_against_matchering": float(np.median(spent)),
        "true_peak_against_matchering_db": float(np.mean(gap("true_peak_db"))),
        **{f"{way}{key}_against_matchering": float(np.mean(gap(key, way))) for way in ("", *WAYS) for key in PEAKS},
    }


def _finished(job: Job) -> Iterator[tuple[str, Path]]:
    for path in find_references(job):
        name = f"{path.parent.name}.{path.stem}"
        if job.wants_song(name):
            yield name, _cut(job, name, *read(decode(path, job.out / "matching" / f"{name}.decoded.wav")))


def _cut(job: Job, name: str, samples: Sound, rate: int, *, seconds: float = SECONDS) -> Path:
    path = job.out / "matching" / f"{name}.wav"
    if not path.exists():
        frames = round(seconds * rate)
        first = max(0, (samples.shape[1] - frames) // 2)
        write(path, as_stereo(samples[:, first : first + frames]), rate, subtype="FLOAT")
    return path


def _quiet_sum(job: Job, song: Song, name: str, *, seconds: float) -> Path:
    """Return the middle of the sum of a song's stems, which as a whole is at -20 LUFS."""
    rate = song.rate_hz()
    total = sum_of(((stem.wav(song), 0.0) for stem in song.stems), rate_hz=rate)
    quiet = total * np.float32(10 ** ((-20 - (gated_lufs(total, rate) or -20)) / 20))
    return _cut(job, name, quiet, rate, seconds=seconds)


def _reference_cases(job: Job) -> Iterator[Case]:
    """Master each mix after two finished songs."""
    known = [path for name, path in _finished(job) if any(word in name for word in KNOWN)]
    for song in find_songs(job):
        if song.seconds() < 20:
            continue
        mix = _quiet_sum(job, song, f"{song.name}.sum", seconds=SECONDS)
        for reference in known:
            theirs = attempt(_match_theirs, job, mix, reference) if job.wants(matchering.NAME) else {}
            systems: dict[str, Values] = {matchering.NAME: theirs} if theirs else {}
            if job.wants(OURS):
                systems[OURS] = attempt(_match_ours, job, mix, reference, theirs)
            yield Case(f"{song.name} after {reference.stem}", systems, {"kind": "reference"})


def _time_cases(job: Job) -> Iterator[Case]:
    """Master each whole song after a whole finished one, in turn, and count the time alone."""
    known = [path for path in find_references(job) if any(word in str(path) for word in KNOWN)]
    for number, song in enumerate(song for song in find_songs(job) if song.seconds() >= SECONDS):
        reference = known[number % len(known)]
        heard = decode(reference, job.out / "matching" / f"{reference.parent.name}.{reference.stem}.decoded.wav")
        mix = _quiet_sum(job, song, f"{song.name}.whole", seconds=song.seconds())
        systems: dict[str, Values] = {}
        if job.wants(matchering.NAME):
            systems[matchering.NAME] = attempt(_time_theirs, job, mix, heard)
        if job.wants(OURS):
            systems[OURS] = attempt(_time_ours, job, mix, heard)
        yield Case(
            f"time of {song.name} after {reference.stem}", systems, {"kind": "time", "seconds": round(song.seconds())}
        )


def _time_theirs(job: Job, mix: Path, reference: Path) -> Values:
    if matchering.version() is None:
        raise AbsentError("not installed")
    cost = matchering.match(mix, job.out / "matching" / "theirs.wav", reference=reference)
    return {"cpu_s": cost.cpu_s, "peak_mib": cost.peak_mib}


def _time_ours(job: Job, mix: Path, reference: Path) -> Values:
    cache = ours.cache_environment(job.out / "matching" / "cache")
    shutil.rmtree(job.out / "matching" / "cache", ignore_errors=True)
    cost = ours.tonmeister(
        "master", mix, "-o", job.out / "matching" / "ours.wav", "--reference", reference, environment=cache
    )
    return {"cpu_s": cost.cpu_s, "peak_mib": cost.peak_mib}


def _match_theirs(job: Job, mix: Path, reference: Path) -> Values:
    if matchering.version() is None:
        raise AbsentError("not installed")
    out = job.out / "matching" / "theirs.wav"
    out.parent.mkdir(parents=True, exist_ok=True)
    return _judged(out, reference, matchering.match(mix, out, reference=reference))


def _match_ours(job: Job, mix: Path, reference: Path, theirs: Values) -> Values:
    """Master at their loudness (timed), at the loudness that our ceiling leaves of theirs, and as it comes."""
    out = job.out / "matching" / "ours.wav"
    lufs = theirs.get("lufs", -12.0)
    left = lufs - theirs.get("true_peak_db", CEILING_DBTP) + CEILING_DBTP

    fresh = ours.cache_environment(job.out / "matching" / "cache")
    shutil.rmtree(job.out / "matching" / "cache", ignore_errors=True)

    def master(*words: str) -> Cost:
        return ours.tonmeister("master", mix, "-o", out, "--reference", reference, *words, environment=fresh)

    cost = master("--target", f"{lufs:.2f}", "--budget", "bold")
    judged = {**_judged(out, reference, cost), "said_missed": cost.code == ours.MISSED}
    for way, words in zip(WAYS, (("--target", f"{left:.2f}", "--budget", "bold"), ()), strict=True):
        cost = master(*words, "--json")
        again = _judged(out, reference, cost)
        judged |= {f"{way}{key}": again[key] for key in ("lufs", *PEAKS)}
        judged[f"{way}reduction_db"] = json.loads(cost.output)["master"]["max_gain_reduction_db"]
    return judged


def _judged(out: Path, reference: Path, cost: Cost) -> Values:
    samples, rate = read(out)
    lufs, peak = gated_lufs(samples, rate) or -70.0, true_peak_db(samples)
    return {
        "distance_db": float(np.abs(_difference_db(read(reference), (samples, rate))).mean()), "lufs": lufs, "true_peak_db": peak,
        "plr_db": peak - lufs, "played_plr_db": min(peak, 0.0) - lufs, "crest_db": _crest_of_halves(samples, rate), "short_crest_db": short_crest_db(samples, rate),
        "psr_db": _peak_over_short_term_db(samples, rate), "cpu_s": cost.cpu_s, "peak_mib": cost.peak_mib,
    }  # fmt: skip


def _peak_over_short_term_db(samples: Sound, rate: int) -> float:
    """Return the mean of the largest sample over the loudness of 3 s, where there is sound."""
    loud = short_term_lufs(samples, rate)
    parts = [samples[:, at * rate : (at + 3) * rate] for at in range(loud.size)]
    found = [20 * np.log10(np.abs(part).max()) - level for part, level in zip(parts, loud, strict=True) if level > -50]
    return float(np.mean(found or [0.0]))


def _crest_of_halves(samples: Sound, rate: int) -> float:
    """Return the mean crest of half seconds: unlike the peak over the loudness of the whole, it does not hang on one sample."""
    parts = [samples[:, at : at + rate // 2] for at in range(0, samples.shape[1] - rate // 2, rate // 2)]
    return float(np.mean([crest_db(part) for part in parts if np.abs(part).max() > 0.01] or [0.0]))


def _difference_db(
    before: tuple[Sound, int], after: tuple[Sound, int], *, span_hz: tuple[float, float] = (40, 16_000)
) -> np.ndarray:
    """Return the third-octave difference at one level (median), where both have sound."""
    one, two = thirds_db(*before), thirds_db(*after)
    there = (one > one.max() - 50) & (two > two.max() - 50) & (span_hz[0] <= CENTRES_HZ) & (span_hz[1] >= CENTRES_HZ)
    difference = (two - one)[there]
    return np.asarray(difference - np.median(difference))


def _leave_alone(job: Job, path: Path) -> Values:
    out = job.out / "matching" / "left.wav"
    said = json.loads(ours.tonmeister("master", path, "-o", out, "--json").output)
    change = _difference_db(read(path), read(out), span_hz=(60, 12_000))
    return {
        "change_db": float(np.abs(change).max()), "little_to_do": said["verdict"].startswith("Little to do"), "verdict": said["verdict"],
        "lufs": said["master"]["integrated_lufs"], "before_lufs": said["before"]["integrated_lufs"],
    }  # fmt: skip


def _planted_cases(job: Job, name: str, path: Path) -> Iterator[Case]:
    if not job.wants(OURS):
        return
    samples, rate = read(path)
    for plant, (made, dimension, truth) in _plants(samples, rate).items():
        yield Case(
            f"planted {plant} in {name}",
            {OURS: attempt(_find, job, path, made, rate, dimension, truth)},
            {"kind": "planted"},
        )


def _plants(samples: Sound, rate: int) -> dict[str, tuple[Sound, str, float]]:
    """Return what was done: the changed sound, its dimension, and how much."""
    out: dict[str, tuple[Sound, str, float]] = {}
    for sign in (1, -1):
        gain = sign * TONE_DB
        out[f"highs {gain:+g} dB"] = (_shelf(samples, rate, 3500, gain, high=True), "tone", gain)
        out[f"lows {gain:+g} dB"] = (_shelf(samples, rate, 150, gain, high=False), "tone", gain)
    mid, side = samples.sum(axis=0) / 2, (samples[0] - samples[1]) / 2
    if np.square(side).sum() > 0.01 * np.square(mid).sum():
        for factor in (SIDE, 1 / SIDE):
            out[f"side x{factor:.2f}"] = (
                np.stack([mid + factor * side, mid - factor * side]).astype(np.float32),
                "width",
                20 * float(np.log10(factor)),
            )
    clipped = samples / np.abs(samples).max()
    limit = 10 ** (-6 / 20)
    flat = np.clip(clipped, -limit, limit).astype(np.float32)
    out["crest cut"] = (flat, "dynamics", _crest_of_halves(flat, rate) - _crest_of_halves(samples, rate))
    return {plant: row for plant, row in out.items() if row[1] != "dynamics" or abs(row[2]) >= 1.5}


def _shelf(samples: Sound, rate: int, hz: float, gain_db: float, *, high: bool) -> Sound:
    """Apply an RBJ shelf, by SciPy."""
    a, w = 10 ** (gain_db / 40), 2 * np.pi * hz / rate
    alpha, cos, sign = np.sin(w) / np.sqrt(2), np.cos(w), 1 if high else -1
    root = 2 * np.sqrt(a) * alpha
    b = [
        a * ((a + 1) + sign * (a - 1) * cos + root),
        -2 * sign * a * ((a - 1) + sign * (a + 1) * cos),
        a * ((a + 1) + sign * (a - 1) * cos - root),
    ]
    d = [
        (a + 1) - sign * (a - 1) * cos + root,
        2 * sign * ((a - 1) - sign * (a + 1) * cos),
        (a + 1) - sign * (a - 1) * cos - root,
    ]
    return np.asarray(signal.lfilter(b, d, samples.astype(np.float64)), np.float32)


def _find(job: Job, path: Path, made: Sound, rate: int, dimension: str, truth: float) -> Values:
    changed = write(job.out / "matching" / "changed.wav", made, rate, subtype="FLOAT")
    out = job.out / "matching" / "followed.wav"
    said = json.loads(ours.tonmeister("master", path, "-o", out, "--reference", changed, "--json").output)
    told = [
        one["value"]
        for one in said["differences"]
        if one["dimension"] == dimension and not one["out_of_reach"] and one["unit"] == "dB"
    ]
    value = (float(np.mean(told)) if dimension == "width" else max(told, key=abs)) if told else 0.0
    return {"truth": truth, "told": value, "found": bool(value * truth > 0 and abs(value - truth) <= 0.3 * abs(truth))}
