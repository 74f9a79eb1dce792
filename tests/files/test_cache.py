"""The cache: what was put comes back, by content, within its limit, for many at once."""

import errno
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tonmeister.errors import OutputError, UnreadableFileError
from tonmeister.files import cache as cache_module
from tonmeister.files.cache import Cache, hash_file, key_of, open_cache

LONG_AGO = 1_700_000_000

MANY_WRITERS = """
import sys
from pathlib import Path
from tonmeister.files.cache import Cache
cache = Cache(Path(sys.argv[1]), limit_bytes=200_000)
for turn in range(60):
    key = f"key {turn % 7}"
    with cache.put(key) as path:
        path.write_bytes(bytes([turn % 7]) * 10_000)
    found = cache.get(key)
    if found is not None:
        content = found.read_bytes()
        assert content == bytes([turn % 7]) * 10_000, len(content)
"""


def _put(cache: Cache, key: str, size: int) -> None:
    with cache.put(key) as path:
        path.write_bytes(b"x" * size)


def _stop_halfway(cache: Cache, key: str) -> None:
    with cache.put(key) as path:
        path.write_bytes(b"half")
        raise ValueError("stop")


def _age(cache: Cache, key: str, seconds: float) -> None:
    path = cache._path(key)
    os.utime(path, (LONG_AGO - seconds, LONG_AGO - seconds))


def test_what_was_put_comes_back_and_survives(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    assert cache.get("a") is None
    _put(cache, "a", 10)
    found = Cache(tmp_path).get("a")
    assert found is not None
    assert found.read_bytes() == b"x" * 10


def test_a_failed_put_leaves_nothing(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    with pytest.raises(ValueError, match="stop"):
        _stop_halfway(cache, "a")
    assert cache.get("a") is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_json_and_arrays_come_back(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    arrays = {"power": np.arange(6, dtype=np.float32).reshape(2, 3), "count": np.array(3)}
    cache.put_json("a", {"level_db": -12.5, "roles": ["kick"]})
    cache.put_arrays("a", arrays)
    back = cache.get_arrays("a")
    assert cache.get_json("a") == {"level_db": -12.5, "roles": ["kick"]}
    assert back is not None
    assert {name: array.tolist() for name, array in back.items()} == {name: a.tolist() for name, a in arrays.items()}
    assert back["power"].dtype == np.float32


@pytest.mark.parametrize("content", [b"", b"{", b"PK\3\4broken"])
def test_a_damaged_entry_counts_as_absent(tmp_path: Path, content: bytes) -> None:
    cache = Cache(tmp_path)
    for ending in ("json", "npz"):
        with cache.put(f"a.{ending}") as path:
            path.write_bytes(content)
    assert cache.get_json("a") is None
    assert cache.get_arrays("a") is None


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit_bytes=1_000)
    for age, key in enumerate(["new", "middle", "old"]):
        _put(cache, key, 300)
        _age(cache, key, 1_000 * age)
    cache.get("old")  # used again: now the newest
    _put(cache, "fresh", 300)
    assert cache.get("middle") is None
    assert [cache.get(key) is not None for key in ("old", "new", "fresh")] == [True, True, True]


def test_what_is_in_use_is_not_evicted_even_above_the_limit(tmp_path: Path) -> None:
    """A run in another process may be about to open it."""
    cache = Cache(tmp_path, limit_bytes=500)
    for key in "abc":
        _put(cache, key, 400)
    assert [cache.get(key) is not None for key in "abc"] == [True, True, True]


def test_the_limit_is_that_of_the_disk_the_variable_or_the_argument(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk(_: Path) -> object:
        return type("Usage", (), {"free": 6_000})

    monkeypatch.setattr("shutil.disk_usage", disk)
    assert Cache(tmp_path).limit_bytes == 3_000
    assert open_cache(tmp_path, limit_bytes=7).limit_bytes == 7
    monkeypatch.setenv("TONMEISTER_CACHE_GIB", "0.5")
    assert open_cache(tmp_path).limit_bytes == 2**29
    monkeypatch.undo()
    assert Cache(tmp_path).limit_bytes <= 20 * 2**30


def test_many_processes_at_once_see_whole_entries_only(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MANY_WRITERS, str(tmp_path)]
    runs = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(3)]
    errors = [run.communicate()[1].decode() for run in runs]
    assert errors == [""] * 3
    assert [run.returncode for run in runs] == [0] * 3


def test_a_full_disk_stops_what_must_be_kept_but_not_what_only_saves_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    cache.put_json("a", 1)
    with pytest.raises(OutputError, match="The disk is full"):
        _put(cache, "a", 10)
    assert cache.get_json("a") is None


def test_a_hash_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"sound" * 1_000_000)
    assert hash_file(tmp_path / "x") == hashlib.sha256(b"sound" * 1_000_000).hexdigest()
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        Cache(tmp_path / "cache").hash_file(tmp_path / "absent")


def test_a_file_is_hashed_again_only_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache, path = Cache(tmp_path / "cache"), tmp_path / "x"
    path.write_bytes(b"one")
    os.utime(path, (LONG_AGO, LONG_AGO))
    first = cache.hash_file(path)
    monkeypatch.setattr(cache_module, "hash_file", lambda _: "again")
    assert cache.hash_file(path) == first
    path.write_bytes(b"two")  # same size, other time
    os.utime(path, (LONG_AGO + 5, LONG_AGO + 5))
    assert cache.hash_file(path) == "again"


def test_a_file_changed_a_moment_ago_is_not_trusted_to_its_time_stamp(tmp_path: Path) -> None:
    """Two writes within one tick of the clock have one time stamp (git's racy entries)."""
    cache, path = Cache(tmp_path / "cache"), tmp_path / "x"
    path.write_bytes(b"one")
    stamp = time.time_ns()
    os.utime(path, ns=(stamp, stamp))
    first = cache.hash_file(path)
    path.write_bytes(b"two")
    os.utime(path, ns=(stamp, stamp))
    assert cache.hash_file(path) != first


def test_keys_differ_by_every_part_and_not_by_the_order_of_names() -> None:
    assert key_of("a", {"x": 1, "y": 2}) == key_of("a", {"y": 2, "x": 1})
    assert len({key_of("a", 1), key_of("a", 2), key_of("a1"), key_of(["a", 1])}) == 4


def test_what_killed_runs_left_is_removed(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    _put(cache, "a", 10)
    shard = cache._path("a").parent
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    (shard / f".tonmeister-{gone.pid}-0-b").write_bytes(b"half")
    Cache(tmp_path)
    assert [path.name.startswith(".") for path in shard.iterdir()] == [False]


def test_the_folder_is_the_variables_and_clear_empties_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONMEISTER_CACHE", str(tmp_path / "mine"))
    cache = open_cache()
    _put(cache, "a", 10)
    assert cache.folder.is_relative_to(tmp_path / "mine")
    cache.clear()
    assert cache.get("a") is None


def test_a_read_only_home_gets_a_cache_elsewhere_but_a_wish_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.delenv("TONMEISTER_CACHE")
    monkeypatch.setattr(cache_module, "user_cache_dir", lambda _: str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert open_cache().folder.is_relative_to(tmp_path / "tonmeister-cache")
    with pytest.raises(OutputError):
        open_cache(tmp_path / "file")
