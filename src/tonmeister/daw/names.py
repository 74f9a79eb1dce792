"""Names that Ardour, its ports and every file system take."""

import unicodedata
from collections.abc import Iterable

_LONGEST = 60
_FORBIDDEN = set('/\\:*?"<>|\t\n\r')
"""Colons part a port's name from its client's, slashes a port from its route; the rest no Windows file name may hold."""
_SOUND_ENDINGS = (".wav", ".wave", ".aif", ".aiff", ".flac", ".mp3", ".m4a", ".ogg", ".opus", ".caf", ".w64")
_RESERVED = ("master", "monitor", "auditioner", "click")
"""Routes that Ardour makes itself."""


def clean_name(name: str, *, otherwise: str) -> str:
    """Return the name without what Ardour, XML or a file system forbids; `otherwise` if nothing is left of it."""
    kept = "".join("-" if char in _FORBIDDEN else char for char in name if char in "\t\n\r" or _is_printable(char))
    kept = " ".join(kept.split())[:_LONGEST].strip(" .")
    return kept if kept.strip("-") else otherwise


def without_ending(name: str) -> str:
    """Return the name of a track without the ending of the sound file that it came from."""
    ending = next((ending for ending in _SOUND_ENDINGS if name.casefold().endswith(ending)), "")
    return name[: len(name) - len(ending)] or name


def unique_names(names: Iterable[str], *, otherwise: str, taken: Iterable[str] = _RESERVED) -> list[str]:
    """Return clean names of which no two are the same, even where capitals do not count."""
    used = {name.casefold() for name in taken}
    found = []
    for name in names:
        clean = clean_name(name, otherwise=otherwise)
        candidate, number = clean, 2
        while candidate.casefold() in used:
            candidate, number = f"{clean} {number}", number + 1
        used.add(candidate.casefold())
        found.append(candidate)
    return found


def printable_text(text: str) -> str:
    """Return the text without characters that XML cannot hold."""
    return "".join(char for char in text if char == "\n" or _is_printable(char))


def _is_printable(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cs", "Cn", "Co"}
