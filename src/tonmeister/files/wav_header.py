"""The chunks of a WAV file: RIFF, RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088), BWF `bext` (EBU Tech 3285)."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from tonmeister.errors import UnreadableFileError
from tonmeister.files.fault import Fault, breaks_off, unfinished
from tonmeister.model import Db, Model

Encoding = Literal["pcm_16", "pcm_24", "pcm_32", "float", "double"]
"""How a sample lies in the file, named as libsndfile does."""

BYTES_PER_SAMPLE: dict[Encoding, int] = {"pcm_16": 2, "pcm_24": 3, "pcm_32": 4, "float": 4, "double": 8}
RIFF_LIMIT_BYTES = 0xFFFFFFFF
"""Above this a RIFF size field does not hold the length and the file becomes RF64."""

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_ENCODINGS: dict[tuple[int, int], Encoding] = {
    (_PCM, 2): "pcm_16",
    (_PCM, 3): "pcm_24",
    (_PCM, 4): "pcm_32",
    (_FLOAT, 4): "float",
    (_FLOAT, 8): "double",
}
_BEXT = struct.Struct("<256s32s32s10s8sQH64s5h180s")
_NO_LOUDNESS = 0x7FFF  # Tech 3285 v2: a field that holds no valid number
_BEXT_MOST_BYTES = 65_536  # a coding history may be long; nobody's is longer than this
_BEXT_LEAST_BYTES = 346  # up to and with the time reference
_EXPORT_AGAIN = "Export it again, as 24-bit WAV if you can."


class BroadcastLoudness(Model):
    """The loudness fields of version 2 (EBU Tech 3285 v2), in steps of 0.01; None is not known."""

    integrated_lufs: float | None = None
    range_lu: float | None = None
    true_peak_dbtp: Db | None = None
    momentary_max_lufs: float | None = None
    short_term_max_lufs: float | None = None


class BroadcastExtension(Model):
    """The BWF chunk of a WAV file: where on the time line the sound starts, and where it comes from."""

    description: str = ""
    originator: str = ""
    originator_reference: str = ""
    origination_date: str = ""
    """yyyy-mm-dd, or empty."""
    origination_time: str = ""
    """hh:mm:ss, or empty."""
    time_reference_frames: int = 0
    """First frame of the sound, counted from the start of the time line at the file's sample rate."""
    loudness: BroadcastLoudness | None = None
    """What was measured on the sound; None in files of version 0 and 1."""
    coding_history: str = ""
    """What was done to the sound, one line a step, such as `A=PCM,F=48000,W=24,M=stereo,T=tonmeister`."""


@dataclass(frozen=True, slots=True)
class WavHeader:
    """What the chunks of a WAV file say."""

    encoding: Encoding | None
    """None where the samples are of a kind that only libsndfile reads (ADPCM, µ-law, 8 bits)."""
    sample_rate_hz: int
    channels: int
    frames: int
    """Frames that are really there."""
    data_start_byte: int
    bext: BroadcastExtension | None
    faults: tuple[Fault, ...]

    @property
    def bytes_per_frame(self) -> int:
        """Bytes of one sample of every channel."""
        return self.channels * BYTES_PER_SAMPLE[self.encoding] if self.encoding else 0


@dataclass(slots=True)
class _Chunks:
    format: bytes = b""
    bext: bytes = b""
    ds64: bytes = b""
    data_start: int | None = None
    data_bytes: int = 0


def read_wav_header(path: Path) -> WavHeader:
    """Read the header of a WAV file.

    Raises:
        UnreadableFileError: If it is no WAV file, or its chunks make no sense.
        OSError: If the file cannot be opened.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        start = file.read(12)
        if start[:4] not in (b"RIFF", b"RF64", b"BW64") or start[8:12] != b"WAVE":
            raise UnreadableFileError(path, reason="It is no WAV file", advice=_EXPORT_AGAIN)
        riff_bytes = struct.unpack("<I", start[4:8])[0]
        chunks = _read_chunks(file, size=size, whole=riff_bytes == size - 8)
    return _understand(path, chunks, size=size, whole=riff_bytes == size - 8)


def _read_chunks(file: BinaryIO, *, size: int, whole: bool) -> _Chunks:
    chunks = _Chunks()
    while len(head := file.read(8)) == 8:
        name, length = struct.unpack("<4sI", head)
        here = file.tell()
        if name == b"data":
            length = _data_bytes(chunks, length)
            chunks.data_start, chunks.data_bytes = here, length
            if length > size - here or (length == 0 and not whole):
                break  # nothing behind it can be trusted
        elif name == b"fmt ":
            chunks.format = file.read(min(length, 64))
        elif name == b"bext":
            chunks.bext = file.read(min(length, _BEXT_MOST_BYTES))
        elif name == b"ds64":
            chunks.ds64 = file.read(min(length, 28))
        file.seek(here + length + (length & 1))  # chunks are padded to even lengths
    return chunks


def _data_bytes(chunks: _Chunks, length: int) -> int:
    if length == RIFF_LIMIT_BYTES and len(chunks.ds64) >= 16:
        return int(struct.unpack("<Q", chunks.ds64[8:16])[0])
    return length


def _understand(path: Path, chunks: _Chunks, *, size: int, whole: bool) -> WavHeader:
    if len(chunks.format) < 16 or chunks.data_start is None:
        what = "no sound data" if len(chunks.format) >= 16 else "no description of its format"
        raise UnreadableFileError(path, reason=f"The WAV file has {what}", advice=_EXPORT_AGAIN)
    tag, channels, rate, _, frame_bytes, _ = struct.unpack("<HHIIHH", chunks.format[:16])
    if tag == _EXTENSIBLE and len(chunks.format) >= 26:
        tag = struct.unpack("<H", chunks.format[24:26])[0]
    if channels == 0 or rate == 0 or frame_bytes == 0:
        reason = f"Its header says {channels} channels, {rate} Hz, {frame_bytes} bytes a frame"
        raise UnreadableFileError(path, reason=reason, advice=_EXPORT_AGAIN)
    encoding = _ENCODINGS.get((tag, frame_bytes // channels)) if frame_bytes % channels == 0 else None
    frames, faults = _count_frames(chunks, size=size, whole=whole, frame_bytes=frame_bytes, sample_rate_hz=rate)
    bext = _read_bext(chunks.bext)
    return WavHeader(encoding, rate, channels, frames, chunks.data_start, bext, faults)


def _count_frames(
    chunks: _Chunks, *, size: int, whole: bool, frame_bytes: int, sample_rate_hz: int
) -> tuple[int, tuple[Fault, ...]]:
    there = size - (chunks.data_start or 0)
    said = chunks.data_bytes
    if said == RIFF_LIMIT_BYTES or (said == 0 and there > 0 and not whole):
        frames = there // frame_bytes
        return frames, (unfinished(frames=frames, sample_rate_hz=sample_rate_hz),)
    frames = min(said, there) // frame_bytes
    if said > there:
        promised = said // frame_bytes
        return frames, (breaks_off(frames=frames, promised_frames=promised, sample_rate_hz=sample_rate_hz),)
    return frames, ()


def _text(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode("latin-1").strip()


def _read_bext(raw: bytes) -> BroadcastExtension | None:
    if len(raw) < _BEXT_LEAST_BYTES:
        return None
    fields = _BEXT.unpack(raw[: _BEXT.size].ljust(_BEXT.size, b"\0"))
    names = ("description", "originator", "originator_reference", "origination_date", "origination_time")
    texts = {name: _text(value) for name, value in zip(names, fields[:5], strict=True)}
    loudness = _read_loudness(fields[8:13]) if fields[6] >= 2 else None
    history = _text(raw[_BEXT.size :])
    return BroadcastExtension(
        **texts, time_reference_frames=fields[5], loudness=loudness, coding_history=history.replace("\r\n", "\n")
    )


def _read_loudness(fields: tuple[int, ...]) -> BroadcastLoudness | None:
    found = [None if value == _NO_LOUDNESS else value / 100 for value in fields]
    if all(value is None for value in found):
        return None
    return BroadcastLoudness(**dict(zip(BroadcastLoudness.model_fields, found, strict=True)))


def _loudness_fields(loudness: BroadcastLoudness | None) -> list[int]:
    values = [None] * 5 if loudness is None else list(loudness.model_dump().values())
    return [
        _NO_LOUDNESS if value is None else max(-32_768, min(_NO_LOUDNESS - 1, round(100 * value))) for value in values
    ]


def _bext_chunk(bext: BroadcastExtension) -> bytes:
    def fixed(text: str, length: int) -> bytes:
        return text.encode("ascii", "replace")[:length]

    body = _BEXT.pack(
        fixed(bext.description, 256),
        fixed(bext.originator, 32),
        fixed(bext.originator_reference, 32),
        fixed(bext.origination_date, 10),
        fixed(bext.origination_time, 8),
        bext.time_reference_frames,
        1 if bext.loudness is None else 2,
        b"",
        *(_loudness_fields(bext.loudness) if bext.loudness is not None else [0] * 5),
        b"",
    )
    history = bext.coding_history.replace("\n", "\r\n").encode("ascii", "replace")
    body += history + b"\r\n\0" if history and not history.endswith(b"\n") else history
    return struct.pack("<4sI", b"bext", len(body)) + body + b"\0" * (len(body) & 1)


def build_wav_header(
    *,
    encoding: Encoding,
    sample_rate_hz: int,
    channels: int,
    frames: int,
    bext: BroadcastExtension | None,
    more_chunks: bytes = b"",
    riff_limit_bytes: int = RIFF_LIMIT_BYTES,
) -> bytes:
    """Return all bytes before the samples; their number does not depend on the frames.

    `more_chunks` are whole chunks of even length, such as tags. Room for `ds64` is kept in a JUNK chunk, so a file that outgrows RIFF becomes RF64 in place (EBU Tech 3306).
    """
    width = BYTES_PER_SAMPLE[encoding]
    data = frames * channels * width
    is_float = encoding in ("float", "double")
    tag = _FLOAT if is_float else _PCM
    body = struct.pack(
        "<HHIIHH", tag, channels, sample_rate_hz, sample_rate_hz * channels * width, channels * width, 8 * width
    )
    body += struct.pack("<H", 0) if is_float else b""
    chunks = struct.pack("<4sI", b"fmt ", len(body)) + body
    chunks += struct.pack("<4sII", b"fact", 4, min(frames, RIFF_LIMIT_BYTES)) if is_float else b""
    chunks += (_bext_chunk(bext) if bext else b"") + more_chunks
    riff = 4 + 8 + 28 + len(chunks) + 8 + data + (data & 1)
    if riff > riff_limit_bytes:
        ds64 = struct.pack("<4sIQQQI", b"ds64", 28, riff, data, frames, 0)
        start, said = struct.pack("<4sI4s", b"RF64", RIFF_LIMIT_BYTES, b"WAVE") + ds64, RIFF_LIMIT_BYTES
    else:
        start, said = struct.pack("<4sI4s4sI28x", b"RIFF", riff, b"WAVE", b"JUNK", 28), data
    return start + chunks + struct.pack("<4sI", b"data", said)
