"""Are the faults of a voice gone, and the voice still there? Plosives, hiss, breaths, bleed, wind, thumps, rumble, narrow bands.

Faults are planted (`bench.damage`, `bench.voice_damage`) with the seeds of `--first-seed` and `--seeds`.  Detectors were made on
the recordings marked so with seeds 1 to 3; the levels from which on bursts, hiss and rumble count were set after a look at all
the recordings as they are, so that for them only seeds from 10 on and recordings that are added later are unseen.  `--songs`
takes recordings, kinds of fault, or both.
Clean recordings go through every detector alone: what each would do to them, and how many times real time it takes.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import signal

from bench import damage, voice_damage
from bench.case import OURS, Case, Job, Summary, Values, mean_of
from bench.damage import Damage, si_sdr_db
from bench.sound import Sound, decode, read
from tonmeister.audio import Audio
from tonmeister.engineer import damage as mending
from tonmeister.engineer import voice_faults
from tonmeister.processing import Processor
from tonmeister.processing.registry import make_stream
from tonmeister.processing.stream import run_stream

QUESTION = "are the faults of the voice gone and the voice still there?"


@dataclass(frozen=True)
class Recording:
    """A clean recording."""

    name: str
    kind: str
    path: str
    tuned: bool = False
    """Whether detectors were tuned on it."""
    start_s: float | None = None
    """Where the part that is used begins; None for around the loudest half minute."""


PART_S = 30
RECORDINGS = (
    Recording("vocadito_1", "voice", "voice_noise/vocals/vocadito_1.wav", tuned=True, start_s=0),
    Recording("caesium_lead", "voice", "multitracks/eif_caesium/6.Caesium_Stem_VOX LEAD.m4a", tuned=True, start_s=208),
    Recording("daps_clean", "voice", "voice_noise/daps_m2_script1/m2_script1_clean.flac", tuned=True, start_s=0),
    Recording("vocadito_10", "voice", "voice_noise/vocals/vocadito_10.wav", start_s=0),
    Recording("clingo_vox", "voice", "multitracks/clingo_rawband/vox.flac"),
    Recording("francium_lead", "voice", "multitracks/eif_francium/7.Francium_Stem_VOX LEAD.m4a"),
    Recording("caesium_choir", "voice", "multitracks/eif_caesium/6.Caesium_Stem_BGVOX MAIN_mobile.m4a"),
    Recording("p287_003", "voice", "voice_noise/vctk_demand/p287_003_clean.wav", start_s=0),
    Recording("p287_005", "voice", "voice_noise/vctk_demand/p287_005_clean.wav", start_s=0),
    Recording("caesium_high", "voice", "multitracks/eif_caesium/6.Caesium_Stem_BGVOX HIGH_mobile.m4a"),
    Recording("francium_build", "voice", "multitracks/eif_francium/7.Francium_Stem_BGVOX BUILD.m4a"),
    Recording("mdn_guitar", "guitar", "multitracks/mdn_funk/leadguitar.mp3", tuned=True),
    Recording("mdn_bass", "bass", "multitracks/mdn_funk/bassguitar.mp3", tuned=True),
    Recording("mdn_drums", "drums", "multitracks/mdn_funk/drums.mp3", tuned=True),
    Recording("clingo_piano", "piano", "multitracks/clingo_rawband/piano.flac", tuned=True),
    Recording("clingo_guitar", "guitar", "multitracks/clingo_rawband/guitOne.flac"),
    Recording("clingo_bass", "bass", "multitracks/clingo_rawband/bass.flac"),
    Recording("clingo_kick", "drums", "multitracks/clingo_rawband/kick.flac"),
    Recording("clingo_snare", "drums", "multitracks/clingo_rawband/snare.flac"),
    Recording("caesium_synth", "synth", "multitracks/eif_caesium/6.Caesium_Stem_MINILOGUE_SYNTH_mobile.m4a"),
)
BLEEDS = (
    ("vocadito_1", "voice_noise/vocals/vocadito_1.wav", "multitracks/clingo_rawband/piano.flac"),
    ("mdn_horns", "multitracks/mdn_funk/horns.mp3", "multitracks/mdn_funk/drums.mp3"),
    ("clingo_guitar", "multitracks/clingo_rawband/guitTwo.flac", "multitracks/clingo_rawband/piano.flac"),
    ("clingo_vox", "multitracks/clingo_rawband/vox.flac", "multitracks/clingo_rawband/guitOne.flac"),
    ("daps_clean", "voice_noise/daps_m2_script1/m2_script1_clean.flac", "multitracks/mdn_funk/drums.mp3"),
    ("mdn_guitar", "multitracks/mdn_funk/leadguitar.mp3", "multitracks/mdn_funk/horns.mp3"),
)
"""Name, the track, the track of the other source; of these vocadito_1 and mdn_horns were tuned on."""
EDGES_HZ = (4000.0, 8000.0, 12000.0)
Judge = Callable[[Sound, int, np.random.Generator], Values | None]


def run(job: Job) -> Iterator[Case]:
    """Plant every fault in every recording that it is meant for, and mend it."""
    for number, recording in enumerate(RECORDINGS):
        judges = [(kind, judge) for kind, judge in _judges(recording) if _wanted(job, recording.name, kind)]
        path = job.data / recording.path
        if not path.exists() or not judges:
            continue
        clean, rate = _load(job, recording)
        about = {"kind": recording.kind, "tuned": recording.tuned}
        for kind, judge in judges:
            for seed in job.draws if kind not in ("clean", "sibilance") else job.draws[:1]:
                figures = judge(clean, rate, np.random.default_rng([seed, number]))
                if figures is not None:
                    yield Case(f"{kind}/{recording.name}/{seed}", {OURS: figures}, {"damage": kind, **about})
    yield from _run_bleed(job)


def _wanted(job: Job, name: str, kind: str) -> bool:
    names = {recording.name for recording in RECORDINGS} | {name for name, _, _ in BLEEDS}
    songs = [song for song in job.songs if song in names]
    kinds = [song for song in job.songs if song not in names]
    return (not songs or name in songs) and (not kinds or kind in kinds)


def _load(job: Job, recording: Recording) -> tuple[Sound, int]:
    sound, rate = read(decode(job.data / recording.path, job.out / "repair_voice" / f"{recording.name}.wav"))
    mono, frames = sound.mean(axis=0, keepdims=True), PART_S * rate
    start = round((recording.start_s or 0) * rate)
    if recording.start_s is None and mono.shape[1] > frames:
        second = np.square(mono[0, : mono.shape[1] // rate * rate]).reshape(-1, rate).mean(axis=1)
        sums = np.convolve(second, np.ones(PART_S), "valid")
        start = int(np.argmax(sums)) * rate
    return np.ascontiguousarray(mono[:, start : start + frames], dtype=np.float32), rate


def _judges(recording: Recording) -> list[tuple[str, Judge]]:
    judges: list[tuple[str, Judge]] = [("clean", _clean_judge(voice=recording.kind == "voice"))]
    if recording.kind == "voice":
        judges += [("plosives", _judge_plosives), ("sibilance", _judge_sibilance), ("breaths", _judge_breaths)]
        judges += [("wind", _judge_wind), ("handling", _judge_handling)]
    judges += [("rumble", _rumble_judge(voice=recording.kind == "voice"))]
    judges += [(f"narrow_{edge:g}", _narrow_judge(edge)) for edge in EDGES_HZ]
    return judges


def _clean_judge(*, voice: bool) -> Judge:
    def judge(clean: Sound, rate: int, _rng: np.random.Generator) -> Values:
        audio, figures = Audio(clean, rate), {}
        for name, prepare in (VOICE_DETECTORS if voice else DETECTORS).items():
            prepare(Audio(clean[:, : 3 * rate], rate))  # compiles
            started = time.process_time()
            settings = prepare(audio)
            spent_s = time.process_time() - started
            figures[f"{name}_realtime"] = round(audio.duration_s / max(spent_s, 1e-6), 1)
            if settings is not None:
                figures[f"{name}_harm_db"] = round(si_sdr_db(_run(settings, clean, rate), clean), 1)
        harm = [value for key, value in figures.items() if key.endswith("harm_db")]
        return figures | {"harm_si_sdr_db": min(harm, default=None), "did": len(harm)}

    return judge


DETECTORS: dict[str, Callable[[Audio], Processor | None]] = {
    "rumble": voice_faults.prepare_derumble,
}
VOICE_DETECTORS: dict[str, Callable[[Audio], Processor | None]] = {
    "rumble": partial(voice_faults.prepare_derumble, voice=True),
    "plosives": mending.prepare_deplosive,
    "breaths": mending.prepare_debreath,
    "sibilance": voice_faults.prepare_desibilance,
    "wind": voice_faults.prepare_dewind,
}


def _judge_plosives(clean: Sound, rate: int, rng: np.random.Generator) -> Values:
    hurt = damage.plosives(clean, rate, rng)
    done = _run(mending.prepare_deplosive(Audio(hurt.sound, rate)), hurt.sound, rate)
    return _judge_low(hurt, done, clean, rate)


def _judge_wind(clean: Sound, rate: int, rng: np.random.Generator) -> Values:
    hurt = voice_damage.wind(clean, rate, rng)
    return _judge_low(hurt, _mend_low(hurt.sound, rate), clean, rate)


def _judge_handling(clean: Sound, rate: int, rng: np.random.Generator) -> Values:
    hurt = voice_damage.handling(clean, rate, rng)
    return _judge_low(hurt, _mend_low(hurt.sound, rate), clean, rate)


def _mend_low(hurt: Sound, rate: int) -> Sound:
    """Mend pops and gusts; a short thump is a pop."""
    done = _run(mending.prepare_deplosive(Audio(hurt, rate)), hurt, rate)
    return _run(voice_faults.prepare_dewind(Audio(done, rate)), done, rate)


def _judge_low(hurt: Damage, done: Sound, clean: Sound, rate: int) -> Values:
    """Measure what fell below 120 Hz within the places, and what changed away from them and above."""
    low = signal.butter(6, 120, "lp", fs=rate, output="sos")
    before, after, own = (signal.sosfiltfilt(low, x.astype(np.float64)) for x in (hurt.sound, done, clean))
    falls = [energy_db(before[:, a:b]) - energy_db(after[:, a:b]) for a, b in hurt.places]
    error_falls = [energy_db((before - own)[:, a:b]) - energy_db((after - own)[:, a:b]) for a, b in hurt.places]
    away = _away(hurt, rate // 20)
    high = signal.butter(6, 200, "hp", fs=rate, output="sos")
    above = [signal.sosfiltfilt(high, x.astype(np.float64)) for x in (hurt.sound, done)]
    return {
        "low_reduction_db": float(np.median(falls)),
        "low_reduction_mean_db": float(np.mean(falls)),
        "fault_reduction_db": float(np.median(error_falls)),
        "found": float(np.mean(np.array(falls) > 6)),
        "elsewhere_db": energy_db((done - hurt.sound)[:, away]) - energy_db(hurt.sound[:, away]),
        "above_200_hz_db": energy_db(above[1] - above[0]) - energy_db(above[0]),
        "si_sdr_gain_db": si_sdr_db(done, clean) - si_sdr_db(hurt.sound, clean),
    }


def _away(hurt: Damage, reach: int) -> np.ndarray:
    away = np.ones(hurt.sound.shape[1], np.bool_)
    for first, last in hurt.places:
        away[max(0, first - reach) : last + reach] = False
    return away


def _judge_sibilance(clean: Sound, rate: int, rng: np.random.Generator) -> Values | None:
    hurt = damage.sibilance(clean, rate, rng)
    if not hurt.places:
        return None
    done = _run(voice_faults.prepare_desibilance(Audio(hurt.sound, rate)), hurt.sound, rate)
    band = signal.butter(4, (6000, min(16000, 0.45 * rate)), "bp", fs=rate, output="sos")
    before, after = (signal.sosfiltfilt(band, x.astype(np.float64)) for x in (hurt.sound, done))
    hissing, away = ~_away(hurt, 0), _away(hurt, rate // 20)
    falls = [energy_db(before[:, a:b]) - energy_db(after[:, a:b]) for a, b in hurt.places]
    return {
        "planted": len(falls),
        "hiss_reduction_db": energy_db(before[:, hissing]) - energy_db(after[:, hissing]),
        "hiss_reduction_median_db": float(np.median(falls)),
        "elsewhere_db": _third_octave_change_db(done[:, away], hurt.sound[:, away], rate, (60, 0.45 * rate)),
        "below_4_khz_db": _third_octave_change_db(done, hurt.sound, rate, (60, 3600)),
        "si_sdr_gain_db": si_sdr_db(done, clean) - si_sdr_db(hurt.sound, clean),
    }


def _judge_breaths(clean: Sound, rate: int, rng: np.random.Generator) -> Values | None:
    hurt = damage.breaths(clean, rate, rng)
    if not hurt.places:
        return None
    done = _run(mending.prepare_debreath(Audio(hurt.sound, rate)), hurt.sound, rate)
    falls, edges = [], []
    for first, last in hurt.places:
        core = slice(first + (last - first) // 4, last - (last - first) // 4)
        falls.append(energy_db(hurt.sound[:, core]) - energy_db(done[:, core]))
        edge = slice(last, last + rate // 20)  # the first 50 ms of the phrase
        edges.append(energy_db(hurt.sound[:, edge]) - energy_db(done[:, edge]))
    found = np.array(falls) > 3
    loud = _away(hurt, 0) & (np.abs(hurt.sound[0]) > 0.1 * damage.active_rms(clean, rate))
    return {
        "planted": len(falls),
        "breaths_found": float(found.mean()),
        "breath_reduction_db": float(np.median(np.array(falls)[found])) if found.any() else 0.0,
        "most_reduction_db": float(np.max(falls)),
        "onset_change_db": float(np.max(np.abs(edges))),
        "elsewhere_db": energy_db(hurt.sound[:, loud]) - energy_db(done[:, loud]),
    }


def _rumble_judge(*, voice: bool) -> Judge:
    def judge(clean: Sound, rate: int, rng: np.random.Generator) -> Values:
        hurt = voice_damage.rumble(clean, rate, rng).sound
        settings = voice_faults.prepare_derumble(Audio(hurt, rate), voice=voice)
        done = _run(settings, hurt, rate)
        low = signal.butter(6, 35, "lp", fs=rate, output="sos")
        before, after = (signal.sosfiltfilt(low, x.astype(np.float64)) for x in (hurt, done))
        return {
            "rumble_reduction_db": energy_db(before) - energy_db(after),
            "third_octave_change_db": _third_octave_change_db(done, hurt, rate, (45, 0.45 * rate)),
            "found": settings is not None,
        }

    return judge


def _narrow_judge(edge_hz: float) -> Judge:
    def judge(clean: Sound, rate: int, rng: np.random.Generator) -> Values | None:
        if edge_hz > 0.3 * rate:
            return None
        hurt = voice_damage.narrow(clean, rate, rng, edge_hz=edge_hz).sound
        settings = voice_faults.prepare_bandwidth(Audio(hurt, rate))
        done = _run(settings, hurt, rate)
        spectra = [np.square(np.abs(_frames(x[0], rate))) + 1e-12 for x in (clean, hurt, done)]
        frequency = np.linspace(0, rate / 2, spectra[0].shape[1])
        above = (frequency > 1.05 * edge_hz) & (frequency < min(0.45 * rate, 2 * edge_hz))
        log = [10 * np.log10(x[:, above] + 1e-9 * spectra[0].max()) for x in spectra]
        low = signal.butter(8, 0.9 * edge_hz, "lp", fs=rate, output="sos")
        kept = [signal.sosfiltfilt(low, x.astype(np.float64)) for x in (hurt, done)]
        return {
            "found": settings is not None,
            "edge_error": abs(settings.edge_hz / edge_hz - 1) if settings is not None else None,
            "distance_gain_db": float(np.abs(log[1] - log[0]).mean() - np.abs(log[2] - log[0]).mean()),
            "level_db": 10 * float(np.log10(spectra[2][:, above].sum() / spectra[0][:, above].sum())),
            "below_si_sdr_db": si_sdr_db(kept[1], kept[0]),
        }

    return judge


def _frames(wave: np.ndarray, rate: int) -> np.ndarray:
    size = rate // 40
    frames = np.lib.stride_tricks.sliding_window_view(wave.astype(np.float64), size)[:: size // 2]
    return np.fft.rfft(frames * np.hanning(size))


def _run_bleed(job: Job) -> Iterator[Case]:
    """Plant the bleed of one stem in another of the same song."""
    for number, (name, path, other_path) in enumerate(BLEEDS):
        there = (job.data / path).exists() and (job.data / other_path).exists()
        if not there or not _wanted(job, name, "bleed"):
            continue
        sound, rate = read(decode(job.data / path, job.out / "repair_voice" / f"bleed_{number}.wav"))
        other, other_rate = read(decode(job.data / other_path, job.out / "repair_voice" / f"bleed_{number}_key.wav"))
        if other_rate != rate:
            other = signal.resample_poly(other, rate, other_rate, axis=1).astype(np.float32)
        frames = min(sound.shape[1], other.shape[1], PART_S * rate)
        clean, key = (np.ascontiguousarray(x[:, :frames].mean(axis=0, keepdims=True)) for x in (sound, other))
        for seed in job.draws:
            figures = _judge_bleed(clean, key, rate, np.random.default_rng([seed, number]))
            yield Case(f"bleed/{name}/{seed}", {OURS: figures}, {"damage": "bleed", "tuned": number < 2})


def _judge_bleed(clean: Sound, key: Sound, rate: int, rng: np.random.Generator) -> Values:
    hurt = damage.bleed(clean, key, rate, rng).sound
    settings = mending.prepare_debleed(Audio(hurt, rate), Audio(key, rate))
    done = hurt if settings is None else _run(settings, hurt, rate, key)
    step = rate // 50
    count = clean.shape[1] // step
    power = np.square(clean[0, : count * step].astype(np.float64)).reshape(count, step).mean(axis=1)
    level = damage.active_rms(clean, rate) ** 2
    wide = np.convolve(power, np.ones(7), "same")  # a gap is silent for 140 ms
    silent, plays = np.repeat(wide < 1e-4 * level, step), np.repeat(power > 0.1 * level, step)
    before, after, own = (x[:, : count * step] for x in (hurt, done, clean))
    heard = silent.any() and np.square(before[:, silent]).mean() > max(
        10 * np.square(own[:, silent]).mean(), 1e-5 * level
    )
    return {
        "gap_reduction_db": energy_db(before[:, silent]) - energy_db(after[:, silent]) if heard else None,
        "playing_change_db": abs(energy_db(before[:, plays]) - energy_db(after[:, plays])),
        "playing_third_octave_db": _third_octave_change_db(after[:, plays], own[:, plays], rate, (60, 0.45 * rate)),
        "before_third_octave_db": _third_octave_change_db(before[:, plays], own[:, plays], rate, (60, 0.45 * rate)),
        "si_sdr_gain_db": si_sdr_db(done, clean) - si_sdr_db(hurt, clean),
        "gap_share": float(silent.mean()),
        "found": settings is not None,
    }


def _run(settings: Processor | None, sound: Sound, rate: int, key: Sound | None = None) -> Sound:
    if settings is None:
        return sound
    stream = make_stream(settings, sample_rate_hz=rate, channels=sound.shape[0])
    return run_stream(Audio(sound, rate), stream, key=None if key is None else Audio(key, rate)).samples


def energy_db(sound: np.ndarray) -> float:
    """Return the energy in dB."""
    return float(10 * np.log10(np.square(sound, dtype=np.float64).sum() + 1e-20))


def _third_octave_change_db(done: Sound, clean: Sound, rate: int, between_hz: tuple[float, float]) -> float:
    """Return the largest change of a third octave of the long-term spectrum, among those that hold anything."""
    powers = []
    for sound in (done, clean):
        _, density = signal.welch(sound.astype(np.float64), rate, nperseg=min(8192, sound.shape[1]), axis=-1)
        powers.append(density.mean(axis=0))
    frequency = np.linspace(0, rate / 2, powers[0].size)
    worst = 0.0
    for centre in 1000 * 2 ** (np.arange(-15, 14) / 3):
        low, high = centre * 2 ** (-1 / 6), centre * 2 ** (1 / 6)
        inside = (frequency >= low) & (frequency < high)
        if low < between_hz[0] or high > between_hz[1] or powers[1][inside].sum() < 1e-9 * powers[1].sum():
            continue
        worst = max(worst, abs(float(10 * np.log10(powers[0][inside].sum() / powers[1][inside].sum()))))
    return worst


KEYS = (
    "low_reduction_db", "fault_reduction_db", "found", "hiss_reduction_db", "breaths_found", "breath_reduction_db",
    "gap_reduction_db", "playing_change_db", "elsewhere_db", "rumble_reduction_db", "third_octave_change_db",
    "distance_gain_db", "level_db", "si_sdr_gain_db", "harm_si_sdr_db", "did",
)  # fmt: skip


def summarise(cases: list[Case]) -> Summary:
    """Return the mean of each figure for each fault, recordings that were tuned on and others apart."""
    figures: Values = {}
    for name in sorted({str(case.about["damage"]) for case in cases}):
        for tuned in (True, False):
            own = [case for case in cases if case.about["damage"] == name and case.about["tuned"] is tuned]
            means = {key: mean_of(own, OURS, key) for key in KEYS}
            label = f"{name}.tuned" if tuned else name
            figures |= {f"{label}.{key}": value for key, value in means.items() if value is not None}
    return Summary(figures, {})
