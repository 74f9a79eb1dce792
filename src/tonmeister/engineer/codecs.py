"""What lossy codecs make of a master: its true peak after encoding and decoding, and a ceiling that holds through them."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from tonmeister.analysis.true_peak import TruePeakMeter
from tonmeister.engineer.options import Cancel
from tonmeister.errors import CancelledError
from tonmeister.files.round_trip import LOSSY, LossyCodec, RoundTrip
from tonmeister.files.sound import SoundReader, open_sound
from tonmeister.model import Db, Model

Made = TypeVar("Made")
"""What a master is to whoever writes it."""
KBPS = (128, 192, 256, 320)
"""Bit rates of the table."""
EVERY_CODEC: tuple[tuple[LossyCodec, int], ...] = tuple((codec, kbps) for codec in LOSSY for kbps in KBPS)
_THREADS = 2  # each trip keeps one core busy: the codecs are C without threads of their own
_NEAR_DB = 1.0
_UNDER_DB = 0.05
_PART = 0.85  # of the excess at a time: the harder the limiter works, the more codecs overshoot, so that all of it would be too much
_TRIES = 6
_OTHER_BUILDS_DB = 0.2
"""Left under the ceiling: other builds of the same codecs gave a tenth more (`bench master --kinds codec_safe`, where FFmpeg is another)."""


class CodecPeak(Model):
    """A row of the codec table."""

    codec: LossyCodec
    """Which codec: FFmpeg's AAC, libopus, LAME, libvorbis."""
    kbps: int
    """Bit rate asked for, in kbit/s."""
    measured_kbps: float
    """Bit rate that came out."""
    sample_rate_hz: int
    """Rate at which the codec worked."""
    true_peak_dbtp: Db | None
    """After decoding, 8x oversampled, nothing held at full scale; None for silence."""
    overshoot_db: Db | None
    """Against the true peak of what went in."""


@dataclass(frozen=True, slots=True, eq=False)
class ThroughCodecs(Generic[Made]):
    """A master that holds its ceiling through the codecs, or the nearest to it."""

    made: Made
    limit_dbtp: Db
    """Ceiling at which it was written."""
    codecs: tuple[CodecPeak, ...]
    misses: tuple[str, ...]


def measure_codecs(
    sound: SoundReader,
    *,
    trips: Sequence[tuple[LossyCodec, int]] = EVERY_CODEC,
    progress: Callable[[float], None] = lambda _: None,
    cancel: Cancel | None = None,
) -> tuple[CodecPeak, ...]:
    """Return the codec table of a sound: every codec at every bit rate, over its whole length.

    Raises:
        MissingExtraError: If PyAV is not installed.
        CancelledError: If the person asked to stop.
    """
    own = TruePeakMeter(sound.sample_rate_hz, sound.channels, oversampling=8)
    for block in sound.blocks():
        own.add(block)
    before = own.result()
    done: list[CodecPeak] = []
    with ThreadPoolExecutor(_THREADS) as pool:
        for row in pool.map(lambda trip: _trip(sound, trip[0], trip[1], before, cancel), trips):
            done.append(row)
            progress(len(done) / len(trips))
    return tuple(done)


def _trip(sound: SoundReader, codec: LossyCodec, kbps: int, before: Db | None, cancel: Cancel | None) -> CodecPeak:
    trip = RoundTrip(codec, kbps, sample_rate_hz=sound.sample_rate_hz, channels=sound.channels)
    meter = TruePeakMeter(trip.sample_rate_hz, sound.channels, oversampling=8)
    for block in trip.run(sound.blocks()):
        if cancel is not None and cancel.is_set():
            raise CancelledError("The work was stopped.")
        meter.add(block)
    peak = meter.result()
    return CodecPeak(
        codec=codec, kbps=kbps, measured_kbps=round(8e-3 * trip.encoded_bytes / max(sound.duration_s, 1e-3), 1),
        sample_rate_hz=trip.sample_rate_hz, true_peak_dbtp=None if peak is None else round(peak, 3),
        overshoot_db=None if peak is None or before is None else round(peak - before, 3),
    )  # fmt: skip


def hold_through_codecs(
    write: Callable[[Db], Made],
    out: Path,
    *,
    ceiling_dbtp: Db,
    trips: Sequence[tuple[LossyCodec, int]] = EVERY_CODEC,
    progress: Callable[[float], None] = lambda _: None,
    cancel: Cancel | None = None,
) -> ThroughCodecs[Made]:
    """Write a master, lower where needed, so that no codec brings its true peak over the ceiling.

    Args:
        write: Writes the master to `out` under a ceiling in dBTP, and returns what the caller wants to keep.
        out: Where it writes.
        ceiling_dbtp: True peak that must hold after decoding, too.
        trips: Codecs and bit rates to try.
        progress: Is told the share that is done of one table.
        cancel: Is asked whether to stop.
    """
    limit, watched, wanted = ceiling_dbtp, tuple(trips), ceiling_dbtp - _OTHER_BUILDS_DB
    made = write(limit)
    for _ in range(_TRIES):
        rows = _table(out, watched, progress, cancel)
        over = _worst(rows) - wanted
        if over <= 0 and len(watched) < len(trips):  # those that were over hold now: do all of them?
            watched = tuple(trips)
            rows = _table(out, watched, progress, cancel)
            over = _worst(rows) - wanted
        if over <= 0:
            return ThroughCodecs(made, limit, rows, ())
        watched = tuple((r.codec, r.kbps) for r in rows if (r.true_peak_dbtp or -99.0) > _worst(rows) - _NEAR_DB)
        limit = round(limit - _PART * over - _UNDER_DB, 3)
        made = write(limit)
    rows = _table(out, trips, progress, cancel)
    worst = max(rows, key=lambda row: row.true_peak_dbtp or -99.0)
    if _worst(rows) <= ceiling_dbtp:
        return ThroughCodecs(made, limit, rows, ())
    miss = (
        f"After {worst.codec} at {worst.kbps} kbit/s the true peak is {worst.true_peak_dbtp:.2f} dBTP, over the ceiling of "
        f"{ceiling_dbtp:.2f}, although the limiter stood at {limit:.2f}. Use a quieter target or a lower ceiling."
    )
    return ThroughCodecs(made, limit, rows, (miss,))


def _table(
    out: Path, trips: Sequence[tuple[LossyCodec, int]], progress: Callable[[float], None], cancel: Cancel | None
) -> tuple[CodecPeak, ...]:
    with open_sound(out) as sound:
        return measure_codecs(sound, trips=trips, progress=progress, cancel=cancel)


def _worst(rows: Sequence[CodecPeak]) -> Db:
    return max((row.true_peak_dbtp for row in rows if row.true_peak_dbtp is not None), default=-99.0)
