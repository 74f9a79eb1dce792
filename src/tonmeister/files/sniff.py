"""What kind of file it is, by its first bytes; names and endings do not count."""

from pathlib import Path
from typing import Literal

from tonmeister.errors import UnreadableFileError

Kind = Literal["wav", "libsndfile", "opus", "ffmpeg", "unknown"]
"""Who reads it: we, libsndfile, PyAV (libsndfile can do it too), PyAV alone, or nobody we know."""

HEAD_BYTES = 4096

_LIBSNDFILE: tuple[bytes, ...] = (b"fLaC", b"caff", b".snd", b"riff\x2e\x91\xcf\x11", b"RIFX", b"OggS")
_FFMPEG: tuple[bytes, ...] = (
    b"\x1a\x45\xdf\xa3",  # Matroska, WebM
    b"\x30\x26\xb2\x75",  # ASF, WMA
    b"wvpk",  # WavPack
    b"MAC ",  # Monkey's Audio
    b"TTA1",
    b"tBaK",  # TAK
    b"MPCK",
    b"MP+",  # Musepack
    b"\x0b\x77",  # AC-3
    b"#!AMR",
    b"DSD ",
    b"FRM8",
    b"FLV\x01",
    b"\x00\x00\x01\xba",  # MPEG program stream
)
_MP4_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")


def read_head(path: Path) -> bytes:
    """Return the first bytes of a file.

    Raises:
        UnreadableFileError: If it cannot be opened or is empty.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        reason = f"It cannot be read ({error.strerror or error})"
        raise UnreadableFileError(
            path, reason=reason, advice="Check that it is there and that you may read it."
        ) from error
    if not head:
        raise UnreadableFileError(path, reason="It is empty (0 bytes)", advice="Export or copy it again.")
    return head


def sniff(head: bytes) -> Kind:
    """Return who reads a file that starts with these bytes."""
    if head[:4] in (b"RIFF", b"RF64", b"BW64"):
        return "wav" if head[8:12] == b"WAVE" else "ffmpeg"
    if head.startswith(b"OggS") and b"OpusHead" in head[:128]:
        return "opus"
    if head.startswith(_LIBSNDFILE) or (head.startswith(b"FORM") and head[8:12] in (b"AIFF", b"AIFC")):
        return "libsndfile"
    if _is_mp3(head):
        return "libsndfile"
    if head[4:8] in _MP4_BOXES or head.startswith(_FFMPEG) or _is_adts(head) or _is_transport_stream(head):
        return "ffmpeg"
    return "unknown"


def _is_mp3(head: bytes) -> bool:
    if head.startswith(b"ID3"):
        return True
    # frame sync, a version and a layer that exist, a bit rate and a sample rate that exist
    return (
        len(head) > 3
        and head[0] == 0xFF
        and head[1] & 0xE0 == 0xE0
        and head[1] & 0x18 != 0x08
        and head[1] & 0x06 != 0
        and head[2] & 0xF0 not in (0x00, 0xF0)
        and head[2] & 0x0C != 0x0C
    )


def _is_adts(head: bytes) -> bool:
    return len(head) > 6 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0


def _is_transport_stream(head: bytes) -> bool:
    return len(head) > 376 and head[0] == head[188] == head[376] == 0x47
