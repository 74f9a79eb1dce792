"""Session files from strangers: what kind each is, and its text without bombs, entities and ways out of the archive.

A session is XML, text, or a ZIP or gzip of that. What is unpacked is counted while it is unpacked, never believed beforehand.
"""

import gzip
import io
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Protocol
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tonmeister.errors import InputError

LARGEST_TEXT_BYTES = 512 << 20
"""Largest session text; the largest real ones are a tenth of that."""
LARGEST_MEDIA_BYTES = 16 << 30
"""Largest sound inside an archive: six hours of stereo float at 96 kHz."""
LARGEST_RATIO = 400.0
"""Most that text may shrink in an archive; XML of real sessions shrinks to a twentieth, a bomb to a thousandth."""
RATIO_COUNTS_FROM_BYTES = 32 << 20
"""Below this size nothing is a bomb, however well it shrinks."""
MEDIA_RATIO_COUNTS_FROM_BYTES = 1 << 30
"""The same for sound: silence shrinks to a thousandth, but nobody keeps an hour of it."""
MOST_MEMBERS = 100_000
"""Most files in an archive."""
COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How an AAF file begins: the container of old Office files."""
_PIECE_BYTES = 1 << 20


class _Reads(Protocol):
    """What gives bytes piece by piece."""

    def read(self, size: int, /) -> bytes:
        """Return up to that many bytes; none at the end."""
        ...


class SessionError(InputError):
    """A session that cannot be used; the sentence says what, where and what to do."""

    def __init__(self, path: Path, reason: str, advice: str) -> None:
        super().__init__(f"{path}: {reason}. {advice}")
        self.path, self.reason, self.advice = path, reason, advice


def read_text_bytes(path: Path) -> bytes:
    """Return the bytes of a session file that is no archive.

    Raises:
        SessionError: If it cannot be read or is too large.
    """
    try:
        if path.stat().st_size > LARGEST_TEXT_BYTES:
            raise SessionError(path, f"It is larger than {LARGEST_TEXT_BYTES >> 20} MiB", _NO_SESSION)
        return path.read_bytes()
    except OSError as error:
        raise SessionError(path, f"It cannot be read ({error.strerror or error})", _IS_IT_THERE) from error


def read_gzip(path: Path) -> bytes:
    """Return what a gzip file holds.

    Raises:
        SessionError: If it breaks off, is damaged, or is a bomb.
    """
    try:
        with gzip.open(path) as file:
            return _read_limited(file, path, packed_bytes=path.stat().st_size)
    except EOFError as error:
        raise SessionError(path, "It breaks off before its end", _COPY_AGAIN) from error
    except (OSError, zlib.error) as error:
        raise SessionError(path, "It is damaged: its packed text cannot be unpacked", _COPY_AGAIN) from error


def open_zip(path: Path) -> zipfile.ZipFile:
    """Return an archive whose list of files is sane.

    Raises:
        SessionError: If it is no archive, or names files outside itself.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise SessionError(path, "It is no whole ZIP archive", _COPY_AGAIN) from error
    names = archive.namelist()
    if len(names) > MOST_MEMBERS:
        archive.close()
        raise SessionError(path, f"It holds more than {MOST_MEMBERS:_} files", _NO_SESSION)
    outside = next((name for name in names if not is_inside(name)), None)
    if outside is not None:
        archive.close()
        raise SessionError(
            path, f"It names a file outside itself ({outside[:80]!r})", "Do not trust it; ask where it is from."
        )
    return archive


def read_member(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    """Return the bytes of a text in an archive.

    Raises:
        SessionError: If it is not there, damaged, locked with a password, or a bomb.
    """
    try:
        packed = archive.getinfo(name).compress_size
        with archive.open(name) as file:
            return _read_limited(file, path, packed_bytes=packed)
    except KeyError as error:
        raise SessionError(path, f"It holds no {name}", _NO_SESSION) from error
    except RuntimeError as error:
        raise SessionError(path, f"Its {name} is locked with a password", "Unlock it in the DAW first.") from error
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise SessionError(path, f"Its {name} is damaged", _COPY_AGAIN) from error


def copy_member(archive: zipfile.ZipFile, name: str, to: IO[bytes], path: Path) -> None:
    """Write a sound of an archive to an open file.

    Raises:
        SessionError: If it is damaged or unpacks to far more than it may.
    """
    try:
        with archive.open(name) as file:
            total, packed = 0, archive.getinfo(name).compress_size
            while piece := file.read(_PIECE_BYTES):
                total += len(piece)
                _check_size(total, packed, path, LARGEST_MEDIA_BYTES, ratio_from=MEDIA_RATIO_COUNTS_FROM_BYTES)
                to.write(piece)
    except KeyError as error:
        raise SessionError(path, f"It holds no {name}", _COPY_AGAIN) from error
    except (RuntimeError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise SessionError(path, f"Its {name} is damaged", _COPY_AGAIN) from error


def is_inside(name: str) -> bool:
    """Say whether a name in an archive stays inside it: no way up, no root, no drive, no NUL."""
    plain = name.replace("\\", "/")
    return not (
        plain.startswith("/") or "\0" in plain or plain[1:2] == ":" or ".." in PurePosixPath(plain).parts or not plain
    )


def parse_xml(data: bytes, path: Path, *, what: str) -> Element:
    """Return the root of XML without entities and outside references.

    Raises:
        SessionError: If it is not whole, or holds what no session needs.
    """
    try:
        return fromstring(data, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise SessionError(
            path, f"Its {what} holds entities, which no DAW writes", "Do not trust it; ask where it is from."
        ) from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise SessionError(path, f"Its {what} is no whole XML ({str(error)[:80]})", _COPY_AGAIN) from error


def head_of(path: Path) -> bytes:
    """Return the first bytes of a file; none where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(512)
    except OSError:
        return b""


def text_of(data: bytes) -> str:
    """Return text whatever its encoding: UTF-8 where it is, else one byte a letter, so that nothing is lost."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _read_limited(file: _Reads, path: Path, *, packed_bytes: int) -> bytes:
    out = io.BytesIO()
    while piece := file.read(_PIECE_BYTES):
        _check_size(out.tell() + len(piece), packed_bytes, path, LARGEST_TEXT_BYTES, ratio_from=RATIO_COUNTS_FROM_BYTES)
        out.write(piece)
    return out.getvalue()


def _check_size(total: int, packed: int, path: Path, limit: int, *, ratio_from: int) -> None:
    is_bomb = total > ratio_from and total > LARGEST_RATIO * max(packed, 1)
    if total > limit or is_bomb:
        raise SessionError(
            path, "It unpacks to far more than a session can be", "Do not trust it; ask where it is from."
        )


_NO_SESSION = "Give a session that a DAW saved."
_IS_IT_THERE = "Check that it is there and that you may read it."
_COPY_AGAIN = "Copy it again from where it came, or save it anew in the DAW."
