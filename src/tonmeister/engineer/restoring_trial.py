"""Whether a restoration does what it should without harm: tried on the loudest part before the file is mastered with it."""

from dataclasses import dataclass

import numpy as np

from tonmeister.analysis.energy_steps import loudest_span_s
from tonmeister.audio import Audio
from tonmeister.document.move import Evidence, InsertChange, Move
from tonmeister.files.sound import SoundReader
from tonmeister.knowledge import number
from tonmeister.knowledge.rows import source_text
from tonmeister.processing.registry import make_stream
from tonmeister.processing.stream import run_stream

EXCERPT_S = 12.0
_PREFIX = "mastering.restore."
_LEAST_CREST_DB = 0.2
"""A restoration that brings the crest up by less is none."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a restoration did to an excerpt."""

    added_db: float
    """Power of what it changed against that of the sound."""
    crest_db: float
    """By how much peaks stand further out, in half seconds."""


def try_restorations(moves: list[Move], sound: SoundReader, energies_100ms: np.ndarray) -> list[Move]:
    """Return the moves; restorations that would harm, or do nothing, are rejected with what was measured."""
    start_s, end_s = loudest_span_s(energies_100ms, length_s=EXCERPT_S)
    out, excerpt = [], None
    for move in moves:
        if not move.id.startswith(_PREFIX) or not isinstance(move.change, InsertChange):
            out.append(move)
            continue
        if excerpt is None:
            rate = sound.sample_rate_hz
            first = round(start_s * rate)
            excerpt = Audio(sound.read(first, round(end_s * rate) - first), rate)
        out.append(_judged(move, _try(move.change, excerpt)))
    return out


def _try(change: InsertChange, excerpt: Audio) -> Trial:
    stream = make_stream(change.insert.processor, sample_rate_hz=excerpt.sample_rate_hz, channels=excerpt.channels)
    made = run_stream(excerpt, stream)
    power = float(np.square(excerpt.samples, dtype=np.float64).sum())
    added = float(np.square(made.samples - excerpt.samples, dtype=np.float64).sum())
    added_db = 10 * float(np.log10(max(added, 1e-20) / max(power, 1e-20)))
    return Trial(round(added_db, 1), round(_crest_db(made) - _crest_db(excerpt), 2))


def _crest_db(audio: Audio) -> float:
    size = audio.sample_rate_hz // 2
    count = audio.frames // size
    if count == 0:
        return 0.0
    cut = audio.samples[:, : count * size].reshape(audio.channels, count, size)
    peak = np.abs(cut).max(axis=(0, 2))
    rms = np.sqrt(np.square(cut, dtype=np.float64).mean(axis=(0, 2)))
    sounding = rms > 1e-4
    return float(np.mean(20 * np.log10(peak[sounding] / rms[sounding]))) if sounding.any() else 0.0


def _judged(move: Move, trial: Trial) -> Move:
    row = number("finishing.harm_most_db")
    harm = Evidence(
        what="what it changes against the sound, on the loudest part", value=trial.added_db, limit=row.value, unit=row.unit,
        source=f"finishing.harm_most_db: {source_text(row.source)}",
    )  # fmt: skip
    crest = Evidence(
        what="peaks stand further out by, there", value=trial.crest_db, limit=_LEAST_CREST_DB, unit="dB", source="guess"
    )
    fine = trial.added_db <= row.value and trial.crest_db >= _LEAST_CREST_DB
    title = (
        move.title
        if fine
        else f"{move.title}; tried and left, as it would {'do nothing' if trial.added_db <= row.value else 'harm'}"
    )
    return move.model_copy(
        update={"because": (*move.because, harm, crest), "title": title, "state": "accepted" if fine else "rejected"}
    )
