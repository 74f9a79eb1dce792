"""What only FFmpeg's libraries read (through PyAV): AAC, ALAC, Opus, stem files, the sound of videos.

Priming samples are skipped and edit lists followed as the ffmpeg command does. Nothing is ever fetched: only files, only
containers from a fixed list (no playlists).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tonmeister.audio import Samples
from tonmeister.errors import MissingExtraError, UnreadableFileError
from tonmeister.files.fault import Fault, breaks_off, damaged

_CONTAINERS = "mov,matroska,webm,aac,ogg,mp3,flac,wav,aiff,caf,asf,avi,mpeg,mpegts,flv,w64,wv,ape,tta,tak,mpc,mpc8,ac3,eac3,amr,dsf,iff,au"
_BREAKS_OFF_S = 0.1
"""A container's length may be off by a packet of the codec; only a larger shortfall is a fault."""
_BITS = {"s16": 16, "s16p": 16, "s32": 24, "s32p": 24, "u8": 8, "u8p": 8}
_LOSSLESS = ("pcm", "flac", "alac", "wavpack", "ape", "tta", "tak", "truehd", "mlp", "dsd")


@dataclass(frozen=True, slots=True)
class SoundStream:
    """One sound stream of a container."""

    container: str
    codec: str
    sample_rate_hz: int
    channels: int
    frames: int
    """As the container says; decoding may find a little more or less."""
    bits: int
    """0 where the codec is lossy."""
    title: str | None


def import_av() -> Any:
    """Return PyAV.

    Raises:
        MissingExtraError: If it is not installed.
    """
    try:
        import av  # noqa: PLC0415 - an optional part
    except ImportError as error:
        raise MissingExtraError(what="Reading M4A, AAC, ALAC, stem files and video sound", extra="formats") from error
    return av


def _open(path: Path) -> Any:
    av = import_av()
    try:
        return av.open(f"file:{path}", options={"format_whitelist": _CONTAINERS}, metadata_errors="replace")
    except (av.error.FFmpegError, ValueError) as error:
        reason = f"No sound can be found in it ({getattr(error, 'strerror', None) or error})"
        raise UnreadableFileError(
            path, reason=reason, advice="Check that it is complete, or export it as WAV."
        ) from error


def list_streams(path: Path) -> tuple[SoundStream, ...]:
    """Return the sound streams of a file, in order; empty if there are none.

    Raises:
        UnreadableFileError: If it is no container that FFmpeg reads.
        MissingExtraError: If PyAV is not installed.
    """
    with _open(path) as container:
        name = container.format.name.split(",")[0]
        return tuple(_describe(name, stream) for stream in container.streams.audio if stream.codec_context is not None)


def _describe(container: str, stream: Any) -> SoundStream:
    context = stream.codec_context
    rate = int(context.sample_rate or 0)
    frames = 0
    if stream.duration is not None and stream.time_base is not None:
        # Where the start time is the codec's priming, the container's length counts it too (MP4 since FFmpeg 5).
        priming = max(stream.start_time or 0, 0) if container == "mov" else 0
        frames = max(0, round((stream.duration - priming) * stream.time_base * rate))
    lossless = context.name.startswith(_LOSSLESS)
    bits = (_BITS.get(context.format.name, 32) if context.format else 0) if lossless else 0
    metadata = dict(stream.metadata)
    title = metadata.get("title") or metadata.get("handler_name")
    return SoundStream(container, context.name, rate, int(context.layout.nb_channels), frames, bits, title)


def decode_stream(path: Path, stream: int, faults: list[Fault]) -> Iterator[Samples]:
    """Return the sound of a stream in blocks of (channels, frames) as they come; faults are added at the end.

    Raises:
        UnreadableFileError: If not one packet can be decoded, or its format changes on the way.
    """
    av = import_av()
    with _open(path) as container:
        source = container.streams.audio[stream]
        said = _describe(container.format.name.split(",")[0], source)
        counter = _Counter()
        for packet in _packets(av, container, source):
            yield from _decode_packet(av, path, packet, said, counter)
        if counter.damaged:
            faults.append(damaged(packets=counter.damaged, silent_s=counter.silent / said.sample_rate_hz))
        if said.frames - counter.frames > _BREAKS_OFF_S * said.sample_rate_hz:
            rate = said.sample_rate_hz
            faults.append(breaks_off(frames=counter.frames, promised_frames=said.frames, sample_rate_hz=rate))


@dataclass(slots=True)
class _Counter:
    frames: int = 0
    damaged: int = 0
    silent: int = 0


def _packets(av: Any, container: Any, source: Any) -> Iterator[Any]:
    try:
        yield from container.demux(source)
    except av.error.FFmpegError:
        return  # the file ends in the middle; what is missing is counted afterwards


def _decode_packet(av: Any, path: Path, packet: Any, said: SoundStream, counter: _Counter) -> Iterator[Samples]:
    try:
        frames = packet.decode()
    except av.error.FFmpegError:
        lost = round((packet.duration or 0) * packet.time_base * said.sample_rate_hz) if packet.time_base else 0
        counter.damaged += 1
        counter.silent += lost
        counter.frames += lost
        yield np.zeros((said.channels, lost), np.float32)
        return
    for frame in frames:
        if frame.sample_rate != said.sample_rate_hz or frame.layout.nb_channels != said.channels:
            reason = f"Its sample rate or channels change after {counter.frames / said.sample_rate_hz:.2f} s"
            raise UnreadableFileError(path, reason=reason, advice="Export it as WAV.")
        block = to_float32(frame.to_ndarray(), frame.format.name, said.channels)
        counter.frames += block.shape[1]
        yield block


def to_float32(raw: np.ndarray[Any, Any], format_name: str, channels: int) -> Samples:
    """Return a decoded frame as (channels, frames) float32; integers have full scale 1.0."""
    planar = raw if format_name.endswith("p") else raw.reshape(-1, channels).T
    if planar.dtype == np.uint8:
        return np.ascontiguousarray((planar.astype(np.float32) - np.float32(128)) / np.float32(128))
    if planar.dtype.kind == "i":
        scale = np.float32(1 / (1 << (8 * planar.dtype.itemsize - 1)))
        return np.ascontiguousarray(planar.astype(np.float32) * scale)
    return np.ascontiguousarray(planar, dtype=np.float32)
