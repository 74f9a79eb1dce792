"""Which plug-ins a person owns: found by name in the usual folders, or told; kept on this machine only."""

import json
import os
import sys
from pathlib import Path

import platformdirs

from tonmeister.assistant.guidance.naming import find_names
from tonmeister.errors import InputError, OutputError
from tonmeister.files.atomic import write_text
from tonmeister.knowledge.plugins import PluginFacts, plugins
from tonmeister.model import Model

OWNED_FILE = "plugins.json"
_ENDINGS = (".vst3", ".clap", ".lv2", ".component", ".vst", ".aaxplugin")
_DEEPEST = 3
"""Folders of makers inside the usual folders."""
_MOST = 5000
"""Entries that are looked at: a folder with more is no plug-in folder."""


class Owned(Model):
    """The plug-ins of a person."""

    names: tuple[str, ...] = ()
    """As found or told."""
    known: tuple[str, ...] = ()
    """Of those, processors in the table."""

    @property
    def facts(self) -> tuple[PluginFacts, ...]:
        """The processors that are known."""
        return tuple(plugin for plugin in plugins() if plugin.name in self.known)


def usual_folders() -> tuple[Path, ...]:
    """Return where VST3, CLAP, LV2 and Audio Unit plug-ins lie on this system."""
    home = Path.home()
    if sys.platform == "darwin":
        bases = [Path("/Library/Audio/Plug-Ins"), home / "Library/Audio/Plug-Ins"]
        return tuple(base / name for base in bases for name in ("VST3", "CLAP", "LV2", "Components", "VST"))
    if sys.platform == "win32":
        common = Path(os.environ.get("COMMONPROGRAMFILES", r"C:\Program Files\Common Files"))
        return (common / "VST3", common / "CLAP", common / "LV2")
    bases = [Path("/usr/lib"), Path("/usr/local/lib")]
    named = [base / name for base in bases for name in ("vst3", "clap", "lv2")]
    return (*named, *(home / name for name in (".vst3", ".clap", ".lv2")))


def scan_plugins(folders: tuple[Path, ...] | None = None) -> tuple[str, ...]:
    """Return the names of plug-ins in folders (the usual ones by default); nothing is opened or run."""
    found: dict[str, None] = {}
    left = _MOST
    for folder in usual_folders() if folders is None else folders:
        waiting = [(folder, 0)]
        while waiting and left > 0:
            here, depth = waiting.pop()
            try:
                entries = sorted(here.iterdir(), key=lambda entry: entry.name)
            except OSError:
                continue  # a folder that is not there, or may not be read, holds no plug-ins for us
            for entry in entries:
                left -= 1
                if entry.suffix.lower() in _ENDINGS:
                    found.setdefault(entry.stem)
                elif depth < _DEEPEST and entry.is_dir() and not entry.is_symlink():
                    waiting.append((entry, depth + 1))
    return tuple(sorted(found))


def own_plugins(names: tuple[str, ...], *, place: Path | None = None) -> Owned:
    """Remember that a person owns these; names of the table are recognised in any spelling.

    Raises:
        InputError: If no name is given.
        OutputError: If it cannot be written.
    """
    wanted = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
    if not wanted:
        raise InputError('No plug-in was named; give names with commas between, such as --own "CL 1B, Pro-Q 3".')
    owned = _known((*owned_plugins(place=place).names, *wanted))
    path = _path(place)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps({"names": owned.names}, indent=1, ensure_ascii=False) + "\n")
    except OSError as error:
        raise OutputError(path, reason="cannot be written", advice="Check the folder and its rights.") from error
    return owned


def owned_plugins(*, place: Path | None = None) -> Owned:
    """Return what a person owns, as told or scanned before; nothing where no list was made."""
    path = _path(place)
    try:
        names = tuple(str(name) for name in json.loads(path.read_text("utf-8"))["names"])
    except (OSError, ValueError, KeyError, TypeError):
        return Owned()
    return _known(names)


def _known(names: tuple[str, ...]) -> Owned:
    unique = tuple(dict.fromkeys(names))
    found = [plugin.name for name in unique for plugin in find_names(f"my {name}").plugins]
    return Owned(names=unique, known=tuple(dict.fromkeys(found)))


def _path(place: Path | None) -> Path:
    return (place or Path(platformdirs.user_config_dir("tonmeister"))) / OWNED_FILE
