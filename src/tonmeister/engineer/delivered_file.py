"""One file of a delivery: written, read back, checked."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tonmeister.analysis.loudness import LoudnessMeter, gated_loudness_from_energies
from tonmeister.analysis.true_peak import TruePeakMeter
from tonmeister.audio import Samples
from tonmeister.engineer.check_findings import judge
from tonmeister.engineer.check_sound import CheckedSound, measure_sound
from tonmeister.engineer.deliver_options import DeliveredFile
from tonmeister.engineer.options import Cancel
from tonmeister.files.cache import hash_file
from tonmeister.files.encode_delivery import LOSSY_KBPS, DeliveryFile, write_delivery
from tonmeister.files.resample import resample_blocks
from tonmeister.files.sound import open_sound
from tonmeister.files.wav import WavWriter
from tonmeister.files.wav_header import BroadcastExtension, BroadcastLoudness
from tonmeister.model import Db

_ALLOWED_LU = 0.1
_ALLOWED_LOSSY_LU = 1.0  # codecs leave out the highest octave, of which noise has more than music
_ALLOWED_DB = 0.02  # one rounding to 16 bits at full scale is far below
_UNDER_DB = 0.05
_TRIES = 4
_STEM_CHECKS = ("file.broken",)
"""What a stem is judged by: alone it may lean to a side, be silent for long, or hold one note."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A version at the rate of its files, measured."""

    path: Path
    sample_rate_hz: int
    channels: int
    frames: int
    lufs: float | None
    true_peak_dbtp: Db | None
    sample_peak: float
    loudness: BroadcastLoudness
    limit_dbtp: Db | None
    """True peak that its files may not pass; None for sound that has no ceiling."""


def prepare(place: Path, path: Path, *, rate_hz: int | None = None, limit_dbtp: Db | None) -> Source:
    """Measure a sound at a rate; where that is another one (or the file is no float WAV) it is written to `place` first."""
    with open_sound(path) as sound, ExitStack() as stack:
        channels, rate = sound.channels, rate_hz or sound.sample_rate_hz
        loud, peak, highest = LoudnessMeter(rate, channels), TruePeakMeter(rate, channels, oversampling=8), 0.0
        blocks = resample_blocks(sound.blocks(), channels=channels, from_hz=sound.sample_rate_hz, to_hz=rate)
        writer = None
        if rate != sound.sample_rate_hz or sound.file.codec != "float":
            file = stack.enter_context(place.open("xb"))
            writer, path = stack.enter_context(WavWriter(file, sample_rate_hz=rate, channels=channels)), place
        frames = 0
        for block in blocks:
            if writer is not None:
                writer.write(block)
            frames += block.shape[1]
            loud.add(block)
            peak.add(block)
            highest = max(highest, float(np.abs(block).max(initial=0.0)))
    found = gated_loudness_from_energies(loud.energies_100ms())
    told = BroadcastLoudness(
        integrated_lufs=_hundredths(found.integrated_lufs), range_lu=_hundredths(found.range_lu),
        true_peak_dbtp=_hundredths(peak.result()), momentary_max_lufs=_hundredths(found.momentary_max_lufs),
        short_term_max_lufs=_hundredths(found.short_term_max_lufs),
    )  # fmt: skip
    return Source(path, rate, channels, frames, found.integrated_lufs, peak.result(), highest, told, limit_dbtp)


def write_file(
    place: Path,
    source: Source,
    settings: DeliveryFile,
    *,
    name: str,
    version: str,
    is_stem: bool,
    gain_db: Db = 0.0,
    cancel: Cancel | None = None,
) -> DeliveredFile:
    """Write a file and read it back; turn it down where it would be cut off, or pass its ceiling after the codec."""
    is_lossy = settings.format in LOSSY_KBPS
    down = min(gain_db, 0.0 if is_stem else _room_db(source, settings))
    for _ in range(_TRIES):
        write_delivery(place, _blocks(source, down), _told(settings, source, down, name))
        with open_sound(place) as read:
            heard, frames, faults = measure_sound(read, cancel=cancel), read.frames, read.faults
            file, rate = read.file, read.sample_rate_hz
        peak = heard.true_peak_dbtp
        if not is_lossy or peak is None or peak <= 0:
            break
        down -= peak + _UNDER_DB
    judged = judge(heard, file.model_copy(update={"frames": frames}), faults)
    problems = [
        f"{one.title}: {one.sentence}"
        for one in judged
        if one.grade == "fault" and (not is_stem or one.id in _STEM_CHECKS)
    ]
    problems += _differences(heard, frames, rate, source, settings, down)
    return DeliveredFile(
        name=name, version=version, format=settings.format, sample_rate_hz=rate, bits="lossy" if is_lossy else settings.bits, frames=frames,
        duration_s=round(frames / rate, 3), integrated_lufs=heard.lufs, true_peak_dbtp=_hundredths(peak), gain_db=round(down, 3),
        sha256=hash_file(place), size_bytes=place.stat().st_size, problems=tuple(problems),
    )  # fmt: skip


def _room_db(source: Source, settings: DeliveryFile) -> Db:
    """Return the gain, 0 or less, at which no sample is cut off and the true peak stays under its ceiling."""
    down = 0.0
    if settings.whole_bits is not None and source.sample_peak > 1.0:
        down = -20 * float(np.log10(source.sample_peak)) - _UNDER_DB
    peak, limit = source.true_peak_dbtp, source.limit_dbtp
    if settings.format not in LOSSY_KBPS and limit is not None and peak is not None and peak > limit:
        down = min(down, limit - peak - _UNDER_DB)
    return down


def _blocks(source: Source, gain_db: Db) -> Iterator[Samples]:
    gain = np.float32(10 ** (gain_db / 20))
    with open_sound(source.path) as sound:
        for block in sound.blocks():
            yield block if gain_db == 0 else block * gain


def _told(settings: DeliveryFile, source: Source, gain_db: Db, name: str) -> DeliveryFile:
    """Return the settings with what the broadcast chunk says, as the file will hold it."""
    if settings.format != "wav":
        return settings
    measured = {
        field: value if value is None or field == "range_lu" else round(value + gain_db, 2)
        for field, value in source.loudness.model_dump().items()
    }
    word = {"16": 16, "24": 24, "32f": 32}[settings.bits]
    mode = "mono" if settings.channels == 1 else "stereo"
    bext = BroadcastExtension(
        description=settings.tags.title or name, originator="Tonmeister", loudness=BroadcastLoudness(**measured),
        coding_history=f"A=PCM,F={settings.sample_rate_hz},W={word},M={mode},T=tonmeister",
    )  # fmt: skip
    return replace(settings, bext=bext)


def _differences(
    heard: CheckedSound, frames: int, rate: int, source: Source, settings: DeliveryFile, gain_db: Db
) -> Iterator[str]:
    """Say in what a file that was read back is not what was to be written."""
    if rate != settings.sample_rate_hz:
        yield f"It plays at {rate} Hz instead of {settings.sample_rate_hz} Hz."
    spare = 2 * 1152 if settings.format in LOSSY_KBPS else 0  # codecs fill up their last frame
    if not 0 <= frames - source.frames <= spare:
        yield f"It has {frames} frames instead of {source.frames}."
    allowed = _ALLOWED_LOSSY_LU if settings.format in LOSSY_KBPS else _ALLOWED_LU
    if source.lufs is not None and heard.lufs is not None and abs(heard.lufs - gain_db - source.lufs) > allowed:
        yield f"It measures {heard.lufs:.2f} LUFS instead of {source.lufs + gain_db:.2f}."
    limit = source.limit_dbtp
    if settings.format in LOSSY_KBPS:
        limit = 0.0
    if limit is not None and heard.true_peak_dbtp is not None and heard.true_peak_dbtp > limit + _ALLOWED_DB:
        yield f"Its true peak is {heard.true_peak_dbtp:.2f} dBTP, over {limit:.2f}."


def _hundredths(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
