"""What was worked out once: files under the hash of what they were made from, in the platform's cache folder."""

import hashlib
import io
import json
import os
import shutil
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_dir

from tonmeister.errors import OutputError, UnreadableFileError
from tonmeister.files.atomic import output_error, output_errors, remove_stale, temporary_name

FOLDER_VARIABLE = "TONMEISTER_CACHE"
LIMIT_VARIABLE = "TONMEISTER_CACHE_GIB"
DEFAULT_LIMIT_BYTES = 20 * 2**30
KEEP_S = 600.0
"""What was used so recently is not evicted: a run in another process may be about to open it."""
_LAYOUT = "v1"
_PIECE_BYTES = 4 << 20  # hashed without the interpreter's lock, so that small pieces would wait for whoever holds it
_MEMO_SETTLED_NS = 2_000_000_000  # a file changed less than 2 s ago may change again within one tick of its time stamp


def key_of(*parts: object) -> str:
    """Return the key of a result: a hash of everything it was made from (JSON values)."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes.

    Raises:
        UnreadableFileError: If the file cannot be read.
    """
    try:
        digest, piece = hashlib.sha256(), memoryview(bytearray(_PIECE_BYTES))
        with path.open("rb", buffering=0) as file:
            while size := file.readinto(piece):
                digest.update(piece[:size])
        return digest.hexdigest()
    except OSError as error:
        reason = f"It cannot be read ({error.strerror or error})"
        raise UnreadableFileError(
            path, reason=reason, advice="Check that it is there and that you may read it."
        ) from error


def _hash_key(path: Path) -> str:
    return key_of("hash", str(path.absolute()))


def _mark(stat: os.stat_result) -> list[int]:
    """Return what changes when a file does."""
    return [stat.st_size, stat.st_mtime_ns, stat.st_ino]


class Cache:
    """Files by key, at most `limit_bytes` of them; the least recently used go first. Safe for many processes and threads."""

    def __init__(self, folder: Path, *, limit_bytes: int | None = None) -> None:
        self.folder = folder / _LAYOUT
        self._lock = threading.Lock()
        with output_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        self._used_bytes = sum(size for _, size, _ in self._entries())
        self.limit_bytes = limit_bytes if limit_bytes is not None else self._default_limit()

    def get(self, key: str) -> Path | None:
        """Return the file of a key and mark it as just used; None if it is not there."""
        path = self._path(key)
        try:
            os.utime(path)
        except FileNotFoundError:
            return None
        except OSError:
            return path if path.is_file() else None
        return path

    @contextmanager
    def put(self, key: str) -> Iterator[Path]:
        """Give a path to write to; it becomes the file of the key at the end, or vanishes if anything goes wrong.

        Raises:
            OutputError: If the cache's disk is full or not writable.
        """
        path = self._path(key)
        temporary = temporary_name(path)
        try:
            with output_errors(path):
                path.parent.mkdir(exist_ok=True)
                yield temporary
                size = temporary.stat().st_size
                _replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        with self._lock:
            self._used_bytes += size
            if self._used_bytes > self.limit_bytes:
                self._evict()

    def get_json(self, key: str) -> Any:
        """Return a JSON value; None if it is not there."""
        path = self.get(f"{key}.json")
        with suppress(OSError, ValueError):
            return None if path is None else json.loads(path.read_bytes())
        return None

    def put_json(self, key: str, value: Any) -> None:
        """Keep a JSON value; a full disk is no error, as a cache only saves work."""
        with suppress(OSError, OutputError), self.put(f"{key}.json") as path:
            path.write_bytes(json.dumps(value, sort_keys=True, separators=(",", ":")).encode())

    def get_arrays(self, key: str) -> dict[str, NDArray[Any]] | None:
        """Return named arrays; None if they are not there."""
        path = self.get(f"{key}.npz")
        with suppress(OSError, ValueError, EOFError, zipfile.BadZipFile):
            if path is not None:
                with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
                    return {name: file[name] for name in file.files}
        return None

    def put_arrays(self, key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep named arrays; a full disk is no error, as a cache only saves work."""
        with suppress(OSError, OutputError), self.put(f"{key}.npz") as path, path.open("wb") as file:
            np.savez(file, **cast("dict[str, Any]", dict(arrays)))

    def knows(self, path: Path) -> bool:
        """Say whether the bytes of this file need not be read to know their hash."""
        try:
            return self._recall_hash(path, path.stat()) is not None
        except OSError:
            return False

    def hash_file(self, path: Path) -> str:
        """Return the SHA-256 of a file's bytes; one that has not changed since (size, time, inode) is not read again.

        Raises:
            UnreadableFileError: If the file cannot be read.
        """
        try:
            stat = path.stat()
        except OSError:
            return hash_file(path)  # says why
        known = self._recall_hash(path, stat)
        if known is not None:
            return known
        digest = hash_file(path)
        if time.time_ns() - stat.st_mtime_ns > _MEMO_SETTLED_NS:
            self.put_json(_hash_key(path), {"stat": _mark(stat), "sha256": digest})
        return digest

    def _recall_hash(self, path: Path, stat: os.stat_result) -> str | None:
        memo = self.get_json(_hash_key(path))
        return str(memo["sha256"]) if isinstance(memo, dict) and memo.get("stat") == _mark(stat) else None

    def clear(self) -> None:
        """Remove everything."""
        with self._lock:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True, exist_ok=True)
            self._used_bytes = 0

    def _path(self, key: str) -> Path:
        name = hashlib.sha256(key.encode()).hexdigest()
        return self.folder / name[:2] / name[2:]

    def _default_limit(self) -> int:
        free = shutil.disk_usage(self.folder).free
        return min(DEFAULT_LIMIT_BYTES, (free + self._used_bytes) // 2)

    def _entries(self) -> list[tuple[float, int, str]]:
        found = []
        with suppress(OSError):
            for shard in os.scandir(self.folder):
                remove_stale(Path(shard.path))
                with suppress(OSError):
                    found += [_entry(entry) for entry in os.scandir(shard.path) if not entry.name.startswith(".")]
        return sorted(entry for entry in found if entry is not None)

    def _evict(self) -> None:
        entries = self._entries()
        used = sum(size for _, size, _ in entries)
        newest_to_go = time.time() - KEEP_S
        for used_at, size, path in entries:
            if used <= self.limit_bytes * 9 // 10 or used_at > newest_to_go:
                break
            with suppress(OSError):
                Path(path).unlink()
                used -= size
        self._used_bytes = used


def _replace(temporary: Path, path: Path) -> None:
    try:
        temporary.replace(path)
    except PermissionError:  # Windows, while someone reads the entry: it holds the same
        if not path.exists():
            raise
        temporary.unlink()


def _entry(entry: os.DirEntry[str]) -> tuple[float, int, str] | None:
    try:
        stat = entry.stat()
    except OSError:
        return None  # another process was faster
    return stat.st_mtime, stat.st_size, entry.path


def open_cache(folder: Path | None = None, *, limit_bytes: int | None = None) -> Cache:
    """Open the cache: the folder given, else TONMEISTER_CACHE, else the platform's; at most TONMEISTER_CACHE_GIB.

    Where the platform's folder cannot be written (a read-only home), a folder for temporary files serves.

    Raises:
        OutputError: If a folder that was asked for cannot be written.
    """
    asked = folder or (Path(named) if (named := os.environ.get(FOLDER_VARIABLE)) else None)
    if limit_bytes is None and (gib := os.environ.get(LIMIT_VARIABLE)):
        limit_bytes = int(float(gib) * 2**30)
    if asked is not None:
        return _checked(Cache(asked, limit_bytes=limit_bytes))
    try:
        return _checked(Cache(Path(user_cache_dir("tonmeister")), limit_bytes=limit_bytes))
    except OutputError:
        return Cache(Path(tempfile.gettempdir()) / "tonmeister-cache", limit_bytes=limit_bytes)


def _checked(cache: Cache) -> Cache:
    try:
        with tempfile.TemporaryFile(dir=cache.folder):
            return cache
    except OSError as error:
        raise output_error(cache.folder, error) from error
