"""What does the automatic pass find in stems that people took for finished? Forty seconds from the middle of each.

Nothing is planted: each find is listed with what spoke for it, so that a person can look and listen whether it is a fault. What is
mended by mistake here would be mended by mistake in anybody's song.
"""

import time
from collections.abc import Iterator

import numpy as np

from bench.case import OURS, Case, Job, Summary, Values
from bench.repair_measures import si_sdr_db
from bench.songs import Stem, find_songs
from bench.sound import Sound, read
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio
from tonmeister.engineer.clean_options import CleanOptions
from tonmeister.engineer.cleaning import hear_material
from tonmeister.engineer.repairing import mend

KIND = "stems"
LENGTH_S = 40.0
"""Length of the part that is used, in the middle of a stem."""


def run(job: Job) -> Iterator[Case]:
    """Send the middle of every stem of every song through the automatic pass, as `tonmeister clean` does without options."""
    for song in find_songs(job) if job.wants_kind(KIND) else ():
        for stem in song.stems:
            samples, rate_hz = read(stem.wav(song))
            part = _middle(samples, rate_hz)
            if part.any():
                yield Case(f"stem/{song.name}/{stem.name}", {OURS: _judge(stem, part, rate_hz)}, {"kind": KIND})


def _middle(samples: Sound, rate_hz: int) -> Sound:
    length = round(LENGTH_S * rate_hz)
    start = max(0, (samples.shape[1] - length) // 2)
    return np.ascontiguousarray(samples[:, start : start + length])


def _judge(stem: Stem, part: Sound, rate_hz: int) -> Values:
    audio, options = Audio(part, rate_hz), CleanOptions(with_model=False)
    started = time.process_time()
    measured = measure_track(audio)
    role, voice = hear_material(measured, stem.name, options)
    mended = list(mend(audio, measured.figures, options.sought(voice=voice, with_model=False)))
    spent_s = time.process_time() - started
    repairs = [one.repair for one in mended]
    done = mended[-1].audio.samples if mended else part
    same = np.array_equal(done, part)
    return {
        "role": role,
        "voice": voice,
        "did": [repair.kind for repair in repairs if not repair.is_stopped],
        "stopped": [repair.kind for repair in repairs if repair.is_stopped],
        "why": [f"{repair.title}: {repair.found:g} {repair.unit}" for repair in repairs],
        "identical": same,
        "harm_si_sdr_db": None if same else si_sdr_db(done, part),
        "realtime": round(audio.duration_s / max(spent_s, 1e-6), 1),
    }


def summarise(cases: list[Case]) -> Summary:
    """Return how many stems came out as they went in, how many repairs were made, the largest change, the slowest."""
    ours = [case.systems[OURS] for case in cases]
    changes = [values["harm_si_sdr_db"] for values in ours if values["harm_si_sdr_db"] is not None]
    figures: Values = {
        "stems": len(ours),
        "stems_identical": sum(values["identical"] for values in ours),
        "stems_repairs": sum(len(values["did"]) for values in ours),
        "stems_si_sdr_db": min(changes, default=None),
        "stems_realtime": min((values["realtime"] for values in ours), default=None),
    }
    return Summary(figures if ours else {}, {})
