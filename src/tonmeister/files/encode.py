"""FLAC for keeping, MP3 and OGG for listening: through libsndfile, in short pieces.

libsndfile's Vorbis encoder puts a whole call on the stack and dies on long arrays; 65,536 frames are safe.
"""

import io
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
import soundfile

from tonmeister.audio import Audio, Samples
from tonmeister.errors import AudioFormatError, OutputError
from tonmeister.files.atomic import temporary_file
from tonmeister.files.resample import regroup
from tonmeister.files.wav import round_to_ints

Codec = Literal["flac", "ogg", "mp3"]

PIECE_FRAMES = 65536
_SUBTYPES: dict[Codec, str] = {"flac": "PCM_24", "ogg": "VORBIS", "mp3": "MPEG_LAYER_III"}
_VORBIS_KBPS = (64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 500)
"""Nominal rates of libvorbis' qualities 0 to 10, stereo at 44.1 kHz."""
_MP3_RATES_HZ = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)


def write_encoded(
    path: Path,
    blocks: Iterable[Samples],
    *,
    sample_rate_hz: int,
    channels: int,
    codec: Codec,
    compression: float | None = None,
) -> None:
    """Write blocks of (channels, frames) float32 as FLAC (24 bits), OGG Vorbis or MP3, all or nothing.

    Compression goes from 0 (large: fast, or good) to 1 (small); None is the encoder's default.

    Raises:
        OutputError: If it cannot be written there.
        AudioFormatError: If MP3 has no such sample rate.
    """
    with temporary_file(path) as temporary:
        try:
            _encode(str(temporary), blocks, sample_rate_hz, channels, codec, compression)
        except (soundfile.LibsndfileError, AssertionError) as error:  # soundfile asserts that all frames were written
            full = shutil.disk_usage(path.parent).free < 1 << 20
            reason = "The disk is full" if full else f"It cannot be written ({error})"
            raise OutputError(path, reason=reason, advice="Free some space or choose another folder.") from error


def encode_audio(
    audio: Audio,
    *,
    codec: Codec,
    compression: float | None = None,
) -> bytes:
    """Return a short sound as the bytes of a FLAC, OGG or MP3 file, for a player in a page.

    Raises:
        AudioFormatError: If MP3 has no such sample rate.
    """
    out = io.BytesIO()
    _encode(out, [audio.samples], audio.sample_rate_hz, audio.channels, codec, compression)
    return out.getvalue()


def write_vorbis(blocks: Iterable[Samples], *, sample_rate_hz: int, channels: int, kbps: int) -> bytes:
    """Return the bytes of an OGG Vorbis file of about this bit rate; libvorbis chooses by quality, not by rate."""
    out = io.BytesIO()
    quality = float(np.interp(kbps, _VORBIS_KBPS, np.arange(len(_VORBIS_KBPS))))
    _encode(out, blocks, sample_rate_hz, channels, "ogg", 1 - quality / 10)
    return out.getvalue()


def _encode(
    target: str | BinaryIO,
    blocks: Iterable[Samples],
    sample_rate_hz: int,
    channels: int,
    codec: Codec,
    compression: float | None,
) -> None:
    if codec == "mp3" and sample_rate_hz not in _MP3_RATES_HZ:
        raise AudioFormatError(f"MP3 has no sample rate of {sample_rate_hz} Hz; resample to 48000 Hz or use FLAC.")
    with soundfile.SoundFile(
        target,
        "w",
        samplerate=sample_rate_hz,
        channels=channels,
        format=codec.upper(),
        subtype=_SUBTYPES[codec],
        compression_level=compression,
    ) as file:
        for piece in regroup(blocks, PIECE_FRAMES):
            # As integers FLAC keeps 24-bit sound exactly; libsndfile's own float path scales by 2^23 - 1.
            file.write((round_to_ints(piece, bits=24) << 8).T if codec == "flac" else np.ascontiguousarray(piece.T))
