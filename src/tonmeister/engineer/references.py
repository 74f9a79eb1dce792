"""References of a master: portraits of finished songs, taken from recordings or read from small files, and how far they count."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from tonmeister.analysis.fine_tone import FineToneMeter
from tonmeister.analysis.portrait import Portrait, draw_portrait
from tonmeister.analysis.track_meter import TrackMeasurement, TrackMeter
from tonmeister.audio import Samples
from tonmeister.engineer.options import Cancel
from tonmeister.errors import CancelledError, InputError
from tonmeister.files.atomic import write_text
from tonmeister.files.cache import Cache, key_of
from tonmeister.files.sound import SoundReader, open_sound
from tonmeister.tasks.mastering.finishing import AMOUNTS

_VERSION = 2
"""Raise when a portrait of the same sound would come out otherwise."""


def measure(
    sound: SoundReader, *, cancel: Cancel | None, also: Callable[[Samples], None] | None = None
) -> TrackMeasurement:
    """Measure a whole sound; `also` is given each block.

    Raises:
        CancelledError: If the person asked to stop.
    """
    meter = TrackMeter(sound.sample_rate_hz, sound.channels)
    for block in sound.blocks():
        if cancel is not None and cancel.is_set():
            raise CancelledError("The work was stopped.")
        meter.add(block)
        if also is not None:
            also(block)
    return meter.result()


def measure_with_tone(sound: SoundReader, *, cancel: Cancel | None) -> tuple[TrackMeasurement, tuple[float, ...]]:
    """Measure a whole sound, and its tone in sixth octaves.

    Raises:
        CancelledError: If the person asked to stop.
    """
    fine = FineToneMeter(sound.sample_rate_hz, sound.channels)
    return measure(sound, cancel=cancel, also=fine.add), fine.result_db()


def read_portrait(path: Path, *, cache: Cache, cancel: Cancel | None) -> Portrait:
    """Return the portrait of a recording, or the one that a small file holds.

    Raises:
        InputError: If it is neither.
    """
    if path.suffix.lower() == ".json":
        return _read_saved(path)
    with open_sound(path, cache=cache) as sound:
        key = key_of("portrait", _VERSION, sound.file.sha256)
        known = cache.get_json(key)
        if known is not None:
            return Portrait.model_validate(known)
        measured, fine = measure_with_tone(sound, cancel=cancel)
        portrait = draw_portrait(measured, name=path.name, fine_tone_db=fine)
        if portrait.integrated_lufs is None:
            raise InputError(
                f"{path}: there is no sound in it (silent, or shorter than 0.4 s); give another reference."
            )
        cache.put_json(key, portrait.model_dump(mode="json"))
    return portrait


def _read_saved(path: Path) -> Portrait:
    try:
        return Portrait.model_validate(json.loads(path.read_text("utf-8")))
    except OSError as error:
        raise InputError(f"{path}: cannot be read; give a recording, or a file that --save-like wrote.") from error
    except (ValueError, ValidationError) as error:
        raise InputError(f"{path}: holds no portrait of a sound; give one that --save-like wrote.") from error


def save_portrait(portrait: Portrait, path: Path) -> None:
    """Write a portrait as a small JSON file that a person can read."""
    write_text(path, json.dumps(portrait.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n")


def read_references(said: Sequence[str], *, cache: Cache, cancel: Cancel | None) -> list[tuple[Portrait, float]]:
    """Return references with their weights, from `FILE` or `FILE=WEIGHT`.

    Raises:
        InputError: If a file cannot be used, or a weight is not above 0.
    """
    found = []
    for words in said:
        path, weight = split_weight(words)
        found.append((read_portrait(path, cache=cache, cancel=cancel), weight))
    return found


def split_weight(words: str) -> tuple[Path, float]:
    """Return a file and its weight, from `FILE` or `FILE=WEIGHT`.

    Raises:
        InputError: If the weight is not above 0.
    """
    name, equals, number = words.rpartition("=")
    if not equals or Path(words).exists():
        return Path(words), 1.0
    try:
        weight = float(number)
    except ValueError:
        return Path(words), 1.0
    if not math.isfinite(weight) or weight <= 0:
        raise InputError(f"--reference {words}: a weight is a number above 0, such as 2.")
    return Path(name), weight


def read_amounts(said: Sequence[str], usual: Mapping[str, float] = AMOUNTS) -> Mapping[str, float]:
    """Return how far references are followed in each dimension, from `tone=0.7`; what is not said is as usual.

    Raises:
        InputError: If a dimension or an amount does not exist.
    """
    amounts = dict(usual)
    for words in said:
        name, _, number = words.partition("=")
        try:
            amount = float(number)
        except ValueError:
            amount = math.nan
        if name not in usual or not 0 <= amount <= 1:
            raise InputError(
                f"--reference-amount {words}: say one of {', '.join(usual)} and how far, from 0 to 1, such as tone=0.7."
            )
        amounts[name] = amount
    return amounts


def blend(references: Sequence[tuple[Portrait, float]]) -> Portrait:
    """Return one portrait that stands for several: the means of their figures by weight, the sections of the weightiest."""
    if len(references) == 1:
        return references[0][0]
    weights = np.array([weight for _, weight in references])
    weights = weights / weights.sum()
    first = max(references, key=lambda pair: pair[1])[0]

    def mean(name: str) -> float | None:
        pairs = [(getattr(one, name), w) for (one, _), w in zip(references, weights, strict=True)]
        known = [(value, w) for value, w in pairs if value is not None]
        return round(float(sum(v * w for v, w in known) / sum(w for _, w in known)), 2) if known else None

    loudness = mean("integrated_lufs") or 0.0

    def tone(levels: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
        """Return the mean of their levels at one loudness; empty where one of them has none."""
        if not all(levels):
            return ()
        rows = [
            np.array(one) - (portrait.integrated_lufs or 0.0)
            for one, (portrait, _) in zip(levels, references, strict=True)
        ]
        return tuple(np.round((np.stack(rows) * weights[:, None]).sum(axis=0) + loudness, 2).tolist())

    fields = ("integrated_lufs", "range_lu", "true_peak_dbtp", "plr_db", "crest_db")
    return first.model_copy(
        update={
            **{name: mean(name) for name in fields},
            "name": " + ".join(one.name for one, _ in references),
            "tone_db": tone([one.tone_db for one, _ in references]),
            "fine_tone_db": tone([one.fine_tone_db for one, _ in references]),
            "sections": (),
        }
    )
