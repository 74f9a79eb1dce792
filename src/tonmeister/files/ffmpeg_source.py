"""What only FFmpeg's libraries read (through PyAV): AAC, ALAC, Opus, stem files, the sound of videos.

Priming samples are skipped and edit lists followed as the ffmpeg command does. Nothing is ever fetched: only files, only
containers from a fixed list (no playlists).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
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


def open_container(path: Path) -> Any:
    """Return an opened container of one of the known kinds; nothing is ever fetched.

    Raises:
        UnreadableFileError: If it is none.
        MissingExtraError: If PyAV is not installed.
    """
    av = import_av()
    try:
        return av.open(f"file:{path}", options={"format_whitelist": _CONTAINERS}, metadata_errors="replace")
    except (av.error.FFmpegError, ValueError) as error:
        reason = "No sound can be found in it"
        raise UnreadableFileError(
            path, reason=reason, advice="Check that it is complete, or export it as WAV."
        ) from error


def list_streams(path: Path) -> tuple[SoundStream, ...]:
    """Return the sound streams of a file, in order; empty if there are none.

    Raises:
        UnreadableFileError: If it is no container that FFmpeg reads.
        MissingExtraError: If PyAV is not installed.
    """
    with open_container(path) as container:
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
    title = dict(stream.metadata).get("title") or None
    return SoundStream(container, context.name, rate, int(context.layout.nb_channels), frames, bits, title)


def decode_stream(path: Path, stream: int, faults: list[Fault]) -> Iterator[Samples]:
    """Return the sound of a stream in blocks of (channels, frames) as they come; faults are added at the end.

    Raises:
        UnreadableFileError: If not one packet can be decoded, or its format changes on the way.
    """
    av = import_av()
    with open_container(path) as container:
        source = container.streams.audio[stream]
        said = _describe(container.format.name.split(",")[0], source)
        decoder = _Decoder(path, said)
        for packet in _packets(av, container, source):
            yield from decoder.decode(av, packet)
        if decoder.damaged:
            faults.append(damaged(packets=decoder.damaged, silent_s=decoder.silent / said.sample_rate_hz))
        if said.frames - decoder.frames > _BREAKS_OFF_S * said.sample_rate_hz:
            rate = said.sample_rate_hz
            faults.append(breaks_off(frames=decoder.frames, promised_frames=said.frames, sample_rate_hz=rate))


def _packets(av: Any, container: Any, source: Any) -> Iterator[Any]:
    try:
        yield from container.demux(source)
    except av.error.FFmpegError:
        return  # the file ends in the middle; what is missing is counted afterwards


class _Decoder:
    """Decodes packet by packet; after damage, silence keeps what follows in its place."""

    def __init__(self, path: Path, said: SoundStream) -> None:
        self._path, self._said = path, said
        self.frames = self.damaged = self.silent = 0
        self._first_s: Fraction | None = None
        self._lost = False

    def decode(self, av: Any, packet: Any) -> Iterator[Samples]:
        """Return the sound of one packet, and silence before it where packets were lost."""
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            frames = []
            self.damaged += 1
            self._lost = True
        for frame in frames:
            self._check(frame)
            if self._lost:
                gap = self._gap(frame)
                self.silent += gap
                self.frames += gap
                yield np.zeros((self._said.channels, gap), np.float32)
            self._lost = False
            if self._first_s is None and frame.pts is not None:
                self._first_s = frame.pts * frame.time_base - Fraction(self.frames, self._said.sample_rate_hz)
            block = to_float32(frame.to_ndarray(), frame.format.name, self._said.channels)
            self.frames += block.shape[1]
            yield block

    def _check(self, frame: Any) -> None:
        if frame.sample_rate != self._said.sample_rate_hz or frame.layout.nb_channels != self._said.channels:
            reason = f"Its sample rate or channels change after {self.frames / self._said.sample_rate_hz:.2f} s"
            raise UnreadableFileError(self._path, reason=reason, advice="Export it as WAV.")

    def _gap(self, frame: Any) -> int:
        if frame.pts is None or self._first_s is None:
            return 0
        since_s: Fraction = frame.pts * frame.time_base - self._first_s
        return max(0, round(since_s * self._said.sample_rate_hz) - self.frames)


def to_float32(raw: np.ndarray[Any, Any], format_name: str, channels: int) -> Samples:
    """Return a decoded frame as (channels, frames) float32; integers have full scale 1.0."""
    planar = raw if format_name.endswith("p") else raw.reshape(-1, channels).T
    if planar.dtype == np.uint8:
        return np.ascontiguousarray((planar.astype(np.float32) - np.float32(128)) / np.float32(128))
    if planar.dtype.kind == "i":
        scale = np.float32(1 / (1 << (8 * planar.dtype.itemsize - 1)))
        return np.ascontiguousarray(planar.astype(np.float32) * scale)
    return np.ascontiguousarray(planar, dtype=np.float32)
