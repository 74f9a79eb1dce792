"""A checkpoint written byte by byte as its format says is read back."""

import struct
from pathlib import Path

import numpy as np
import pytest

from tonmeister.processing.tensor_bundle import read_tensors


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def message(number: int, text: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(text)) + text


def entry(array: np.ndarray, offset: int) -> bytes:
    """Type, shape, place, length, and a checksum that nobody reads."""
    shape = b"".join(message(2, varint(1 << 3) + varint(size)) for size in array.shape)
    numbers = [(1, 1), (4, offset), (5, array.nbytes)]
    return (
        b"".join(varint(n << 3) + varint(v) for n, v in numbers) + message(2, shape) + varint(6 << 3 | 5) + b"\0\0\0\0"
    )


def block(pairs: list[tuple[bytes, bytes]]) -> bytes:
    """Entries of which each repeats as much of the last key as it can."""
    out, last = b"", b""
    for key, value in pairs:
        shared = next((i for i, (a, b) in enumerate(zip(key, last, strict=False)) if a != b), min(len(key), len(last)))
        out += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        last = key
    return out + struct.pack("<II", 0, 1)


def write_checkpoint(prefix: Path, arrays: dict[str, np.ndarray]) -> None:
    offset, pairs = 0, [(b"", b"\x08\x01")]
    for name, array in sorted(arrays.items()):
        pairs.append((name.encode(), entry(array, offset)))
        offset += array.nbytes
    entries = block(pairs)
    places = block([(b"z", varint(0) + varint(len(entries)))])
    at = len(entries) + 5
    footer = (varint(0) + varint(0) + varint(at) + varint(len(places))).ljust(40, b"\0")
    index = entries + b"\0" * 5 + places + b"\0" * 5 + footer + struct.pack("<Q", 0xDB4775248B80FB57)
    prefix.with_name(prefix.name + ".index").write_bytes(index)
    data = b"".join(array.tobytes() for _, array in sorted(arrays.items()))
    prefix.with_name(prefix.name + ".data-00000-of-00001").write_bytes(data)


def test_arrays_come_back_by_name_with_their_shape(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    arrays = {
        "conv2d/bias": rng.standard_normal(3).astype(np.float32),
        "conv2d/kernel": rng.standard_normal((5, 5, 2, 40)).astype(np.float32),
        "conv2d_1/kernel": rng.standard_normal((2, 1)).astype(np.float32),
    }
    write_checkpoint(tmp_path / "model", arrays)
    found = read_tensors(tmp_path / "model")
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.index").write_bytes(b"no table" * 20)
    (tmp_path / "model.data-00000-of-00001").write_bytes(b"0000")
    with pytest.raises(ValueError, match="not the index"):
        read_tensors(tmp_path / "model")
