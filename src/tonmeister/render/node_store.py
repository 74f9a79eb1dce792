"""Nodes that were computed once, kept in the cache: raw float32 blocks without the silent ones, and an index behind them."""

import errno
import mmap
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Samples
from tonmeister.errors import OutputError
from tonmeister.files.cache import Cache

_FOOTER = struct.Struct("<8sIII")
_MAGIC = b"tm-node1"
_PAGE_BYTES = 4096


class StoredNode:
    """Reads a kept node anywhere in song time; silence behind its end."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self._lock = threading.Lock()
        try:
            self.channels, self._block, self._slots = self._read_index(path)
        except BaseException:
            self._file.close()
            raise
        self._direct = _open_directly(path) if 4 * self.channels * self._block % _PAGE_BYTES == 0 else None

    def _read_index(self, path: Path) -> tuple[int, int, NDArray[np.int32]]:
        behind_index = self._file.seek(-_FOOTER.size, os.SEEK_END)
        magic, channels, block, count = _FOOTER.unpack(self._file.read(_FOOTER.size))
        if magic != _MAGIC:
            raise ValueError(path)
        self._file.seek(behind_index - 4 * count)
        return channels, block, np.frombuffer(self._file.read(4 * count), np.int32)

    def read(self, start_frame: int, frames: int) -> Samples | None:
        """Return exactly (channels, frames); None where all of it is silent."""
        if frames == self._block and start_frame % self._block == 0:
            return self._stored(start_frame // self._block)
        out: Samples | None = None
        for index in range(start_frame // self._block, -(-(start_frame + frames) // self._block)):
            block = self._stored(index)
            if block is None:
                continue
            out = np.zeros((self.channels, frames), np.float32) if out is None else out
            offset = index * self._block - start_frame
            first, last = max(0, offset), min(frames, offset + self._block)
            out[:, first:last] = block[:, first - offset : last - offset]
        return out

    def _stored(self, index: int) -> Samples | None:
        if index >= len(self._slots) or self._slots[index] < 0:
            return None
        slot = int(self._slots[index])
        if self._direct is not None:
            size = 4 * self.channels * self._block
            pages = _page_aligned(size)
            if os.preadv(self._direct, [pages.data], slot * size) == size:
                return pages.view(np.float32).reshape(self.channels, self._block)
        out = np.empty((self.channels, self._block), np.float32)
        view, got = out.data.cast("B"), 0
        with self._lock:
            self._file.seek(slot * out.nbytes)
            while got < out.nbytes and (more := self._file.readinto(view[got:])):
                got += more
        if got < out.nbytes:
            raise ValueError("a kept node became shorter")
        return out

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        if self._direct is not None:
            os.close(self._direct)
            self._direct = None


class NodeWriter:
    """Keeps what it hears; gives up quietly when the disk is full, as the cache only saves work.

    Where the system can, it writes past the page cache, and nodes are read so: gigabytes that are seldom read again would
    cost several times the CPU there (measured: 1.2-2.3 against 0.3 ms per MB), and drive the sources out.
    """

    def __init__(self, path: Path, *, channels: int, block_frames: int) -> None:
        self._path, self._channels, self._block = path, channels, block_frames
        self._slots: list[int] = []
        self._used = 0
        self.failed = False
        self._file, self._is_direct = _open_for_writing(path, direct=4 * channels * block_frames % _PAGE_BYTES == 0)

    def take(self, start_frame: int, frames: int, block: Samples | None) -> None:
        """Append the next block."""
        if block is None or self.failed:
            self._slots.append(-1)
            return
        self._slots.append(self._used)
        self._used += 1
        try:
            self._write(block)
        except OSError:
            self.failed = True

    def _write(self, block: Samples) -> None:
        rest = _aligned_copy(block) if self._is_direct else block.data.cast("B")
        while rest:
            rest = rest[os.write(self._file, rest) :]

    def finish(self) -> None:
        """Write the index.

        Raises:
            OSError: If the node could not be written.
        """
        self.close()
        if self.failed:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        while self._slots and self._slots[-1] < 0:
            self._slots.pop()
        with self._path.open("ab") as file:
            file.write(np.array(self._slots, np.int32).tobytes())
            file.write(_FOOTER.pack(_MAGIC, self._channels, self._block, len(self._slots)))

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


_scratch = threading.local()


def _aligned_copy(block: Samples) -> memoryview:
    """Return the bytes of a block at the start of a page, as direct writing wants them; good until the next call."""
    store: mmap.mmap | None = getattr(_scratch, "store", None)
    if store is None or len(store) < block.nbytes:
        store = _scratch.store = mmap.mmap(-1, block.nbytes)
    view = memoryview(store)[: block.nbytes]
    np.copyto(np.frombuffer(view, np.float32).reshape(block.shape), block)
    return view


def _page_aligned(size: int) -> NDArray[np.uint8]:
    """Return fresh bytes that begin at a page, as direct reading wants them."""
    store = np.empty(size + _PAGE_BYTES, np.uint8)
    first = -store.ctypes.data % _PAGE_BYTES
    return store[first : first + size]


def _open_directly(path: Path) -> int | None:
    """Open a file past the page cache; None where that is not possible."""
    if not (hasattr(os, "O_DIRECT") and hasattr(os, "preadv")):
        return None
    with suppress(OSError):
        return os.open(path, os.O_RDONLY | os.O_DIRECT)
    return None


def _open_for_writing(path: Path, *, direct: bool) -> tuple[int, bool]:
    flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)
    if direct and hasattr(os, "O_DIRECT"):
        with suppress(OSError):  # some file systems refuse
            return os.open(path, flags | os.O_DIRECT, 0o666), True
    return os.open(path, flags, 0o666), False


class NodeStore:
    """Finds kept nodes by their hash, and keeps more of them; holds files open until closed."""

    def __init__(self, cache: Cache | None) -> None:
        self._cache = cache
        self._open: dict[str, StoredNode] = {}

    def find(self, mark: str) -> StoredNode | None:
        """Return a kept node, or None."""
        if self._cache is None:
            return None
        path = self._cache.get(_key(mark))  # also marks it as just used
        if mark not in self._open and path is not None:
            with suppress(OSError, ValueError, struct.error):
                self._open[mark] = StoredNode(path)
        return self._open.get(mark)

    def is_seen_again(self, mark: str) -> bool:
        """Say whether this was asked about a node before, and remember that it was."""
        if self._cache is None or self._cache.get_json(_key(mark)) is not None:
            return True
        self._cache.put_json(_key(mark), "computed")
        return False

    def room_bytes(self) -> int:
        """Return how much may be kept for one mix."""
        return 0 if self._cache is None else self._cache.limit_bytes * 8 // 10

    @contextmanager
    def keep(self, mark: str, *, channels: int, block_frames: int) -> Iterator[NodeWriter]:
        """Give a writer; the node is kept when the block ends well, and forgotten otherwise."""
        if self._cache is None:
            raise ValueError("there is no cache")
        with self._cache.put(_key(mark)) as path:
            writer = NodeWriter(path, channels=channels, block_frames=block_frames)
            try:
                yield writer
                writer.finish()
            finally:
                writer.close()

    def close(self) -> None:
        """Close all files."""
        for node in self._open.values():
            node.close()
        self._open.clear()


class Keeping:
    """Writes several nodes at once; what cannot be written is not kept, and nothing is when the render fails."""

    def __init__(self, store: NodeStore, *, block_frames: int) -> None:
        self._store, self._block = store, block_frames
        self._stacks: list[ExitStack] = []

    @property
    def is_busy(self) -> bool:
        """Whether anything is written."""
        return bool(self._stacks)

    def listener(self, mark: str, *, channels: int) -> NodeWriter | None:
        """Return what keeps a node; None where the cache cannot be written."""
        stack = ExitStack()
        try:
            writer = stack.enter_context(self._store.keep(mark, channels=channels, block_frames=self._block))
        except (OSError, OutputError):
            return None
        self._stacks.append(stack)
        return writer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stack in self._stacks:
            with suppress(OSError, OutputError):
                if kind is None:
                    stack.close()
                else:
                    _forget(stack, error)


def _forget(stack: ExitStack, error: BaseException | None) -> None:
    """Leave the contexts as on failure, without raising again."""
    with suppress(BaseException):
        stack.__exit__(type(error) if error else None, error, None)


def _key(mark: str) -> str:
    return f"node-{mark}"
