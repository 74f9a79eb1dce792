"""Measure each stem once; what is known by its content comes from the cache."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np

from tonmeister.analysis.clipping import Clipping, measure_clipping
from tonmeister.analysis.track_meter import TrackCurves, TrackFigures, TrackMeasurement, TrackMeter
from tonmeister.document.wishes import TrackWish
from tonmeister.errors import CancelledError
from tonmeister.files.cache import Cache, key_of
from tonmeister.files.intake import Found
from tonmeister.files.probe import SoundFile
from tonmeister.files.sound import open_probed
from tonmeister.render.executor import count_threads

FACTS_VERSION = 14
"""Part of every cache key; raised when a measurement changes."""
_TRY_RATE_HZ = 48_000

Progress = Callable[[str, float], None]
"""Is told what is being done (a track's name) and the share that is done, 0..1."""


class Cancel(Protocol):
    """What says whether to stop, such as threading.Event."""

    def is_set(self) -> bool:
        """Whether the person asked to stop."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Stem:
    """One stem on its way to become a track."""

    found: Found
    sound: SoundFile
    wish: TrackWish
    measurement: TrackMeasurement
    frames: int
    faults: tuple[str, ...]


def measure_all(
    used: Sequence[Found],
    wishes: Mapping[str, TrackWish],
    rate_hz: int,
    *,
    cache: Cache,
    progress: Progress | None,
    cancel: Cancel | None,
) -> list[Stem]:
    """Measure all stems, on all cores; in the order in which they came."""
    done = 0

    def measure(item: Found) -> Stem:
        nonlocal done
        sound = cast("SoundFile", item.sound)
        measurement, frames, faults = measure_sound(sound, rate_hz, cache=cache, cancel=cancel)
        done += 1
        if progress is not None:
            progress(item.name, done / len(used))
        return Stem(item, sound, wishes.get(item.name, TrackWish()), measurement, frames, faults)

    with ThreadPoolExecutor(count_threads() + 1) as pool:  # one of them waits for the disk
        return list(pool.map(measure, used))


def load_meters() -> None:
    """Measure a second of noise, so that the meters' compiled code is there; numba loads it on one core at a time."""
    noise = np.random.default_rng(0).standard_normal((2, _TRY_RATE_HZ)).astype(np.float32)
    for channels in (1, 2):
        meter = TrackMeter(_TRY_RATE_HZ, channels)
        meter.add(noise[:channels])
        meter.result()


def measure_sound(
    sound: SoundFile, rate_hz: int, *, cache: Cache, cancel: Cancel | None = None
) -> tuple[TrackMeasurement, int, tuple[str, ...]]:
    """Measure one sound at the song's rate, or recall it; also its frames at that rate and its faults in sentences.

    Raises:
        CancelledError: If the person asked to stop.
    """
    key = key_of("facts", FACTS_VERSION, sound.sha256, sound.stream, rate_hz)
    known: Any = cache.get_json(key)
    arrays = cache.get_arrays(key) if known is not None else None
    if arrays is not None:
        figures = TrackFigures.model_validate(known["figures"])
        return TrackMeasurement(figures, TrackCurves.from_arrays(arrays)), known["frames"], tuple(known["faults"])
    with open_probed(sound, rate_hz=rate_hz, cache=cache) as reader:
        meter = TrackMeter(reader.sample_rate_hz, reader.channels, clipping=_own_clipping(sound, rate_hz))
        for block in reader.blocks(reader.sample_rate_hz):  # whole seconds, as the meter takes them without a copy
            if cancel is not None and cancel.is_set():
                raise CancelledError("The work was stopped.")
            meter.add(block)
        measurement = meter.result()
        faults = tuple(dict.fromkeys(fault.text for fault in (*sound.faults, *reader.faults)))
        frames = reader.frames
    cache.put_json(key, {"figures": measurement.figures.model_dump(mode="json"), "frames": frames, "faults": faults})
    cache.put_arrays(key, measurement.curves.arrays())
    return measurement, frames, faults


def _own_clipping(sound: SoundFile, rate_hz: int) -> Clipping | None:
    """Return the clipping of a file that comes at another rate than the song's; None where the song's samples show it.

    A lossy codec has rounded off what was clipped before it.
    """
    if sound.sample_rate_hz == rate_hz or not sound.bits:
        return None
    with open_probed(sound) as own:
        return measure_clipping(own.blocks(), sample_rate_hz=own.sample_rate_hz, channels=own.channels)
