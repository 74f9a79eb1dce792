"""Arrays from a checkpoint of TensorFlow, read without it: an index that is a table of strings, and one file of raw numbers.

The index is a LevelDB table (its `table_format.md`): blocks of entries that share prefixes, a footer that says where the block
of blocks is. Each entry's value is a BundleEntryProto (`tensor_bundle.proto`): type, shape, place and length.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_MAGIC = 0xDB4775248B80FB57
_FOOTER_BYTES, _TRAILER_BYTES = 48, 5
_FLOAT32 = 1


def read_tensors(prefix: Path) -> dict[str, NDArray[np.float32]]:
    """Return the float32 arrays of a checkpoint of one part, by name; `prefix` is its path without endings.

    Raises:
        OSError: If a file of it is missing.
        ValueError: If it is no such checkpoint.
    """
    index = prefix.with_name(prefix.name + ".index").read_bytes()
    data = prefix.with_name(prefix.name + ".data-00000-of-00001")
    if len(index) < _FOOTER_BYTES or struct.unpack("<Q", index[-8:])[0] != _MAGIC:
        raise ValueError(f"{prefix}: not the index of a checkpoint")
    numbers = np.memmap(data, np.uint8, "r")
    _, at = _handle(index, len(index) - _FOOTER_BYTES)
    (start, size), _ = _handle(index, at)
    out = {}
    for _, place in _entries(index, start, size):
        (first, length), _ = _handle(place, 0)
        for name, value in _entries(index, first, length):
            entry = _whole_numbers(value)
            if name and entry.get(1) == _FLOAT32:
                sizes = [part for shape in _parts(value, 2) for part in _parts(shape, 2)]
                first_byte, count = entry.get(4, 0), entry.get(5, 0)
                line = np.frombuffer(numbers[first_byte : first_byte + count].tobytes(), "<f4")
                out[name.decode()] = line.reshape([_whole_numbers(size).get(1, 0) for size in sizes])
    return out


def _varint(text: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = text[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _handle(text: bytes, at: int) -> tuple[tuple[int, int], int]:
    """Return offset and size of a block, and where the handle ends."""
    offset, at = _varint(text, at)
    size, at = _varint(text, at)
    return (offset, size), at


def _entries(index: bytes, start: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Give the entries of a block that is not packed."""
    if index[start + size] != 0:
        raise ValueError("a packed block in the index of a checkpoint")
    block = index[start : start + size]
    end = size - 4 - 4 * struct.unpack("<I", block[-4:])[0]
    at, key = 0, b""
    while at < end:
        shared, at = _varint(block, at)
        rest, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + rest]
        at += rest
        yield key, block[at : at + length]
        at += length


def _pairs(text: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Give number and value of each field of a message."""
    at = 0
    while at < len(text):
        tag, at = _varint(text, at)
        value: int | bytes
        if tag & 7 == 0:
            value, at = _varint(text, at)
        elif tag & 7 == 2:
            length, at = _varint(text, at)
            value, at = text[at : at + length], at + length
        else:
            width = 8 if tag & 7 == 1 else 4
            value, at = int.from_bytes(text[at : at + width], "little"), at + width
        yield tag >> 3, value


def _whole_numbers(text: bytes) -> dict[int, int]:
    return {number: value for number, value in _pairs(text) if isinstance(value, int)}


def _parts(text: bytes, number: int) -> list[bytes]:
    """Return the messages that stand in a field."""
    return [value for field, value in _pairs(text) if field == number and isinstance(value, bytes)]
