"""What FFmpeg's libraries write (through PyAV): AAC and ALAC in M4A, Opus, MP3 and FLAC, with tags and a cover."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Samples
from tonmeister.errors import AudioFormatError, OutputError
from tonmeister.files.atomic import write_atomically
from tonmeister.files.ffmpeg_source import import_av
from tonmeister.files.tags import Cover, Tags, container_tags, picture_block

AvCodec = Literal["aac", "alac", "opus", "mp3", "flac"]
PIECE_FRAMES = 65536
OPUS_RATE_HZ = 48_000
"""Opus knows this rate alone (RFC 7845 takes others for what the source was)."""
_MP3_RATES_HZ = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_HIGHEST_RATE_HZ = {"aac": 48_000, "mp3": 48_000, "opus": OPUS_RATE_HZ}
_OPUS_MOST_KBPS = 256
"""Of one channel."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How a codec is written: encoder, muxer, sample formats for 16 and for 24 bits (one for what takes float)."""

    encoder: str
    muxer: str
    formats: tuple[str, ...]


_WAYS: dict[str, _Way] = {
    "aac": _Way("aac", "mp4", ("fltp",)),
    "alac": _Way("alac", "mp4", ("s16p", "s32p")),
    "opus": _Way("libopus", "opus", ("flt",)),
    "mp3": _Way("libmp3lame", "mp3", ("fltp",)),
    "flac": _Way("flac", "flac", ("s16", "s32")),
}


@dataclass(frozen=True, slots=True)
class AvSettings:
    """What is written."""

    codec: AvCodec
    sample_rate_hz: int
    channels: int
    kbps: int | None = None
    """Bit rate of a lossy codec, in kbit/s."""
    bits: Literal[16, 24] = 24
    """Word length of a lossless codec."""
    tags: Tags = field(default_factory=Tags)
    cover: Cover | None = None


def codec_rate_hz(codec: str, sample_rate_hz: int) -> int:
    """Return the rate at which sound goes into a codec: its own, 48 or 44.1 kHz where the codec knows no higher one."""
    if codec == "opus":
        return OPUS_RATE_HZ
    highest = _HIGHEST_RATE_HZ.get(codec)
    if highest is None or sample_rate_hz <= highest:
        return sample_rate_hz
    return 44_100 if sample_rate_hz % 44_100 == 0 else 48_000


def write_av(path: Path, blocks: Iterable[NDArray[Any]], settings: AvSettings) -> None:
    """Write blocks of (channels, frames), all or nothing: float32 for lossy codecs, int32 of `bits` for lossless ones.

    Raises:
        OutputError: If it cannot be written there.
        MissingExtraError: If PyAV is not installed.
        AudioFormatError: If the codec has no such sample rate.
    """
    av = import_av()
    with write_atomically(path) as file:
        try:
            _encode(av, file, blocks, settings)
        except av.error.FFmpegError as error:
            raise OutputError(
                path, reason=f"It cannot be written ({error})", advice="Choose another format."
            ) from error


def encode_av(blocks: Iterable[NDArray[Any]], settings: AvSettings) -> bytes:
    """Return the bytes of such a file; raises as write_av does."""
    av, out = import_av(), io.BytesIO()
    try:
        _encode(av, out, blocks, settings)
    except av.error.FFmpegError as error:
        raise AudioFormatError(
            f"{settings.codec} cannot hold {settings.sample_rate_hz} Hz, {settings.channels} channels, {settings.kbps} kbit/s ({error})."
        ) from error
    return out.getvalue()


def decode_av(data: bytes) -> Iterator[Samples]:
    """Return the sound of an encoded file in memory, without the encoder's priming, as float32 that is not held at full scale."""
    av = import_av()
    with av.open(io.BytesIO(data)) as container:
        for frame in container.decode(audio=0):
            raw = frame.to_ndarray()
            planar = raw if frame.format.name.endswith("p") else raw.reshape(-1, frame.layout.nb_channels).T
            yield np.ascontiguousarray(planar, np.float32)


def _encode(av: Any, file: BinaryIO, blocks: Iterable[NDArray[Any]], settings: AvSettings) -> None:
    rate, way = settings.sample_rate_hz, _WAYS[settings.codec]
    if settings.codec == "mp3" and rate not in _MP3_RATES_HZ:
        raise AudioFormatError(f"MP3 has no sample rate of {rate} Hz; resample to 48000 Hz or use FLAC.")
    layout = "mono" if settings.channels == 1 else "stereo"
    form = way.formats[-1] if settings.bits == 24 else way.formats[0]
    with av.open(file, "w", format=way.muxer, options=_options(settings)) as container:
        stream = container.add_stream(way.encoder, rate=rate)
        stream.codec_context.layout, stream.codec_context.format = layout, form
        if settings.kbps is not None:
            most = _OPUS_MOST_KBPS * settings.channels if settings.codec == "opus" else settings.kbps
            stream.codec_context.bit_rate = 1000 * min(settings.kbps, most)
        container.metadata.update(_metadata(settings))
        _add_picture(av, container, settings)
        start = 0
        for block in blocks:
            for first in range(0, block.shape[1], PIECE_FRAMES):
                piece = block[:, first : first + PIECE_FRAMES]
                frame = av.AudioFrame.from_ndarray(_laid_out(piece, form, settings.bits), format=form, layout=layout)
                frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
                start += piece.shape[1]
                container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _options(settings: AvSettings) -> dict[str, str]:
    if settings.codec == "opus":
        return {"fflags": "+bitexact"}  # else the stream gets a random serial number
    return {"id3v2_version": "3"} if settings.codec == "mp3" else {}


def _metadata(settings: AvSettings) -> dict[str, str]:
    found = container_tags(settings.tags, settings.codec)
    if settings.cover is not None and settings.codec == "opus":
        found["METADATA_BLOCK_PICTURE"] = picture_block(settings.cover)
    return found


def _add_picture(av: Any, container: Any, settings: AvSettings) -> None:
    """Write the attached picture, before the sound; Ogg carries it as a tag instead."""
    if settings.cover is None or settings.codec == "opus":
        return
    with av.open(io.BytesIO(settings.cover.data)) as source:
        drawn = source.streams.video[0]
        stream = container.add_stream_from_template(drawn)
        stream.disposition = av.stream.Disposition.attached_pic
        container.start_encoding()
        packet = next(source.demux(drawn))
        packet.stream, packet.pts, packet.dts = stream, 0, 0
        container.mux(packet)


def _laid_out(block: NDArray[Any], form: str, bits: int) -> NDArray[Any]:
    """Return samples as an encoder takes them: planar rows or one interleaved row; 24 bits stand at the top of 32."""
    if form.startswith("s"):
        block = block.astype(np.int16) if form.startswith("s16") else (block.astype(np.int32) << (32 - bits))
    else:
        block = block.astype(np.float32, copy=False)
    return np.ascontiguousarray(block) if form.endswith("p") else np.ascontiguousarray(block.T).reshape(1, -1)
