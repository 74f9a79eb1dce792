"""Is planted damage gone, and is the rest as it was? Hum, clicks, clipping, gaps, wow.

Damage is planted in clean voices and instruments (`bench.damage`) with seeds of its own. Not all of it is unseen: hum was tuned
on some of these recordings with another seed, the longest click was set after the clean guitar and lead voice here had come to
harm. Clean recordings go through the automatic pass for DC, clipping, hum and clicks, which should find nothing or harm nothing.
Faults of voices, bleed, wind and rumble have their own file, `repair_voice`.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import signal

from bench import damage
from bench.askew import run_azimuth
from bench.case import OURS, Case, Job, Summary, Values, mean_of
from bench.damage import Damage, si_sdr_db
from bench.sound import Sound, decode, read
from tonmeister.audio import Audio
from tonmeister.engineer import damage as mending
from tonmeister.processing import Inpaint, Processor
from tonmeister.processing.declip import declip
from tonmeister.processing.inpaint import inpaint
from tonmeister.processing.regions import Region
from tonmeister.processing.registry import make_stream
from tonmeister.processing.stream import run_stream

QUESTION = "is the planted damage gone and the performance there?"
SEED = 20260


@dataclass(frozen=True)
class Recording:
    """A clean recording."""

    name: str
    kind: str
    path: str
    start_s: int
    end_s: int


RECORDINGS = (
    Recording("vocadito_1", "voice", "voice_noise/vocals/vocadito_1.wav", 0, 33),
    Recording("caesium_lead", "voice", "multitracks/eif_caesium/6.Caesium_Stem_VOX LEAD.m4a", 208, 228),
    Recording("daps_clean", "voice", "voice_noise/daps_m2_script1/m2_script1_clean.flac", 0, 29),
    Recording("mdn_guitar", "guitar", "multitracks/mdn_funk/leadguitar.mp3", 0, 60),
    Recording("fof_guitar", "guitar", "multitracks/fof_metal_madness/guitar.ogg", 20, 80),
    Recording("mdn_bass", "bass", "multitracks/mdn_funk/bassguitar.mp3", 0, 60),
    Recording("mdn_drums", "drums", "multitracks/mdn_funk/drums.mp3", 0, 60),
    Recording("clingo_piano", "piano", "multitracks/clingo_rawband/piano.flac", 0, 31),
)
CONFERENCE_ROOM = "voice_noise/daps_m2_script1/m2_script1_ipad_confroom1.flac"
HUMS = ((50.0, 0.0005), (60.0, 0.001), (49.3, 0.002))
"""Fundamental and how far it wanders, of itself."""
CLIPPED_DB = (3.0, 6.0, 9.0)
MENDED_DB = 10.0
"""A click is gone when its energy, with 2 ms on both sides, has fallen by so much."""


def run(job: Job) -> Iterator[Case]:
    """Plant every damage in every recording that it is meant for, and mend it."""
    for number, recording in enumerate(RECORDINGS):
        path = job.data / recording.path
        if not path.exists() or not job.wants_song(recording.name):
            continue
        sound, rate = read(decode(path, job.out / "repair_damage" / f"{recording.name}.wav"))
        part = sound[:, recording.start_s * rate : recording.end_s * rate].mean(axis=0, keepdims=True)
        clean = np.ascontiguousarray(part, dtype=np.float32)
        for name, judge in _judges(recording):
            if not job.wants_kind(name):
                continue
            rng = np.random.default_rng(_seed(job, number))
            figures = judge(clean, rate, rng)
            if figures is not None:
                yield Case(f"{name}/{recording.name}", {OURS: figures}, {"damage": name, "kind": recording.kind})
    yield from run_azimuth(job, seed=_seed(job, 100)) if job.wants_kind("azimuth") else ()
    room = job.data / CONFERENCE_ROOM
    if room.exists() and job.wants_song("conference_room") and job.wants_kind("hum_room"):
        figures = _judge_room_hum(*read(room))
        yield Case("hum_room/conference_room", {OURS: figures}, {"damage": "hum_room", "kind": "voice"})


def _seed(job: Job, number: int) -> int:
    """Return the seed of a recording; another first seed plants what nobody has looked at yet."""
    return SEED + 1000 * (job.first_seed - 1) + number


Judge = Callable[[Sound, int, np.random.Generator], Values | None]


def _judges(recording: Recording) -> list[tuple[str, Judge]]:
    judges: list[tuple[str, Judge]] = [("clean", _judge_clean)]
    judges += [(f"hum_{f:g}", _hum_judge(f, drift)) for f, drift in HUMS]
    judges += [("clicks", _judge_clicks), ("crackle", _judge_crackle)]
    judges += [(f"clip_{over:g}", _clip_judge(over)) for over in CLIPPED_DB]
    judges += [("gaps", _judge_gaps)]
    if recording.kind == "voice":
        judges += [("mouth_clicks", _judge_mouth_clicks)]
    if recording.kind in ("piano", "guitar"):
        judges += [("wow", _judge_wow)]
    return judges


def _judge_clean(clean: Sound, rate: int, _rng: np.random.Generator) -> Values:
    """Send a clean recording through the automatic pass."""
    audio = Audio(clean, rate)
    started = time.process_time()
    prepare = (mending.prepare_remove_dc, mending.prepare_declip, mending.prepare_dehum, mending.prepare_declick)
    found = [settings for settings in (one(audio) for one in prepare) if settings is not None]
    spent_s = time.process_time() - started
    done = audio
    for settings in found:
        stream = make_stream(settings, sample_rate_hz=rate, channels=audio.channels)
        done = run_stream(done, stream)
    same = np.array_equal(done.samples, clean)
    return {
        "did": [settings.kind for settings in found],
        "identical": same,
        "harm_si_sdr_db": None if same else si_sdr_db(done.samples, clean),
        "third_octave_change_db": _third_octave_change_db(done.samples, clean, rate, least_hz=40),
        "realtime": round(audio.duration_s / max(spent_s, 1e-6), 1),
    }


def _hum_judge(frequency_hz: float, drift: float) -> Judge:
    def judge(clean: Sound, rate: int, rng: np.random.Generator) -> Values:
        before = mending.prepare_dehum(Audio(clean, rate))  # a recording may have a hum of its own
        if before is not None:
            clean = run_stream(Audio(clean, rate), make_stream(before, sample_rate_hz=rate, channels=1)).samples
        hurt = damage.hum(clean, rate, rng, frequency_hz=frequency_hz, drift=drift).sound
        started = time.process_time()
        settings = mending.prepare_dehum(Audio(hurt, rate))
        done = _run(settings, hurt, rate)
        spent_s = time.process_time() - started
        lines = frequency_hz * damage.HUM_LINES
        return {
            "si_sdr_gain_db": si_sdr_db(done, clean) - si_sdr_db(hurt, clean),
            "hum_reduction_db": _energy_db(hurt - clean) - _energy_db(done - clean),
            "third_octave_change_db": _third_octave_change_db(done, clean, rate, least_hz=1.3 * lines),
            "realtime": round(clean.shape[1] / rate / spent_s, 1),
        }

    return judge


def _judge_clicks(clean: Sound, rate: int, rng: np.random.Generator) -> Values | None:
    return _judge_impulses(damage.clicks(clean, rate, rng), clean, rate, mending.prepare_declick)


def _judge_crackle(clean: Sound, rate: int, rng: np.random.Generator) -> Values | None:
    return _judge_impulses(damage.crackle(clean, rate, rng), clean, rate, mending.prepare_declick)


def _judge_mouth_clicks(clean: Sound, rate: int, rng: np.random.Generator) -> Values | None:
    return _judge_impulses(damage.mouth_clicks(clean, rate, rng), clean, rate, mending.prepare_mouth_declick)


def _judge_impulses(
    hurt: Damage, clean: Sound, rate: int, prepare: Callable[[Audio], Processor | None]
) -> Values | None:
    if not hurt.places:
        return None
    started = time.process_time()
    done = _run(prepare(Audio(hurt.sound, rate)), hurt.sound, rate)
    spent_s = time.process_time() - started
    gone = []
    for first, last in hurt.places:
        part = slice(max(0, first - rate // 500), last + rate // 500)
        before, after = _energy_db((hurt.sound - clean)[:, part]), _energy_db((done - clean)[:, part])
        gone.append(before - after >= MENDED_DB)
    return {
        "planted": len(gone),
        "clicks_removed": float(np.mean(gone)),
        "si_sdr_gain_db": si_sdr_db(done, clean) - si_sdr_db(hurt.sound, clean),
        "realtime": round(clean.shape[1] / rate / spent_s, 1),
    }


def _clip_judge(over_db: float) -> Judge:
    def judge(clean: Sound, rate: int, rng: np.random.Generator) -> Values:
        hurt = damage.clip(clean, rate, rng, over_db=over_db).sound
        started = time.process_time()
        settings = mending.prepare_declip(Audio(hurt, rate))
        done = hurt if settings is None else declip(Audio(hurt, rate), settings).samples
        spent_s = time.process_time() - started
        gain = si_sdr_db(done, clean) - si_sdr_db(hurt, clean)
        return {
            "declip_gain_db": gain,
            "found": settings is not None,
            "realtime": round(clean.shape[1] / rate / spent_s, 1),
        }

    return judge


def _judge_gaps(clean: Sound, rate: int, rng: np.random.Generator) -> Values | None:
    hurt = damage.gaps(clean[:, : 15 * rate], rate, rng)
    if not hurt.places:
        return None
    regions = tuple(Region(start_s=first / rate, end_s=last / rate) for first, last in hurt.places)
    done = inpaint(Audio(hurt.sound, rate), Inpaint(regions=regions)).samples
    target = clean[:, : 15 * rate]
    each = [_energy_db(target[:, a:b]) - _energy_db((done - target)[:, a:b]) for a, b in hurt.places]
    return {
        "inpaint_gain_db": si_sdr_db(done, target) - si_sdr_db(hurt.sound, target),
        "inpaint_median_db": float(np.median(each)),
        "planted": len(regions),
    }


def _judge_wow(clean: Sound, rate: int, rng: np.random.Generator) -> Values:
    hurt, speed = damage.wow(clean, rate, rng)
    settings = mending.prepare_unwow(Audio(hurt.sound, rate))
    depth = float(np.abs(speed - 1).max())
    if settings is None:
        return {"wow_left_percent": 100 * depth, "found": False}
    knots = np.arange(len(settings.ahead_ms)) * settings.knot_s * rate
    ahead = np.interp(np.arange(speed.size), knots, np.array(settings.ahead_ms)) * rate / 1000
    left = (speed - 1) - np.gradient(ahead)
    middle = left[rate:-rate]
    return {"wow_left_percent": float(100 * np.abs(middle - middle.mean()).max()), "found": True}


def _judge_room_hum(sound: Sound, rate: int) -> Values:
    """Measure the narrow noise about 59 Hz in the pauses of the conference room, before and after."""
    settings = mending.prepare_motor_notch(Audio(sound, rate))
    done = _run(settings, sound, rate)
    half = rate // 2
    starts = np.arange(0, sound.shape[1] - rate, half)
    level = [float(np.square(sound[:, s : s + rate]).mean()) for s in starts]
    quiet = starts[np.argsort(level)[:8]]
    band = np.arange(57, 62)

    def power(x: Sound) -> float:
        return float(
            sum(np.square(np.abs(np.fft.rfft(x[0, s : s + rate] * np.hanning(rate))))[band].sum() for s in quiet)
        )

    return {
        "hum_reduction_db": 10 * float(np.log10(power(sound) / max(power(done), 1e-30))),
        "found": settings is not None,
    }


def _run(settings: Processor | None, sound: Sound, rate: int) -> Sound:
    if settings is None:
        return sound
    stream = make_stream(settings, sample_rate_hz=rate, channels=sound.shape[0])
    return run_stream(Audio(sound, rate), stream).samples


def _energy_db(sound: np.ndarray) -> float:
    return float(10 * np.log10(np.square(sound, dtype=np.float64).sum() + 1e-20))


def _third_octave_change_db(done: Sound, clean: Sound, rate: int, *, least_hz: float) -> float:
    """Return the largest change of a third octave of the long-term spectrum, among those that hold anything."""
    size = 8192
    powers = []
    for sound in (done, clean):
        _, density = signal.welch(sound.astype(np.float64), rate, nperseg=min(size, sound.shape[1]), axis=-1)
        powers.append(density.mean(axis=0))
    frequency = np.linspace(0, rate / 2, powers[0].size)
    worst = 0.0
    for centre in 1000 * 2 ** (np.arange(-15, 14) / 3):
        inside = (frequency >= centre * 2 ** (-1 / 6)) & (frequency < centre * 2 ** (1 / 6))
        if centre * 2 ** (-1 / 6) < least_hz or not inside.any() or powers[1][inside].sum() < 1e-9 * powers[1].sum():
            continue
        worst = max(worst, abs(float(10 * np.log10(powers[0][inside].sum() / powers[1][inside].sum()))))
    return worst


KEYS = (
    "si_sdr_gain_db", "hum_reduction_db", "harm_si_sdr_db", "third_octave_change_db", "clicks_removed", "declip_gain_db",
    "inpaint_gain_db", "inpaint_median_db", "wow_left_percent", "azimuth_left_us", "realtime",
)  # fmt: skip


def summarise(cases: list[Case]) -> Summary:
    """Return the mean of each figure for each damage."""
    figures: Values = {}
    for name in sorted({str(case.about["damage"]) for case in cases}):
        own = [case for case in cases if case.about["damage"] == name]
        means = {key: mean_of(own, OURS, key) for key in KEYS}
        figures |= {f"{name}.{key}": value for key, value in means.items() if value is not None}
    return Summary(figures, {})
