"""Is what matters audible, and are covers found where they are?

Half a minute of every song's stems; in each case one stem gets a third octave of noise over a few seconds, so that it covers
another stem there by a known amount.  A planted cover counts as recalled when one finding names both tracks, the band to a
third octave and both ends to a second.  Findings count as false when they were not there before and name other tracks, or
another band or time, than what was planted; that the planted noise covers further stems too is true.  Clean pairs are two
stems of which one sounds only above, or only after, the other: nothing may be found there.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.case import OURS, Case, Job, Summary, Values, absences, attempt, mean_of
from bench.intake import clean_excerpts
from bench.ours import facts_of
from bench.plants import Scene
from bench.songs import find_songs
from bench.sound import Sound, as_stereo, write

QUESTION = "is what matters audible, and are covers found where they are?"
CASES_A_SEED = 4
PAIRS_A_SEED = 4
CENTRES_HZ = 1000.0 * 2 ** (np.arange(-9, 10) / 3)
"""Third octaves from 125 Hz to 8 kHz."""
EXCESS_DB = 6.5, 15.0
"""The cover is drawn from this range: 6 dB and more, and a margin for how the level of a band is measured."""
SPAN_S = 3.0, 8.0
NEEDS_DB = 10.0
"""The covered stem has the band within so much of its strongest third octave."""
STANDS_OUT_DB = 3.0
"""Before, it stands over all others together by so much there."""
TIME_S, BAND_OCTAVES = 1.0, 1 / 3
FREE_DB = 6.0
"""The covering stem has so much less there, two seconds before and after too: what was planted is where the cover begins."""
_STEP_S = 0.25


@dataclass(frozen=True)
class Cover:
    """A planted conflict."""

    masker: str
    maskee: str
    centre_hz: float
    start_s: float
    end_s: float
    excess_db: float


def run(job: Job) -> Iterator[Case]:
    """Plant covers in every song, and make clean pairs of its stems, for every seed."""
    for song in find_songs(job):
        if len(song.stems) < 3:
            continue
        scene = turned_down(clean_excerpts(song))
        work = job.out / "masking" / song.name
        for seed in job.draws:
            yield Case(
                f"{song.name} seed {seed}",
                {OURS: attempt(_judge, scene, work, seed)},
                {"song": song.name, "seed": seed},
            )


def summarise(cases: list[Case]) -> Summary:
    """Return recall and precision over all planted covers, and how often clean pairs were left alone."""
    total = {key: sum(int(case.systems[OURS].get(key, 0)) for case in cases) for key in _COUNTS}
    figures: Values = {
        "precision": total["right"] / (total["right"] + total["false"]) if total["right"] + total["false"] else None,
        "recall": total["recalled"] / total["planted"] if total["planted"] else None,
        "harmful_reduction": mean_of(cases, OURS, "harmful_reduction"),
        "tonal_cost_db": mean_of(cases, OURS, "tonal_cost_db"),
        "abstention": total["abstained"] / total["clean_pairs"] if total["clean_pairs"] else None,
    }
    return Summary(figures, {}, absences(cases))


_COUNTS = ("planted", "recalled", "right", "false", "clean_pairs", "abstained")


def _judge(scene: Scene, work: Path, seed: int) -> Values:
    rng = np.random.default_rng(seed)
    before = listen_to(scene, work / "clean")
    counts = dict.fromkeys(_COUNTS, 0)
    missed: list[Any] = []
    for number in range(CASES_A_SEED):
        drawn = plant_cover(scene, rng)
        if drawn is None:
            continue
        planted, cover = drawn
        found = listen_to(planted, work / f"planted{number}")
        new = [one for one in found if not any(_is_same(one, old) for old in before)]
        counts["planted"] += 1
        if any(is_hit(one, cover) for one in found):
            counts["recalled"] += 1
        else:
            missed.append(
                [
                    cover.masker,
                    cover.maskee,
                    round(cover.centre_hz),
                    cover.start_s,
                    cover.end_s,
                    round(cover.excess_db, 1),
                ]
            )
        for one in new:
            counts["right" if _follows(one, cover) else "false"] += 1
    for number in range(PAIRS_A_SEED):
        pair = clean_pair(scene, rng)
        counts["clean_pairs"] += 1
        counts["abstained"] += not listen_to(pair, work / f"pair{number}")
    return {**counts, "missed": missed}


def is_hit(found: dict[str, Any], cover: Cover) -> bool:
    """Whether a finding names the planted tracks, band and time."""
    return bool(
        found["masker"] == cover.masker
        and found["maskee"] == cover.maskee
        and abs(np.log2(found["centre_hz"] / cover.centre_hz)) <= BAND_OCTAVES
        and abs(found["start_s"] - cover.start_s) <= TIME_S
        and abs(found["end_s"] - cover.end_s) <= TIME_S
    )


def _follows(found: dict[str, Any], cover: Cover) -> bool:
    """Whether a finding is the planted cover, or what the same noise does to another stem at that place."""
    third = 2 ** (1 / 3)
    inside = found["low_hz"] < cover.centre_hz * third and found["high_hz"] > cover.centre_hz / third
    at_the_time = found["start_s"] >= cover.start_s - TIME_S and found["end_s"] <= cover.end_s + TIME_S
    return bool(found["masker"] == cover.masker and inside and at_the_time)


def _is_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two findings name the same tracks and meet in band and time."""
    return (
        (one["masker"], one["maskee"]) == (other["masker"], other["maskee"])
        and max(one["low_hz"], other["low_hz"]) < min(one["high_hz"], other["high_hz"])
        and max(one["start_s"], other["start_s"]) < min(one["end_s"], other["end_s"])
    )


def listen_to(scene: Scene, folder: Path) -> list[dict[str, Any]]:
    """Write a scene and return what `listen` finds about masking, with file names for track ids."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, sound in scene.sounds.items():
        write(folder / f"{name}.wav", sound, scene.rates[name])
    facts = facts_of(folder)
    names = {track["id"]: track["name"].removesuffix(".wav") for track in facts["tracks"]}
    found = facts["masking"]["findings"]
    shutil.rmtree(folder)  # what was planted can be planted again
    return [{**one, "masker": names[one["masker"]], "maskee": names[one["maskee"]]} for one in found]


def plant_cover(scene: Scene, rng: np.random.Generator) -> tuple[Scene, Cover] | None:
    """Cover a stem by another where it stands out now; None if no such place was found."""
    names = sorted(scene.sounds)
    levels = {name: third_octave_power(scene.sounds[name], scene.rates[name]) for name in names}
    steps = max(len(level) for level in levels.values())
    power = np.array([np.pad(level, ((0, steps - len(level)), (0, 0))) for level in levels.values()])
    for _ in range(5000):
        maskee, masker = (int(place) for place in rng.choice(len(names), 2, replace=False))
        span = round(rng.uniform(*SPAN_S) / _STEP_S)
        if steps - span < 10 or scene.rates[names[masker]] < 40_000:
            continue
        start, band = int(rng.integers(4, steps - span - 4)), int(rng.integers(CENTRES_HZ.size))
        here = power[:, start : start + span]
        own, others = here[maskee, :, band], here[:, :, band].sum(axis=0) - here[maskee, :, band]
        strong = own > here[maskee].max(axis=1) * 10 ** (-NEEDS_DB / 10)
        usual = power[maskee].mean(axis=0)
        out = own > others * 10 ** (STANDS_OUT_DB / 10)
        ends = strong[:2].all() and strong[-2:].all()
        around = power[masker, max(0, start - 8) : start + span + 8, max(0, band - 1) : band + 2]
        is_free = float(around.max()) < own.mean() * 10 ** (-FREE_DB / 10)
        if (
            is_free
            and own.mean() > 1e-7
            and ends
            and (strong & out).mean() > 0.75
            and usual[band] > usual.max() * 10 ** (-NEEDS_DB / 10)
        ):
            excess_db = float(rng.uniform(*EXCESS_DB))
            times = start * _STEP_S, (start + span) * _STEP_S
            cover = Cover(names[masker], names[maskee], float(CENTRES_HZ[band]), *times, excess_db)
            return _add_cover(scene, cover, own, rng), cover
    return None


def _add_cover(scene: Scene, cover: Cover, own: NDArray[np.float64], rng: np.random.Generator) -> Scene:
    """Add a third octave of noise that follows the covered stem's level, so that the cover is as strong all the time."""
    sound, rate = scene.sounds[cover.masker], scene.rates[cover.masker]
    first, last = round(cover.start_s * rate), min(round(cover.end_s * rate), sound.shape[1])
    noise = band_of(rng.normal(0, 1, last - first), rate, cover.centre_hz)
    smooth = np.convolve(np.pad(own, 2, mode="edge"), np.ones(5) / 5, "valid")
    level = np.interp(
        np.arange(last - first), (np.arange(len(own)) + 0.5) * _STEP_S * rate, np.sqrt(np.maximum(own, smooth))
    )
    fade = np.minimum(1, np.minimum(np.arange(last - first), np.arange(last - first)[::-1]) / (0.05 * rate))
    out = sound.copy()
    out[:, first:last] += (noise / noise.std() * level * fade * 10 ** (cover.excess_db / 20)).astype(np.float32)
    return scene.change(cover.masker, out)


def turned_down(scene: Scene) -> Scene:
    """Return all stems 12 dB lower, so that nothing that is added clips."""
    return Scene({name: np.asarray(sound * np.float32(0.25)) for name, sound in scene.sounds.items()}, scene.rates)


def third_octave_power(sound: Sound, rate: int) -> NDArray[np.float64]:
    """Return (quarter seconds, bands) mean square of the mean channel in each third octave."""
    size = round(_STEP_S * rate)
    mono = sound.mean(axis=0).astype(np.float64)
    frames = mono[: mono.size // size * size].reshape(-1, size) * np.hanning(size)
    spectrum = np.square(np.abs(np.fft.rfft(frames))) * (2 / (size * np.square(np.hanning(size)).sum()))
    frequency = np.fft.rfftfreq(size, 1 / rate)
    edges = CENTRES_HZ[:, None] * 2 ** np.array([-1 / 6, 1 / 6])
    return np.stack([spectrum[:, (low <= frequency) & (frequency < high)].sum(axis=1) for low, high in edges], axis=1)


def band_of(wave: NDArray[np.float64], rate: int, centre_hz: float) -> NDArray[np.float64]:
    """Return the third octave around a frequency, cut out in the frequency domain."""
    spectrum, frequency = np.fft.rfft(wave), np.fft.rfftfreq(wave.size, 1 / rate)
    spectrum[(frequency < centre_hz * 2 ** (-1 / 6)) | (frequency >= centre_hz * 2 ** (1 / 6))] = 0
    return np.asarray(np.fft.irfft(spectrum, wave.size))


def clean_pair(scene: Scene, rng: np.random.Generator) -> Scene:
    """Return two stems that cannot cover each other: one above the other with an octave between, or one after the other."""
    names = [str(name) for name in rng.permutation(sorted(scene.sounds))[:2]]
    parts = [as_stereo(scene.sounds[name]) for name in names]
    rates = [scene.rates[name] for name in names]
    if rng.random() < 0.5:
        border_hz = float(rng.choice([250.0, 500.0, 1000.0, 2000.0]))
        changed = [
            _half_spectrum(part, rate, border_hz, above=above)
            for part, rate, above in zip(parts, rates, (False, True), strict=True)
        ]
    else:
        changed = [
            _every_other(part, rate, first=first) for part, rate, first in zip(parts, rates, (True, False), strict=True)
        ]
    return Scene(dict(zip(names, changed, strict=True)), dict(zip(names, rates, strict=True)))


def _half_spectrum(sound: Sound, rate: int, border_hz: float, *, above: bool) -> Sound:
    spectrum, frequency = np.fft.rfft(sound.astype(np.float64)), np.fft.rfftfreq(sound.shape[1], 1 / rate)
    octaves = np.log2(np.maximum(frequency, 1) / border_hz) * (1 if above else -1)
    return np.asarray(np.fft.irfft(spectrum * np.clip((octaves - 0.5) * 4, 0, 1), sound.shape[1]), dtype=np.float32)


def _every_other(sound: Sound, rate: int, *, first: bool) -> Sound:
    """Keep four seconds of every eight, with fades; the other stem keeps the others."""
    phase = (np.arange(sound.shape[1]) / rate + (0 if first else 4)) % 8
    gate = np.clip(np.minimum(phase - 0.3, 3.7 - phase) / 0.05, 0, 1)
    return np.asarray(sound * gate, dtype=np.float32)
