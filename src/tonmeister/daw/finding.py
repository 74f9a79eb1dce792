"""Where a session's sound files are: inside its own file, where it says, or moved into its folder."""

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from tonmeister.daw.opening import SessionError, copy_member, is_inside, open_zip
from tonmeister.daw.session import DawSession
from tonmeister.files.cache import Cache, key_of

_DEEPEST_FOLDER = 5
_MOST_FILES = 50_000
_DRIVE = re.compile(r"[A-Za-z]:")


class SoundFinder:
    """Finds the sound files that a session names; what lies inside its own file is unpacked into the cache."""

    def __init__(self, session: DawSession, path: Path, *, cache: Cache) -> None:
        self._format, self._path, self._cache = session.format, path, cache
        self._folder = path if path.is_dir() else path.parent
        self._names: dict[str, list[Path]] | None = None

    def find(self, name: str, *, inside: bool) -> Path | None:
        """Return where a sound is; None where it is nowhere to be found.

        Raises:
            SessionError: If it lies inside the session's file and is damaged or leads out of it.
        """
        if inside:
            return self._unpacked(name)
        plain = name.replace("\\", "/")
        if plain.startswith("//") or "\0" in plain:
            return None  # a place in a network is not asked for what a stranger's file wants
        return next((place for place in self._places(plain) if _is_file(place)), None) or self._moved(plain)

    def _places(self, plain: str) -> Iterator[Path]:
        if plain.startswith("/") or (os.name == "nt" and _DRIVE.match(plain)):
            yield Path(plain)
        elif not _DRIVE.match(plain):
            yield self._folder / plain
            if self._format == "ableton":  # a set may lie in a folder of its project
                yield self._folder.parent / plain
            if self._format == "ardour":
                for kept in sorted(self._folder.glob("interchange/*/audiofiles")):
                    yield kept / plain

    def _moved(self, plain: str) -> Path | None:
        """Return the file of that name in the session's folder whose way there is the most alike."""
        wanted = PurePosixPath(plain)
        if self._names is None:
            self._names = _walk(self._folder)
        found = self._names.get(wanted.name.casefold(), [])
        return min(found, key=lambda path: (-_alike(path, wanted), len(path.parts), str(path)), default=None)

    def _unpacked(self, name: str) -> Path:
        if self._format == "aaf":
            return self._from_aaf(name)
        if not is_inside(name):
            raise SessionError(self._path, f"It names a sound outside itself ({name[:80]!r})", "Do not trust it.")
        key = key_of("session-media", 1, self._cache.hash_file(self._path), name)
        known = self._cache.get(key)
        if known is not None:
            return known
        with open_zip(self._path) as archive, self._cache.put(key) as path, path.open("xb") as out:
            copy_member(archive, name, out, self._path)
        found = self._cache.get(key)
        if found is None:
            raise SessionError(self._path, f"Its {name} could not be unpacked", "Make room on the cache's disk.")
        return found

    def _from_aaf(self, name: str) -> Path:
        from tonmeister.daw.aaf.essence import write_essence  # noqa: PLC0415 - only an AAF needs its extra

        key = key_of("aaf-media", 1, self._cache.hash_file(self._path), name)
        known: Any = self._cache.get(key)
        if known is None:
            with self._cache.put(key) as path:
                write_essence(self._path, name, path)
            known = self._cache.get(key)
        return Path(known)


def _is_file(place: Path) -> bool:
    """Say whether a plain file is there, not a device or a pipe."""
    try:
        return place.is_file()
    except (OSError, ValueError):
        return False


def _walk(folder: Path) -> dict[str, list[Path]]:
    """Return the files of a folder by name, as deep as sessions go."""
    found: dict[str, list[Path]] = {}
    count = 0
    for here, folders, files in os.walk(folder):
        depth = len(Path(here).relative_to(folder).parts)
        folders[:] = [] if depth >= _DEEPEST_FOLDER else sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            found.setdefault(name.casefold(), []).append(Path(here) / name)
            count += 1
        if count > _MOST_FILES:
            break
    return found


def _alike(path: Path, wanted: PurePosixPath) -> int:
    """Return how many parts two paths share, from their ends."""
    pairs = zip(reversed(path.parts), reversed(wanted.parts), strict=False)
    shared = 0
    for one, other in pairs:
        if one.casefold() != other.casefold():
            break
        shared += 1
    return shared
