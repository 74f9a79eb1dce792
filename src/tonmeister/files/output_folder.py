"""The folder of a result: everything in it changes at once, and nothing that is not ours is touched."""

import json
import os
import shutil
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

from tonmeister.errors import OutputError
from tonmeister.files.atomic import is_running, output_errors, remove_stale, sync_folder, write_text, writer_of

DOCUMENT = "mix.json"
HISTORY = "history"
_LIST = ".tonmeister.json"
_PLAN = "plan.json"
_AT_WORK: set[Path] = set()
"""Staging folders of this process that are in use."""


class OutputFolder:
    """Collects the files of one result out of sight and puts them in place together.

    Use it as a context manager: leaving it puts the files in place, an exception leaves the folder as it was (or absent). The previous
    `mix.json` goes to `history/mix-0001.json` and so on, unless `keeps_history` is off (for derived values only). A run that is killed while the files are put in place is completed by
    the next one; anything else that a killed run left is removed.

    Raises:
        OutputError: If the folder cannot be made or written, or holds a foreign file under a name that we need.
    """

    def __init__(self, folder: Path, *, keeps_history: bool = True) -> None:
        self.folder, self._keeps_history = folder, keeps_history
        self._staging = folder / f".tonmeister-{os.getpid()}-{id(self):x}"
        self._names: list[str] = []
        self._made = False

    def __enter__(self) -> Self:
        with output_errors(self.folder):
            self._made = not self.folder.exists()
            self.folder.mkdir(parents=True, exist_ok=True)
            _clear_killed_runs(self.folder)
            self._staging.mkdir()
        _AT_WORK.add(self._staging)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._commit()
            elif isinstance(error, OSError):
                with output_errors(self.folder):
                    raise error
        finally:
            _AT_WORK.discard(self._staging)
            if not (self._staging / _PLAN).is_file():  # else interrupted amid the renames: the next run completes them
                shutil.rmtree(self._staging, ignore_errors=True)
            if kind is not None and self._made:
                with suppress(OSError):  # something of another's came into it meanwhile
                    self.folder.rmdir()

    def path(self, name: str) -> Path:
        """Return where to write the file that will become `name` (such as `sessions/ardour/song.ardour`).

        Raises:
            OutputError: If a file of that name is there that no run of ours has written.
        """
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or PurePosixPath(name).is_absolute() or parts[0].startswith(".tonmeister"):
            raise ValueError(f"{name!r} is no name inside the folder")
        target = self.folder / name
        if target.exists() and name not in self._ours():
            advice = "Move it away or choose another folder."
            raise OutputError(target, reason="It is there already and was not made by Tonmeister", advice=advice)
        if name not in self._names:
            self._names.append(name)
        staged = self._staging / name
        with output_errors(target):
            staged.parent.mkdir(parents=True, exist_ok=True)
        return staged

    def scratch(self, name: str) -> Path:
        """Return where to keep a file while the result is made; it vanishes at the end."""
        path = self._staging / "scratch" / name
        with output_errors(self.folder):
            path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def sync_early(self, name: str) -> None:
        """Begin to bring a finished file to the disk while other work goes on, so that the end need not wait for it."""
        threading.Thread(target=_sync_quietly, args=(self._staging / name,), name=f"sync-{name}", daemon=True).start()

    def write_text(self, name: str, text: str) -> None:
        """Add a UTF-8 text."""
        with output_errors(self.folder / name):
            self.path(name).write_bytes(text.encode("utf-8"))

    def previous(self, name: str) -> Path | None:
        """Return the file of that name from the previous result, if there is one."""
        target = self.folder / name
        return target if target.is_file() and name in self._ours() else None

    def _ours(self) -> set[str]:
        return _read_list(self.folder)

    def _commit(self) -> None:
        with output_errors(self.folder):
            names = [name for name in self._names if (self._staging / name).exists()]
            names.sort(key=lambda name: name == DOCUMENT)  # the document last: it speaks of the others
            for name in names:
                _sync(self._staging / name)
            moves = {name: name for name in names}
            if self._keeps_history and DOCUMENT in names and (old := self.previous(DOCUMENT)) is not None:
                kept = f"{HISTORY}/{_next_version(self.folder)}"
                (self._staging / HISTORY).mkdir(exist_ok=True)
                shutil.copyfile(old, self._staging / kept)
                _sync(self._staging / kept)
                moves = {kept: kept} | moves
            listed = sorted(self._ours() | set(moves))
            write_text(self._staging / _PLAN, json.dumps({"files": list(moves), "list": listed}))
            _carry_out(self.folder, self._staging)


def is_result_folder(folder: Path) -> bool:
    """Return whether a folder holds a mix that Tonmeister made."""
    return (folder / _LIST).is_file() or _is_our_document(folder / DOCUMENT)


def _sync_quietly(path: Path) -> None:
    """Sync a file; what goes wrong here goes wrong again, and is told, when the folder is put in place."""
    with suppress(OSError):
        _sync(path)


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _carry_out(folder: Path, staging: Path) -> None:
    """Put the files of a written plan in place; may be repeated after a crash."""
    plan = json.loads((staging / _PLAN).read_bytes())
    # The list first: were the run killed after the first rename, that file must count as ours.
    write_text(folder / _LIST, json.dumps({"made_by": "tonmeister", "files": plan["list"]}, indent=1) + "\n")
    for name in plan["files"]:
        if (staging / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (staging / name).replace(folder / name)
    for parent in {(folder / name).parent for name in plan["files"]}:
        sync_folder(parent)
    (staging / _PLAN).unlink()


def _clear_killed_runs(folder: Path) -> None:
    remove_stale(folder)
    for entry in sorted(folder.iterdir()):
        pid = writer_of(entry.name)
        at_work = entry in _AT_WORK or (pid is not None and pid != os.getpid() and is_running(pid))
        if pid is None or at_work or not entry.is_dir() or entry.is_symlink():
            continue
        if (entry / _PLAN).is_file():
            _carry_out(folder, entry)
        shutil.rmtree(entry, ignore_errors=True)


def _read_list(folder: Path) -> set[str]:
    try:
        files: Iterable[str] = json.loads((folder / _LIST).read_bytes())["files"]
        return set(files)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    if not _is_our_document(folder / DOCUMENT):
        return set()
    # The list was lost on the way (copied without hidden files): the document vouches for what lies beside it.
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _is_our_document(path: Path) -> bool:
    with suppress(OSError, ValueError, AttributeError):
        return bool(json.loads(path.read_bytes()).get("engine", {}).get("name") == "tonmeister")
    return False


def _next_version(folder: Path) -> str:
    numbers = [0]
    for path in (folder / HISTORY).glob("mix-*.json"):
        with suppress(ValueError):
            numbers.append(int(path.stem.removeprefix("mix-")))
    return f"mix-{max(numbers) + 1:04d}.json"
