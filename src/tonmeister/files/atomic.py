"""All or nothing: a file is complete under its name, or it is not there."""

import errno
import itertools
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tonmeister.errors import OutputError

_TEMPORARY = ".tonmeister-"
_counter = itertools.count()

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_IN_THE_WAY = (errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ENOTEMPTY)


def output_error(path: Path, error: OSError) -> OutputError:
    """Return the sentence for a failed write: full disk, no rights, no folder."""
    if error.errno in _FULL:
        advice = "Free some space and run it again; what was there before is unchanged."
        return OutputError(path, reason="The disk is full", advice=advice)
    if error.errno in _FORBIDDEN:
        advice = "Choose a folder that you may write to."
        return OutputError(path, reason="There is no permission to write here", advice=advice)
    if error.errno in _IN_THE_WAY:
        return OutputError(path, reason="A file or folder is in the way", advice="Choose another name or folder.")
    if error.errno == errno.ENOENT:
        return OutputError(path, reason="Its folder does not exist", advice="Make the folder or choose another one.")
    return OutputError(
        path, reason=f"It cannot be written ({error.strerror or error})", advice="Choose another folder."
    )


@contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turn errors of writing at that place into OutputError; errors that name other places pass."""
    try:
        yield
    except OSError as error:
        if error.filename is not None and not _is_near(Path(os.fsdecode(error.filename)), path):
            raise
        raise output_error(path, error) from error


def _is_near(place: Path, path: Path) -> bool:
    place, path = place.absolute(), path.absolute()
    return place == path or path.parent in place.parents or place in path.parents


def temporary_name(path: Path) -> Path:
    """Return a hidden name beside the path that says which process writes it."""
    return path.with_name(f"{_TEMPORARY}{os.getpid()}-{next(_counter)}-{path.name}")


def is_running(pid: int) -> bool:
    """Return whether a process of this id lives on this machine."""
    if sys.platform == "win32":
        return _is_running_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it lives, but belongs to someone else
    return True


def _is_running_windows(pid: int) -> bool:
    import ctypes  # noqa: PLC0415 - Windows only; there os.kill(pid, 0) would end the process

    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]  # exists on Windows only
    handle = kernel.OpenProcess(0x1000, 0, pid)
    if not handle:
        return False
    code = ctypes.c_ulong()
    kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return code.value == 259  # STILL_ACTIVE


def writer_of(name: str) -> int | None:
    """Return the process id inside a temporary name; None if it is none of ours."""
    if not name.startswith(_TEMPORARY):
        return None
    pid = name.removeprefix(_TEMPORARY).split("-", 1)[0]
    return int(pid) if pid.isdigit() else None


def remove_stale(folder: Path) -> int:
    """Remove what killed runs left in a folder; return how many files went."""
    removed = 0
    with suppress(OSError):
        for entry in list(os.scandir(folder)):
            pid = writer_of(entry.name)
            if pid is not None and entry.is_file(follow_symlinks=False) and not is_running(pid):
                with suppress(OSError):
                    Path(entry.path).unlink()
                    removed += 1
    return removed


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a power cut, where the system knows how."""
    if sys.platform == "win32":
        return
    with suppress(OSError):  # some network file systems refuse; the rename itself has happened
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def temporary_file(path: Path) -> Iterator[Path]:
    """Give a hidden path to write to; it becomes `path` at the end, or vanishes if anything goes wrong.

    Raises:
        OutputError: If it cannot be written there.
    """
    temporary = temporary_name(path)
    try:
        with output_errors(path):
            yield temporary
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            temporary.replace(path)
            sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


@contextmanager
def write_atomically(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that appears under its name only when it is complete.

    Raises:
        OutputError: If it cannot be written there.
    """
    with temporary_file(path) as temporary, temporary.open("xb") as file:
        yield file


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 text, all or nothing.

    Raises:
        OutputError: If it cannot be written there.
    """
    with write_atomically(path) as file:
        file.write(text.encode("utf-8"))
