"""Proposals between a dry run and a choice: kept in the result folder as long as document, words and taste are the same."""

import hashlib
import json
from contextlib import suppress
from pathlib import Path

from tonmeister.assistant.revision import Revision
from tonmeister.assistant.taste import Taste
from tonmeister.document.mix import Mix
from tonmeister.document.text import to_text
from tonmeister.files.output_folder import OutputFolder

FILE = "proposals.json"


def keep_proposals(out: Path, mix: Mix, text: str, taste: Taste, revision: Revision) -> None:
    """Keep a dry run, so that a choice need not try everything again."""
    body = {"key": _key(mix, text, taste), "revision": revision.model_dump(mode="json")}
    with OutputFolder(out, keeps_history=False) as folder:
        folder.write_text(FILE, json.dumps(body, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def kept_proposals(out: Path, mix: Mix, text: str, taste: Taste) -> Revision | None:
    """Return the last dry run if it was of these words, this document and this taste."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        body = json.loads((out / FILE).read_text("utf-8"))
        if body["key"] == _key(mix, text, taste):
            return Revision.model_validate(body["revision"])
    return None


def _key(mix: Mix, text: str, taste: Taste) -> str:
    said = "\0".join((to_text(mix), text, taste.model_dump_json()))
    return hashlib.sha256(said.encode()).hexdigest()
