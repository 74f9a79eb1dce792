"""Any session by its content: one table, by hand; what is of another DAW is refused in one sentence."""

from collections.abc import Callable
from pathlib import Path

from tonmeister.daw.aaf.read import read_aaf
from tonmeister.daw.ableton.read import read_ableton
from tonmeister.daw.ardour.read import read_ardour
from tonmeister.daw.dawproject.read import read_dawproject
from tonmeister.daw.logic import read_logic, read_protools
from tonmeister.daw.opening import COMPOUND_FILE, SessionError, head_of
from tonmeister.daw.reaper.read import read_reaper
from tonmeister.daw.session import DawSession, Format

_ENDINGS: dict[str, Format] = {
    ".dawproject": "dawproject", ".rpp": "reaper", ".rpp-bak": "reaper", ".als": "ableton", ".ardour": "ardour",
    ".aaf": "aaf", ".logicx": "logic", ".ptx": "protools", ".ptf": "protools",
}  # fmt: skip
_REFUSED = {
    ".mmp": "LMMS", ".mmpz": "LMMS", ".flp": "FL Studio", ".cpr": "Cubase", ".npr": "Nuendo", ".song": "Studio One",
    ".bwproject": "Bitwig Studio", ".aup": "Audacity", ".aup3": "Audacity", ".band": "GarageBand", ".reason": "Reason",
    ".xrns": "Renoise", ".tracktionedit": "Waveform", ".omf": "OMF", ".ptxt": "Pro Tools text", ".alp": "Ableton pack",
    ".sesx": "Audition", ".cwp": "Cakewalk", ".mx4": "Mixcraft", ".acd-zip": "Acid", ".qtr": "Qtractor",
}  # fmt: skip
"""Sessions that are not read, by ending, and whose they are."""


def is_session(source: Path) -> bool:
    """Say whether a source is a session of a DAW (of ours or of another kind), not a folder of stems or a sound file."""
    if source.is_dir():
        return source.suffix.lower() == ".logicx" or bool(_ardour_files(source))
    if not source.is_file():
        return False
    ending = source.suffix.lower()
    return ending in _ENDINGS or ending in _REFUSED or format_of(source) is not None


def session_file(source: Path) -> Path:
    """Return the file that holds a session, where its folder was given.

    Raises:
        SessionError: If the folder holds several.
    """
    if not source.is_dir() or source.suffix.lower() == ".logicx":
        return source
    found = _ardour_files(source)
    named = [path for path in found if path.stem == source.resolve().name]
    if len(found) == 1 or len(named) == 1:
        return (named or found)[0]
    if not found:
        known = "a session's file, or the folder of an Ardour session"
        raise SessionError(source, "This folder holds no session", f"Give {known}; stems in a folder need no session.")
    names = ", ".join(path.name for path in found[:5])
    raise SessionError(source, f"It holds several sessions ({names})", "Give one of these files.")


def format_of(path: Path) -> Format | None:
    """Return the format of a session by its first bytes; by its ending where these say nothing."""
    head = head_of(path)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"<REAPER_PROJECT"):
        return "reaper"
    if b"<Session " in head and b"<?xml" in head:
        return "ardour"
    if head.startswith(COMPOUND_FILE) and path.suffix.lower() == ".aaf":
        return "aaf"
    return _ENDINGS.get(path.suffix.lower())


def read_session_file(source: Path) -> DawSession:
    """Read a session of any DAW that we know.

    Raises:
        SessionError: If it is of another DAW, damaged, hostile, or of a version that is not read.
        MissingExtraError: If its format needs an optional package that is not installed.
    """
    path = session_file(source)
    if not path.exists():
        raise SessionError(path, "There is no such file", "Give a session that a DAW saved.")
    ending = path.suffix.lower()
    head = head_of(path) if path.is_file() else b""
    if b"<lmms-project" in head or b"<multimedia-project" in head:
        ending = ".mmp"
    if ending in _REFUSED:
        advice = "Export it as DAWproject, or as stems, and give those."
        raise SessionError(path, f"It is a session of {_REFUSED[ending]}, which is not read", advice)
    kind = format_of(path)
    if kind is None:
        known = "DAWproject, REAPER, Ableton Live, Ardour, AAF, Logic and Pro Tools"
        raise SessionError(path, "It is no session that can be read", f"There are {known}.")
    return _READERS[kind](path)


def _ardour_files(folder: Path) -> list[Path]:
    """Return the session files of an Ardour session's folder, which keeps its sound in `interchange`."""
    try:
        found = sorted(path for path in folder.glob("*.ardour") if path.is_file())
        return found if found and (folder / "interchange").is_dir() else []
    except OSError:
        return []


_READERS: dict[Format, Callable[[Path], DawSession]] = {
    "dawproject": read_dawproject, "reaper": read_reaper, "ableton": read_ableton, "ardour": read_ardour, "aaf": read_aaf,
    "logic": read_logic, "protools": read_protools,
}  # fmt: skip
"""Format → who reads it."""
