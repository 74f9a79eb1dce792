"""The vocal of a finished stereo mix turned up or down: an estimate, by separation, before the file is mastered."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tonmeister.analysis.loudness import LoudnessMeter
from tonmeister.audio import Samples
from tonmeister.document.move import Evidence, Move, Nothing
from tonmeister.engineer.master_options import MasterOptions
from tonmeister.engineer.options import Cancel
from tonmeister.engineer.references import read_amounts, split_weight
from tonmeister.errors import CancelledError, InputError
from tonmeister.files.cache import Cache, key_of
from tonmeister.files.sound import SoundReader, open_sound
from tonmeister.files.wav import WavWriter
from tonmeister.knowledge import number
from tonmeister.knowledge.rows import source_text
from tonmeister.processing.vocal_model import estimate_vocal
from tonmeister.tasks.mastering.finishing import HERE

_VERSION = 1
"""Raise when the level of the same vocal would come out otherwise."""
_LEAST_DB = 0.2


def wants_vocal(wanted: MasterOptions) -> bool:
    """Say whether somebody asked for another level of the vocal."""
    return wanted.vocal_db != 0 or read_amounts(wanted.reference_amounts)["vocal"] > 0


def propose_vocal(sound: SoundReader, wanted: MasterOptions, cache: Cache, cancel: Cancel | None) -> tuple[float, Move]:
    """Return by how much the vocal is to move in dB, and the move that says so; the chain of the master does not hold it.

    Raises:
        InputError: If a reference has no sound, or there is no vocal.
        MissingExtraError: Without the network.
    """
    amount = read_amounts(wanted.reference_amounts)["vocal"]
    evidence, most = [_asked(wanted.vocal_db)] if wanted.vocal_db else [], number("finishing.vocal_most_db").value
    gain_db = wanted.vocal_db
    if amount > 0:
        mine, theirs = vocal_lu(sound, cache, cancel), _reference_lu(wanted, cache, cancel)
        sure, over = number("finishing.vocal_sure_lu"), theirs - mine
        evidence.append(
            Evidence(
                what="loudness of the vocal over that of the whole, an estimate: the references' less the song's", value=round(over, 2),
                limit=sure.value, unit="LU", source=f"finishing.vocal_sure_lu: {source_text(sure.source)}",
            )
        )  # fmt: skip
        gain_db += amount * over if abs(over) >= sure.value else 0.0
    gain_db = round(float(np.clip(gain_db, -most, most)), 1)
    what = (
        "left: the difference is within what an estimate can tell" if abs(gain_db) < _LEAST_DB else f"{gain_db:+.1f} dB"
    )
    move = Move(
        id="mastering.vocal", task="mastering", title=f"The vocal, as a separation estimates it: {what}", where=HERE, change=Nothing(),
        because=tuple(evidence), confidence=0.4,
    )  # fmt: skip
    return (0.0 if abs(gain_db) < _LEAST_DB else gain_db), move


@contextmanager
def rebalanced(sound: SoundReader, gain_db: float, *, cancel: Cancel | None) -> Iterator[SoundReader]:
    """Give the sound with its vocal by so much louder, as float32 on disk.

    The estimate holds part of the vocal only, so that what it adds is more than what is asked for: on average that comes out.
    """
    gain = np.float32(10 ** (gain_db / number("finishing.vocal_reach_share").value / 20) - 1)
    with TemporaryDirectory(prefix="tonmeister-") as folder:
        path = Path(folder) / sound.file.path.with_suffix(".wav").name
        with (
            path.open("wb") as file,
            WavWriter(file, sample_rate_hz=sound.sample_rate_hz, channels=sound.channels) as writer,
        ):
            for start, vocal in _vocal(sound, cancel):
                writer.write(sound.read(start, vocal.shape[1]) + gain * vocal)
        with open_sound(path) as made:
            yield made


def vocal_lu(sound: SoundReader, cache: Cache, cancel: Cancel | None) -> float:
    """Return the loudness of the estimated vocal less that of the whole.

    Raises:
        InputError: If there is no vocal.
        MissingExtraError: Without the network.
    """
    key = key_of("vocal-level", _VERSION, sound.file.sha256)
    known = cache.get_json(key)
    if known is None:
        meters = [LoudnessMeter(sound.sample_rate_hz, sound.channels) for _ in range(2)]
        for start, vocal in _vocal(sound, cancel):
            for meter, block in zip(meters, (vocal, sound.read(start, vocal.shape[1])), strict=True):
                meter.add(np.ascontiguousarray(block))
        voice, whole = (meter.result().integrated_lufs for meter in meters)
        known = None if voice is None or whole is None else round(voice - whole, 2)
        cache.put_json(key, known)
    if known is None or known < number("finishing.vocal_least_lu").value:
        raise InputError(f"{sound.file.path}: no vocal was found in it; leave out --reference-amount vocal.")
    return float(known)


def _vocal(sound: SoundReader, cancel: Cancel | None) -> Iterator[tuple[int, Samples]]:
    """Give the estimated vocal in the channels of the sound."""

    def read(start: int, count: int) -> Samples:
        if cancel is not None and cancel.is_set():
            raise CancelledError("The work was stopped.")
        block = sound.read(start, count)
        return block if sound.channels == 2 else np.repeat(block, 2, axis=0)

    for start, vocal in estimate_vocal(read, sound.frames, sound.sample_rate_hz):
        yield start, np.ascontiguousarray(vocal[: sound.channels])


def _asked(vocal_db: float) -> Evidence:
    row = number("finishing.vocal_reach_share")
    return Evidence(
        what="wished for; part of it that reached the vocal of songs whose stems are known", value=vocal_db, limit=row.value, unit="dB",
        source=f"finishing.vocal_reach_share: {source_text(row.source)}",
    )  # fmt: skip


def _reference_lu(wanted: MasterOptions, cache: Cache, cancel: Cancel | None) -> float:
    """Return the level of the vocal in the references, by their weights."""
    said = [*wanted.references, *([] if wanted.like is None else [str(wanted.like)])]
    if not said:
        raise InputError("--reference-amount vocal: there is no reference; give one with --reference FILE.")
    found = []
    for words in said:
        path, weight = split_weight(words)
        if path.suffix.lower() == ".json":
            raise InputError(f"{path}: a saved portrait has no sound to find a vocal in; give the recording itself.")
        with open_sound(path, cache=cache) as sound:
            found.append((vocal_lu(sound, cache, cancel), weight))
    return float(np.average([level for level, _ in found], weights=[weight for _, weight in found]))
