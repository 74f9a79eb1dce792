"""Files in the archive of a DAWproject; all that is new has one date, so that the same mix gives the same bytes."""

import shutil
from pathlib import Path
from xml.etree.ElementTree import Element, tostring
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first day that a ZIP archive knows."""
_HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PIECE_BYTES = 1 << 22


def pack_xml(out: ZipFile, entry: ZipInfo, root: Element) -> None:
    """Add an XML file."""
    entry.compress_type = ZIP_DEFLATED
    out.writestr(entry, _HEAD + tostring(root, encoding="utf-8") + b"\n")


def pack_sound(out: ZipFile, name: str, path: Path) -> None:
    """Add a sound file as it is: it hardly shrinks, and packing it would take most of the time."""
    entry = ZipInfo(name, EARLIEST)
    entry.compress_type, entry.file_size = ZIP_STORED, path.stat().st_size
    with path.open("rb") as sound, out.open(entry, "w") as packed:
        shutil.copyfileobj(sound, packed, _PIECE_BYTES)


def copy_entry(archive: ZipFile, entry: ZipInfo, out: ZipFile) -> None:
    """Add a file of another archive, with its own date."""
    made = ZipInfo(entry.filename, entry.date_time)
    made.compress_type, made.external_attr, made.file_size = entry.compress_type, entry.external_attr, entry.file_size
    if entry.is_dir():
        out.writestr(made, b"")
        return
    with archive.open(entry) as source, out.open(made, "w") as target:
        shutil.copyfileobj(source, target, _PIECE_BYTES)
