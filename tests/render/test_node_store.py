"""Nodes kept on disk."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sounds import noise
from tonmeister.files.cache import Cache
from tonmeister.render.node_store import NodeStore

BLOCK = 64


def test_a_kept_node_reads_the_same_anywhere(tmp_path: Path) -> None:
    blocks = noise(duration_s=6 * BLOCK / 48_000, channels=2).samples
    blocks[:, BLOCK : 3 * BLOCK] = 0
    store = NodeStore(Cache(tmp_path))
    with store.keep("n", channels=2, block_frames=BLOCK) as writer:
        for start in range(0, 6 * BLOCK, BLOCK):
            block = np.ascontiguousarray(blocks[:, start : start + BLOCK])
            writer.take(start, BLOCK, block if block.any() else None)
    node = store.find("n")
    assert node is not None
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 5 * BLOCK * 8

    @settings(max_examples=50, deadline=None)
    @given(start=st.integers(0, 8 * BLOCK), frames=st.integers(1, 4 * BLOCK))
    def reads(start: int, frames: int) -> None:
        expected = np.zeros((2, frames), np.float32)
        there = blocks[:, start : start + frames]
        expected[:, : there.shape[1]] = there
        found = node.read(start, frames)
        assert np.array_equal(np.zeros_like(expected) if found is None else found, expected)

    reads()
    store.close()


def test_what_breaks_off_is_not_kept(tmp_path: Path) -> None:
    store = NodeStore(Cache(tmp_path))
    with pytest.raises(KeyError), store.keep("n", channels=1, block_frames=BLOCK) as writer:  # noqa: PT012 - both lines are one failed write
        writer.take(0, BLOCK, np.ones((1, BLOCK), np.float32))
        raise KeyError
    assert store.find("n") is None


def test_a_damaged_file_is_no_node(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    store = NodeStore(cache)
    with store.keep("n", channels=1, block_frames=BLOCK) as writer:
        writer.take(0, BLOCK, np.ones((1, BLOCK), np.float32))
    for path in tmp_path.rglob("*"):
        if path.is_file():
            path.write_bytes(b"short")
    assert NodeStore(cache).find("n") is None
