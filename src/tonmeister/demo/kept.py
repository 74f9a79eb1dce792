"""Demo stems that are there already are kept, as long as nobody changed them, nor the code that makes them."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from tonmeister.demo.write import write_demo
from tonmeister.errors import UnreadableFileError
from tonmeister.files.atomic import write_text
from tonmeister.files.cache import hash_file

MARK_NAME = ".demo.json"
"""Hidden beside the stems: what made them, and the hash of each."""


def write_or_keep(folder: Path, *, progress: Callable[[str, float], None]) -> None:
    """Write the demo song's stems into a folder, unless they are there as they were written.

    Raises:
        OutputError: If the folder or a file cannot be written.
    """
    if is_as_written(folder):
        progress("kept as written", 1.0)
        return
    paths = write_demo(folder, progress=lambda name, done, count: progress(name, done / (count + 1)))
    mark = {"made_by": _hash_code(), "files": {path.name: hash_file(path) for path in paths}}
    write_text(folder / MARK_NAME, json.dumps(mark, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    progress("", 1.0)


def is_as_written(folder: Path) -> bool:
    """Say whether a folder holds the demo stems of today's code, byte for byte."""
    try:
        mark = json.loads((folder / MARK_NAME).read_text("utf-8"))
        files = mark["files"]
        return mark["made_by"] == _hash_code() and all(hash_file(folder / name) == files[name] for name in files)
    except (UnreadableFileError, OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _hash_code() -> str:
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()
