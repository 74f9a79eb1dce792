"""The papers of a delivery: names of files, checksums, manifest."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')
_TITLES = {"instrumental": "instrumental", "acappella": "a cappella", "tv": "TV mix"}
CHECKSUMS, MANIFEST = "checksums.sha256", "manifest.json"


def safe_name(text: str) -> str:
    """Return a text as a file name that every system takes."""
    plain = _FORBIDDEN.sub(" ", text).strip(" .")
    return re.sub(r"\s+", " ", plain)[:120] or "song"


def file_name(title: str, version: str, file_format: str, ending: str, *, is_stem: bool = False) -> str:
    """Return where a file lies in the folder: by its format, stems in a folder of their own."""
    if is_stem:
        return f"{file_format}/stems/{safe_name(title)} - {safe_name(version)}{ending}"
    shown = _TITLES.get(version)
    return f"{file_format}/{safe_name(title)}{f' ({shown})' if shown else ''}{ending}"


def write_checksums(sums: Mapping[str, str]) -> str:
    """Return lines that `sha256sum -c` reads, by name."""
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))


def write_manifest(facts: Mapping[str, Any], files: Sequence[Mapping[str, Any]]) -> str:
    """Return the manifest: what was asked for, and every file as it was read back; no dates, so equal input gives equal bytes."""
    return json.dumps({**facts, "files": list(files)}, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
