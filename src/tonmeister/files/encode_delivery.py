"""One file of a delivery: any format, rate and word length, with dither, tags, cover and what archives want to know."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Samples
from tonmeister.files.atomic import write_atomically
from tonmeister.files.encode_av import AvCodec, AvSettings, codec_rate_hz, write_av
from tonmeister.files.tags import Cover, Tags, wav_chunks
from tonmeister.files.wav import OutputEncoding, WavWriter
from tonmeister.files.wav_header import BroadcastExtension
from tonmeister.processing.quantiser import DitherKind, Quantiser

DeliveryFormat = Literal["wav", "flac", "alac", "aac", "opus", "mp3"]
WordLength = Literal["16", "24", "32f"]
LOSSY_KBPS: dict[str, int] = {"aac": 256, "opus": 192, "mp3": 320}
"""Formats that lose something, and at which bit rate they are written."""
ENDINGS: dict[DeliveryFormat, str] = {
    "wav": ".wav", "flac": ".flac", "alac": ".m4a", "aac": ".m4a", "opus": ".opus", "mp3": ".mp3"
}  # fmt: skip
_WAV: dict[WordLength, OutputEncoding] = {"16": "pcm_16", "24": "pcm_24", "32f": "float"}


@dataclass(frozen=True, slots=True)
class DeliveryFile:
    """How one file is written."""

    format: DeliveryFormat
    sample_rate_hz: int
    channels: int
    bits: WordLength = "24"
    dither: DitherKind = "tpdf"
    seed: int = 1
    tags: Tags = field(default_factory=Tags)
    cover: Cover | None = None
    bext: BroadcastExtension | None = None

    @property
    def whole_bits(self) -> Literal[16, 24] | None:
        """Word length of whole numbers; None where samples stay float, or the codec is lossy."""
        if self.format in LOSSY_KBPS or (self.format == "wav" and self.bits == "32f"):
            return None
        return 16 if self.bits == "16" else 24


def delivery_rate_hz(file_format: DeliveryFormat, sample_rate_hz: int) -> int:
    """Return the rate of a format for sound of this rate: another one where the codec asks for it."""
    return codec_rate_hz(file_format, sample_rate_hz)


def write_delivery(path: Path, blocks: Iterable[Samples], settings: DeliveryFile) -> None:
    """Write float32 blocks of (channels, frames), all or nothing.

    Raises:
        OutputError: If it cannot be written there.
        MissingExtraError: If the format needs PyAV and it is not installed.
    """
    if settings.format == "wav":
        _write_wav(path, blocks, settings)
        return
    codec: AvCodec = settings.format
    kbps, bits = LOSSY_KBPS.get(settings.format), settings.whole_bits
    av = AvSettings(
        codec, settings.sample_rate_hz, settings.channels, kbps=kbps, bits=bits or 24, tags=settings.tags, cover=settings.cover
    )  # fmt: skip
    write_av(path, blocks if bits is None else _whole(blocks, settings), av)


def _write_wav(path: Path, blocks: Iterable[Samples], settings: DeliveryFile) -> None:
    with write_atomically(path) as file:
        encoding = _WAV[settings.bits]
        writer = WavWriter(
            file, sample_rate_hz=settings.sample_rate_hz, channels=settings.channels, encoding=encoding, bext=settings.bext,
            more_chunks=wav_chunks(settings.tags),
        )  # fmt: skip
        with writer:
            if encoding == "float":
                for block in blocks:
                    writer.write(block)
            else:
                for whole in _whole(blocks, settings):
                    writer.write_ints(whole)


def _whole(blocks: Iterable[Samples], settings: DeliveryFile) -> Iterator[NDArray[np.int32]]:
    quantiser = Quantiser(
        bits=settings.whole_bits or 24, kind=settings.dither, sample_rate_hz=settings.sample_rate_hz,
        channels=settings.channels, seed=settings.seed,
    )  # fmt: skip
    for block in blocks:
        yield quantiser.take(block)
    yield quantiser.finish()
