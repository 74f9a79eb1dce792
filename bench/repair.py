"""Is the damage gone and the performance there?

Noise: the shared noisy and clean pairs, and clean recordings of voices and instruments with noise of random colour planted
at 5, 15 and 25 dB.  Rooms: voices through the shared room responses.  Clean: the same recordings as they are, where the
automatic pass should find nothing, or harm nothing.  Stems: what it finds in those of the songs (`repair_finds`).  Every
system is moved to the lag at which it fits best before it is scored.  Planted damage (hum, clicks, clipping …) has its own
file, `repair_damage`, which this one calls where it is there.
"""

import json
import tempfile
import time
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np

from bench import repair_finds
from bench.baselines import denoisers
from bench.baselines.environment import installed_versions
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
    systems_of,
)
from bench.noisy import EARLY_S, Recording, find_recordings
from bench.process import run_baseline_program
from bench.repair_measures import (
    align,
    direct_to_reverberant_gain_db,
    kurtosis_ratio,
    si_sdr_db,
    target_in_residual_db,
    third_octave_loss_db,
)
from bench.sound import Sound, read, write
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio
from tonmeister.engineer.clean_options import CleanOptions
from tonmeister.engineer.preparing import KINDS, Sought
from tonmeister.engineer.repairing import mend
from tonmeister.processing.voice_model import is_installed

QUESTION = "is the damage gone and the performance there?"
WITHOUT_MODEL = "without model"
"""Ours with the spectral gains alone."""
_DAMAGE = "bench.repair_damage"


def run(job: Job) -> Iterator[Case]:
    """Repair every recording by every system; then what has its own file."""
    for recording in find_recordings(job.data, job.out / "repair", seeds=min(2, job.seeds)):
        if not job.wants_song(recording.name) or not job.wants_kind(recording.kind):
            continue
        systems = {OURS: attempt(_judge_ours, recording, with_model=is_installed())}
        if is_installed() and recording.voice and job.wants(WITHOUT_MODEL):
            systems[WITHOUT_MODEL] = attempt(_judge_ours, recording, with_model=False)
        if recording.kind != "clean":
            systems |= {
                name: attempt(_judge_baseline, job, name, recording) for name in denoisers.NAMES if job.wants(name)
            }
        yield Case(recording.name, systems, {"kind": recording.kind})
    yield from repair_finds.run(job)
    damage = _damage()
    if damage is not None:
        yield from damage.run(job)


def _damage() -> ModuleType | None:
    return import_module(_DAMAGE) if find_spec(_DAMAGE) else None


def _judge_ours(recording: Recording, *, with_model: bool) -> Values:
    """Send a recording through the automatic pass, as `tonmeister clean` does without options."""
    sought = CleanOptions().sought(voice=recording.voice, with_model=with_model and recording.voice)
    done, did, realtime = _mend(recording, sought)
    figures = _score(recording, done)
    if recording.kind == "clean":
        everything = Sought(
            frozenset(KINDS), recording.voice, frozenset(KINDS), with_model=with_model and recording.voice
        )
        figures["everything_realtime"] = _mend(recording, everything)[2]
    return {**figures, **did, "realtime": realtime}


def _mend(recording: Recording, sought: Sought) -> tuple[Sound, Values, float]:
    """Return the mended sound, what was done, and how many times quicker than it plays one core did all of it."""
    audio = Audio(np.ascontiguousarray(recording.heard), recording.rate_hz)
    started = time.process_time()
    mended = list(mend(audio, measure_track(audio).figures, sought))
    spent_s = time.process_time() - started
    done = mended[-1].audio if mended else audio
    settings = [one.repair.processor for one in mended if not one.repair.is_stopped]
    did: Values = {
        "did": [one.repair.kind for one in mended if not one.repair.is_stopped],
        "stopped": [one.repair.kind for one in mended if one.repair.is_stopped],
        "voice_share": max((getattr(one, "voice", 0.0) for one in settings), default=0.0),
    }
    return done.samples, did, round(audio.duration_s / max(spent_s, 1e-6), 1)


def _judge_baseline(job: Job, name: str, recording: Recording) -> Values:
    version = denoisers.version(name)
    if version is None:
        raise AbsentError("not installed")
    key = hash_of("repair", name, version, recording.name, hash_of(recording.heard.tobytes().hex()))

    def work() -> Values:
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder) / "in.wav", Path(folder) / "out.wav"
            write(source, recording.heard, recording.rate_hz, subtype="FLOAT")
            denoisers.denoise(name, source, target)
            return _score(recording, read(target)[0])

    return remember(job, key, work)


def _score(recording: Recording, done: Sound) -> Values:
    """Return the figures of one result."""
    if recording.kind == "clean":
        same = np.array_equal(done, recording.heard)
        return {
            "identical": same,
            "harm_si_sdr_db": None if same else si_sdr_db(done, recording.clean),
            "third_octave_loss_db": 0.0 if same else third_octave_loss_db(done, recording.clean, recording.rate_hz),
            "target_in_residual_db": None if same else target_in_residual_db(done, recording.clean),
        }
    clean, before, rate = recording.clean, recording.heard, recording.rate_hz
    done = align(done, before)
    if recording.dry is not None:
        return {
            "drr_gain_db": direct_to_reverberant_gain_db(done, before, recording.dry, rate, early_s=EARLY_S),
            "early_si_sdr_gain_db": si_sdr_db(done, clean) - si_sdr_db(before, clean),
            "kurtosis_ratio": kurtosis_ratio(done, before, recording.dry, rate),
        }
    figures: Values = {
        "si_sdr_db": si_sdr_db(done, clean),
        "si_sdr_gain_db": si_sdr_db(done, clean) - si_sdr_db(before, clean),
        "kurtosis_ratio": kurtosis_ratio(done, before, clean, rate) if recording.kind == "planted" else None,
    }
    return figures | (_score_voice(clean, before, done, rate) if recording.voice else {})


def _score_voice(clean: Sound, before: Sound, done: Sound, rate_hz: int) -> Values:
    """Return PESQ and STOI, and what they gained; nothing without the environment of the baselines."""
    if not {"pesq", "pystoi"} <= installed_versions().keys():
        return {}
    with tempfile.TemporaryDirectory() as folder:
        reference = write(Path(folder) / "clean.wav", clean, rate_hz, subtype="FLOAT")
        scores = []
        for name, sound in (("done", done), ("before", before)):
            heard = write(Path(folder) / f"{name}.wav", sound, rate_hz, subtype="FLOAT")
            scores.append(json.loads(run_baseline_program("voice_scores.py", reference, heard).output))
    now, first = scores
    known = now["pesq"] is not None and first["pesq"] is not None
    return {
        "pesq": now["pesq"],
        "pesq_gain": now["pesq"] - first["pesq"] if known else None,
        "stoi_gain": now["stoi"] - first["stoi"],
    }


def summarise(cases: list[Case]) -> Summary:
    """Return means over shared pairs and over all noisy recordings, the worst change, and what was done to clean ones."""
    noisy = [case for case in cases if case.about.get("kind") in ("pair", "planted")]
    pairs = [case for case in cases if case.about.get("kind") == "pair"]
    rooms = [case for case in cases if case.about.get("kind") == "room"]
    clean = [case for case in cases if case.about.get("kind") == "clean"]
    names = systems_of(cases)
    figures = _figures(OURS, noisy, pairs, rooms, clean)
    baselines = {name: _figures(name, noisy, pairs, rooms, clean) for name in names}
    notes = absences(cases)
    figures |= repair_finds.summarise([case for case in cases if case.about.get("kind") == repair_finds.KIND]).figures
    damage = _damage()
    if damage is not None:
        more = damage.summarise([case for case in cases if "damage" in case.about])
        figures |= more.figures
        notes = (*notes, *more.notes)
    return Summary(figures, baselines, notes)


def _figures(system: str, noisy: list[Case], pairs: list[Case], rooms: list[Case], clean: list[Case]) -> Values:
    voices = [case for case in noisy if "pesq_gain" in case.systems.get(system, {})]
    harm = [case.systems[system] for case in clean if "harm_si_sdr_db" in case.systems.get(system, {})]
    return {
        "pair_si_sdr_db": mean_of(pairs, system, "si_sdr_db"),
        "pair_pesq": mean_of(pairs, system, "pesq"),
        "si_sdr_gain_db": mean_of(noisy, system, "si_sdr_gain_db"),
        "voice_si_sdr_gain_db": mean_of(voices, system, "si_sdr_gain_db"),
        "pesq_gain": mean_of(noisy, system, "pesq_gain"),
        "stoi_gain": mean_of(noisy, system, "stoi_gain"),
        "worst_si_sdr_change_db": _least(noisy, system, "si_sdr_gain_db"),
        "kurtosis_ratio": mean_of(noisy, system, "kurtosis_ratio"),
        "drr_gain_db": mean_of(rooms, system, "drr_gain_db"),
        "early_si_sdr_gain_db": mean_of(rooms, system, "early_si_sdr_gain_db"),
        "room_kurtosis_ratio": mean_of(rooms, system, "kurtosis_ratio"),
        "harm_si_sdr_db": min((v["harm_si_sdr_db"] for v in harm if v["harm_si_sdr_db"] is not None), default=None),
        "third_octave_loss_db": max((v["third_octave_loss_db"] for v in harm), default=None),
        "target_in_residual_db": max((v["target_in_residual_db"] for v in harm if not v["identical"]), default=None),
        "left_identical": sum(v["identical"] for v in harm) if harm else None,
        "clean_realtime": min((v["realtime"] for v in harm), default=None),
        "everything_realtime": min((v["everything_realtime"] for v in harm), default=None),
    }


def _least(cases: list[Case], system: str, key: str) -> float | None:
    found = [v for case in cases if (v := case.systems.get(system, {}).get(key)) is not None]
    return min(found, default=None)
