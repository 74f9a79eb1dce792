"""A file is complete under its name, or it is not there: full disks, missing rights, killed writers."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sounds import noise
from tonmeister.errors import OutputError
from tonmeister.files.atomic import (
    is_running,
    output_error,
    output_errors,
    remove_stale,
    temporary_file,
    write_atomically,
    write_text,
    writer_of,
)
from tonmeister.files.encode import write_encoded
from tonmeister.files.output_folder import OutputFolder
from tonmeister.files.wav import write_wav

KILLED_WRITER = """
import sys, time
from pathlib import Path
from tonmeister.files.atomic import write_atomically
with write_atomically(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    print("writing", flush=True)
    time.sleep(60)
"""


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _interrupt(path: Path, error: type[BaseException]) -> None:
    with write_atomically(path) as file:
        file.write(b"after")
        raise error


def _write_result(folder: Path, sound: bytes) -> None:
    with OutputFolder(folder) as out:
        out.write_text("mix.json", '{"new": 1}')
        out.path("mix.wav").write_bytes(sound)


def test_a_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("before")
    with write_atomically(path) as file:
        file.write(b"after")
        assert path.read_text() == "before"
    assert path.read_text() == "after"
    assert _names(tmp_path) == ["x.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_what_was_there(tmp_path: Path, error: type[BaseException]) -> None:
    write_text(tmp_path / "x.txt", "before")
    with pytest.raises(error):
        _interrupt(tmp_path / "x.txt", error)
    assert (tmp_path / "x.txt").read_text() == "before"
    assert _names(tmp_path) == ["x.txt"]


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, "The disk is full"),
        (errno.EDQUOT, "The disk is full"),
        (errno.EACCES, "There is no permission to write here"),
        (errno.EROFS, "There is no permission to write here"),
        (errno.ENOTDIR, "A file or folder is in the way"),
        (errno.ENOENT, "Its folder does not exist"),
        (errno.EIO, f"It cannot be written ({os.strerror(errno.EIO)})"),
    ],
)
def test_each_failure_has_its_sentence(number: int, reason: str) -> None:
    error = output_error(Path("x"), OSError(number, os.strerror(number)))
    assert error.reason == reason
    assert error.advice.endswith(".")


def test_a_write_that_finds_the_disk_full_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="The disk is full"):
        write_wav(tmp_path / "x.wav", noise(duration_s=0.1))
    assert _names(tmp_path) == []


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a real file system of 256 KiB; only root can."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can mount a tiny disk")
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this system does not let root mount")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_really_full_is_said_and_left_clean(tiny_disk: Path) -> None:
    long = noise(duration_s=8, channels=2)
    with pytest.raises(OutputError, match="The disk is full"):
        write_wav(tiny_disk / "x.wav", long)
    with pytest.raises(OutputError, match="The disk is full"):
        write_encoded(tiny_disk / "x.flac", [long.samples], sample_rate_hz=48_000, channels=2, codec="flac")
    with OutputFolder(tiny_disk / "out") as out:
        out.write_text("mix.json", "{}")
    with pytest.raises(OutputError, match="The disk is full"):
        _write_result(tiny_disk / "out", bytes(500_000))
    assert _names(tiny_disk) == ["out"]
    assert _names(tiny_disk / "out") == [".tonmeister.json", "mix.json"]
    assert (tiny_disk / "out" / "mix.json").read_text() == "{}"


@pytest.mark.parametrize("where", ["absent/x.wav", "file/x.wav"])
def test_a_place_that_is_no_folder_is_said(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError) as caught:
        write_wav(tmp_path / where, noise(duration_s=0.1))
    assert caught.value.path == tmp_path / where


def test_errors_of_other_places_pass(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), output_errors(tmp_path / "out" / "x.wav"):
        (tmp_path / "elsewhere" / "deep" / "source.wav").read_bytes()


def test_a_killed_writer_leaves_nothing_visible_and_the_next_run_cleans_up(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    with subprocess.Popen(
        [sys.executable, "-c", KILLED_WRITER, str(path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        assert remove_stale(tmp_path) == 0  # it lives: hands off
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    (left,) = _names(tmp_path)
    assert writer_of(left) == writer.pid
    assert left.startswith(".")
    assert remove_stale(tmp_path) == 1
    assert _names(tmp_path) == []


def test_only_our_own_names_are_cleaned_up(tmp_path: Path) -> None:
    for name in (".tonmeister.json", ".tonmeister-notes", "x.wav", ".tonmeister-99x-1-x.wav"):
        (tmp_path / name).touch()
    assert remove_stale(tmp_path) == 0


def test_a_process_is_found_while_it_lives() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert is_running(process.pid)
        process.communicate(b"\n")
    assert not is_running(process.pid)
    assert is_running(os.getpid())


def test_another_program_may_write_the_hidden_path(tmp_path: Path) -> None:
    with temporary_file(tmp_path / "x.bin") as hidden:
        assert hidden.suffix == ".bin"  # programs go by the ending
        hidden.write_bytes(b"1")
    assert (tmp_path / "x.bin").read_bytes() == b"1"
