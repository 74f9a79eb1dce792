"""Is a head that was set askew set straight again, and are stereo recordings left as they are? Part of `repair_damage`."""

import time
from collections.abc import Iterator

import numpy as np

from bench import damage
from bench.case import OURS, Case, Job, Values
from bench.damage import si_sdr_db
from bench.sound import Sound, decode, read
from tonmeister.audio import Audio
from tonmeister.engineer import damage as mending
from tonmeister.processing.azimuth import correct_azimuth

STEREO = (
    ("mdn_bass", "bass", "multitracks/mdn_funk/bassguitar.mp3"),
    ("mdn_drums", "drums", "multitracks/mdn_funk/drums.mp3"),
    ("mdn_guitar", "guitar", "multitracks/mdn_funk/leadguitar.mp3"),
    ("mdn_clav", "keys", "multitracks/mdn_funk/clav.mp3"),
    ("mdn_horns", "horns", "multitracks/mdn_funk/horns.mp3"),
    ("fof_guitar", "guitar", "multitracks/fof_metal_madness/guitar.ogg"),
    ("fof_song", "song", "multitracks/fof_metal_madness/song.ogg"),
    ("francium_lead", "voice", "multitracks/eif_francium/7.Francium_Stem_VOX LEAD.m4a"),
    ("francium_cymbals", "drums", "multitracks/eif_francium/7.Francium_Stem_CYMBALS.m4a"),
    ("caesium_master", "song", "multitracks/eif_caesium/6.Caesium_Master_mobile.m4a"),
)


def run_azimuth(job: Job, *, seed: int) -> Iterator[Case]:
    """Set the right channel of stereo recordings askew; their own channels should be left as they are."""
    for number, (name, kind, path) in enumerate(STEREO):
        if not (job.data / path).exists() or not job.wants_song(name):
            continue
        sound, rate = read(decode(job.data / path, job.out / "repair_damage" / f"stereo_{name}.wav"))
        start = max(0, (sound.shape[1] - 60 * rate) // 2)
        clean = np.ascontiguousarray(sound[:, start : start + 60 * rate])
        figures = _judge_azimuth(clean, rate, np.random.default_rng(seed + number))
        yield Case(f"azimuth/{name}", {OURS: figures}, {"damage": "azimuth", "kind": kind})


def _judge_azimuth(clean: Sound, rate: int, rng: np.random.Generator) -> Values:
    hurt, delay_us = damage.azimuth(clean, rate, rng)
    started = time.process_time()
    settings = mending.prepare_azimuth(Audio(hurt.sound, rate))
    spent_s = time.process_time() - started
    done = hurt.sound if settings is None else correct_azimuth(Audio(hurt.sound, rate), settings).samples
    return {
        "azimuth_planted_us": delay_us,
        "azimuth_left_us": abs(delay_us - (0.0 if settings is None else settings.delay_us)),
        "found": settings is not None,
        "clean_found": mending.prepare_azimuth(Audio(clean, rate)) is not None,
        "si_sdr_gain_db": si_sdr_db(done, clean) - si_sdr_db(hurt.sound, clean),
        "realtime": round(clean.shape[1] / rate / max(spent_s, 1e-6), 1),
    }
