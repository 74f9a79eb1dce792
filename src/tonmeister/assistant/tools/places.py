"""What the person opened: mixes and folders of stems under one folder, by name; nothing outside it is touched."""

import re
from dataclasses import dataclass
from pathlib import Path

from tonmeister.errors import InputError

MIX_FILE = "mix.json"
_SOUNDS = frozenset({".wav", ".aif", ".aiff", ".flac", ".ogg", ".mp3", ".m4a", ".mp4", ".opus", ".w64", ".caf"})
_DEEPEST = 3
_MOST_FOLDERS = 500
"""Folders that are looked at; a person who opened more opened a disk, not a piece of work."""
_NEW_NAME = re.compile(r"[\w][\w .()+-]{0,63}")
_LONGEST_TEXT = 120
_SHOWN_NAMES = 12


@dataclass(frozen=True, slots=True)
class Opened:
    """The folder that the person opened."""

    root: Path

    def mixes(self) -> dict[str, Path]:
        """Return the mixes in it, by name."""
        return {_name(self.root, path.parent): path.parent for path in _files(self.root) if path.name == MIX_FILE}

    def sources(self) -> dict[str, Path]:
        """Return the folders that hold sound and are no mix, by name."""
        mixes = set(self.mixes().values())
        found = {path.parent for path in _files(self.root) if path.suffix.lower() in _SOUNDS}
        kept = sorted(path for path in found if not any(mix == path or mix in path.parents for mix in mixes))
        return {_name(self.root, path): path for path in kept}

    def mix(self, name: str) -> Path:
        """Return the folder of a mix; it is looked up among those that are there, never built from the name.

        Raises:
            InputError: If there is none of that name.
        """
        return _look_up(self.mixes(), name, "mix")

    def source(self, name: str) -> Path:
        """Return a folder of stems.

        Raises:
            InputError: If there is none of that name.
        """
        return _look_up(self.sources(), name, "folder of stems")

    def references(self) -> dict[str, Path]:
        """Return what a mix can be like, by name: the mixes, and the recordings that are no part of one."""
        mixes = self.mixes()
        inside = set(mixes.values())
        sounds = [path for path in _files(self.root) if path.suffix.lower() in _SOUNDS]
        free = [path for path in sounds if not any(mix == path.parent or mix in path.parents for mix in inside)]
        return {_name(self.root, path): path for path in free} | mixes

    def reference(self, name: str) -> Path:
        """Return a mix or a recording that another mix is to be like.

        Raises:
            InputError: If there is none of that name.
        """
        return _look_up(self.references(), name, "mix or recording")

    def confine(self, place: Path) -> None:
        """Make sure that a place to write to lies in the opened folder, also by way of links.

        Raises:
            InputError: If it does not.
        """
        real = place.resolve()
        if real != self.root and self.root not in real.parents:
            raise InputError(f"{one_line(place.name)!r}: it leads out of the opened folder; nothing is written there.")

    def new_mix(self, name: str) -> Path:
        """Return the folder for a new mix, directly in the opened one.

        Raises:
            InputError: If the name is no plain name, or leads elsewhere.
        """
        if not _NEW_NAME.fullmatch(name) or ".." in name or name.endswith((" ", ".")):
            raise InputError(
                f"{one_line(name)!r}: no plain name for a new mix; use letters, figures, spaces, - and _, without folders."
            )
        place = self.root / name
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            raise InputError(f"{one_line(name)!r}: something else is in the way there; choose another name.")
        return place


def open_folder(root: Path) -> Opened:
    """Return the opened folder.

    Raises:
        InputError: If it is not there.
    """
    place = root.expanduser().resolve()
    if not place.is_dir():
        raise InputError(f"{root}: no such folder; give the one with your mixes or stems.")
    return Opened(place)


def one_line(text: str) -> str:
    """Return a stranger's words (names, notes) as data: on one line, without control characters, cut."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= _LONGEST_TEXT else f"{flat[:_LONGEST_TEXT]}…"


def _look_up(found: dict[str, Path], name: str, what: str) -> Path:
    if name in found:
        return found[name]
    if not name and len(found) == 1:
        return next(iter(found.values()))
    there = ", ".join(repr(one_line(known)) for known in list(found)[:_SHOWN_NAMES]) or "none"
    raise InputError(f"{one_line(name)!r}: no {what} of that name here; there are: {there}.")


def _name(root: Path, folder: Path) -> str:
    """Return a name without slashes, so that it fits into an address."""
    inside = folder.relative_to(root).as_posix()
    return root.name if inside == "." else inside.replace("/", ":")


def _files(root: Path) -> list[Path]:
    """Return the files down to a few levels; links are not followed, so that nothing outside is reached."""
    found: list[Path] = []
    waiting, seen = [(root, 0)], 0
    while waiting and seen < _MOST_FOLDERS:
        folder, depth = waiting.pop(0)
        seen += 1
        try:
            entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
        except OSError:
            continue  # a folder that may not be read holds nothing for the tools
        for entry in entries:
            if entry.is_symlink() or entry.name.startswith("."):
                continue
            if entry.is_file():
                found.append(entry)
            elif entry.is_dir() and depth < _DEEPEST and entry.name not in {"sessions", "history", "excerpts"}:
                waiting.append((entry, depth + 1))
    return found
