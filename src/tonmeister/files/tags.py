"""What a delivered file says about itself: title, artist, ISRC and the rest, in the words of each format."""

import base64
import re
import struct
from html import escape
from pathlib import Path
from typing import Literal

from pydantic import Field

from tonmeister.errors import InputError, UnreadableFileError
from tonmeister.model import Model

_ISRC = re.compile(r"^[A-Z]{2}[A-Z0-9]{3}\d{7}$")
_PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
_FRONT_COVER = 3
_INFO = {
    "title": b"INAM", "artist": b"IART", "album": b"IPRD", "date": b"ICRD", "genre": b"IGNR", "track": b"ITRK",
    "copyright": b"ICOP", "comment": b"ICMT", "isrc": b"ISRC",
}  # fmt: skip


class Tags(Model):
    """What stands in the file; empty fields are left out."""

    title: str = ""
    """Name of the song."""
    artist: str = ""
    """Who plays."""
    album: str = ""
    """Name of the release."""
    album_artist: str = ""
    """Whose release it is, where that is another."""
    track: str = ""
    """Number on the release, such as `3` or `3/11`."""
    date: str = ""
    """Year or day of the release, such as `2026` or `2026-05-01`."""
    genre: str = ""
    """In the person's own words."""
    copyright: str = ""
    """Such as `℗ 2026 …`."""
    comment: str = ""
    """Anything else."""
    isrc: str = ""
    """International Standard Recording Code (ISO 3901), twelve characters."""


class Cover(Model):
    """A picture, as it goes into the file."""

    data: bytes = Field(repr=False)
    """The bytes of a JPEG or PNG."""
    mime: Literal["image/jpeg", "image/png"]
    """What kind of picture it is, told from its bytes."""


def read_isrc(text: str) -> str:
    """Return an ISRC without hyphens, in capitals.

    Raises:
        InputError: If it is none (ISO 3901: country, registrant, year and five digits).
    """
    plain = text.replace("-", "").replace(" ", "").upper()
    if not _ISRC.match(plain):
        raise InputError(
            f"--isrc {text}: no ISRC; it looks like DE-A12-26-00001 (two letters, three signs, seven digits)."
        )
    return plain


def read_cover(path: Path) -> Cover:
    """Read a picture for the files.

    Raises:
        UnreadableFileError: If it cannot be read or is neither JPEG nor PNG.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = f"The cover cannot be read ({error.strerror or error})"
        raise UnreadableFileError(path, reason=reason, advice="Give a JPEG or PNG file.") from error
    for start, mime in _PICTURES.items():
        if data.startswith(start):
            return Cover.model_validate({"data": data, "mime": mime})
    raise UnreadableFileError(path, reason="The cover is neither JPEG nor PNG", advice="Save it as JPEG or PNG.")


def container_tags(tags: Tags, codec: str) -> dict[str, str]:
    """Return the fields under the names that the muxers of FFmpeg's libraries write for this codec."""
    found = {name: value for name, value in tags.model_dump().items() if value}
    isrc = found.pop("isrc", "")
    if isrc and codec == "mp3":
        found["TSRC"] = isrc  # the frame of ID3v2 (id3.org, v2.4)
    elif isrc and codec in ("aac", "alac"):
        found["comment"] = (
            f"{found['comment']}; ISRC {isrc}" if "comment" in found else f"ISRC {isrc}"
        )  # MP4 has no field
    elif isrc:
        found["ISRC"] = isrc  # Vorbis comment, as xiph.org lists it
    return found


def picture_block(cover: Cover) -> str:
    """Return METADATA_BLOCK_PICTURE for Ogg: a FLAC picture block, base64 (RFC 9639, 8.8)."""
    mime = cover.mime.encode("ascii")
    head = struct.pack(">II", _FRONT_COVER, len(mime)) + mime + struct.pack(">IIIIII", 0, 0, 0, 0, 0, len(cover.data))
    return base64.b64encode(head + cover.data).decode("ascii")


def wav_chunks(tags: Tags) -> bytes:
    """Return the chunks of a WAV file: LIST INFO for players, `axml` with the ISRC (EBU Tech 3352) for archives."""
    fields = tags.model_dump()
    rows = b"".join(_padded(name, fields[key].encode("utf-8") + b"\0") for key, name in _INFO.items() if fields[key])
    chunks = _padded(b"LIST", b"INFO" + rows) if rows else b""
    return chunks + (_padded(b"axml", _isrc_xml(tags.isrc).encode("utf-8")) if tags.isrc else b"")


def _isrc_xml(isrc: str) -> str:
    """Return the XML of EBU Tech 3352, 3: the identifier of a recording in ebuCore."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ebuCoreMain xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns="urn:ebu:metadata-schema:ebuCore_2012">\n'
        ' <coreMetadata>\n  <identifier typeLabel="GUID" typeDefinition="Globally Unique Identifier" formatLabel="ISRC" '
        'formatDefinition="International Standard Recording Code">\n'
        f"   <dc:identifier>ISRC:{escape(isrc, quote=False)}</dc:identifier>\n  </identifier>\n </coreMetadata>\n</ebuCoreMain>\n"
    )


def _padded(name: bytes, body: bytes) -> bytes:
    return struct.pack("<4sI", name, len(body)) + body + b"\0" * (len(body) & 1)
