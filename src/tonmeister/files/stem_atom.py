"""The `stem` atom of a stem file (MP4 with the finished mix and four stems): their names, as JSON under moov/udta."""

import json
import struct
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_LARGEST_ATOM_BYTES = 1 << 20


def read_stem_names(path: Path) -> tuple[str, ...]:
    """Return the names of the stems, in the order of streams 1, 2, …; empty if the file has no such atom."""
    with suppress(OSError, ValueError, KeyError, TypeError, struct.error), path.open("rb") as file:
        size = file.seek(0, 2)
        place = _find(file, [b"moov", b"udta", b"stem"], 0, size)
        if place is not None and place[1] - place[0] <= _LARGEST_ATOM_BYTES:
            file.seek(place[0])
            stems = json.loads(file.read(place[1] - place[0]))["stems"]
            return tuple(str(stem.get("name") or f"Stem {number}") for number, stem in enumerate(stems, 1))
    return ()


def _find(file: BinaryIO, names: list[bytes], start: int, end: int) -> tuple[int, int] | None:
    """Return where the body of the nested atom lies, from byte to byte."""
    here = start
    while here + 8 <= end:
        file.seek(here)
        length, name = struct.unpack(">I4s", file.read(8))
        head = 8
        if length == 1:
            length, head = struct.unpack(">Q", file.read(8))[0], 16
        elif length == 0:
            length = end - here
        if length < head:
            return None
        if name == names[0]:
            body = (here + head, min(here + length, end))
            found = body if len(names) == 1 else _find(file, names[1:], *body)
            if found is not None:  # there may be several udta
                return found
        here += length
    return None
