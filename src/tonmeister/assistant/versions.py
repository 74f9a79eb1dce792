"""Versions of a mix: what was changed for whom, under which name, and who approved it."""

import hashlib
import json
from pathlib import Path

from tonmeister.assistant.understanding.intent import Intent
from tonmeister.document.mix import Mix
from tonmeister.engineer.documents import MIX_FILE, load_mix
from tonmeister.errors import DocumentError, InputError
from tonmeister.files.output_folder import OutputFolder
from tonmeister.model import Model

VERSIONS_FILE = "versions.json"


class Choice(Model):
    """A reading that was made, so that a later refusal can be learnt."""

    intent: Intent
    mechanism: str
    moves: tuple[str, ...]
    judged: bool = False
    """Whether a refusal of it has been learnt."""


class Version(Model):
    """One version of a mix."""

    number: int
    """1 is the first that was named or revised."""
    name: str = ""
    words: str = ""
    """What was asked for."""
    done: tuple[str, ...] = ()
    """What was changed."""
    document_sha256: str
    """Hash of its mix.json: says whether it is what lies in the folder now."""
    approved_by: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    """What was chosen, with the moves that it became."""


def list_versions(out: Path) -> tuple[Version, ...]:
    """Return the versions of a mix, oldest first.

    Raises:
        DocumentError: If the list is broken.
    """
    path = out / VERSIONS_FILE
    if not path.is_file():
        return ()
    try:
        return tuple(Version.model_validate(row) for row in json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise DocumentError(f"{path}: the list of versions cannot be read; mend it, or move it away.") from error


def add_version(
    out: Path, *, words: str = "", done: tuple[str, ...] = (), name: str = "", choices: tuple[Choice, ...] = ()
) -> Version:
    """Add the mix as it stands as a version, and return it."""
    load_mix(out)  # a clear sentence where there is none
    there = list_versions(out)
    version = Version(
        number=len(there) + 1, name=name, words=words, done=done, document_sha256=_hash(out), choices=choices
    )  # fmt: skip
    _save(out, (*there, version))
    return version


def name_version(out: Path, name: str, *, number: int | None = None) -> Version:
    """Give a version a name: the last one, unless another is told; the mix as it stands becomes one if it is none yet."""
    there = list_versions(out)
    if number is None and (not there or there[-1].document_sha256 != _hash(out)):
        return add_version(out, name=name)
    return _changed(out, number, {"name": name})


def approve_version(out: Path, who: str, *, number: int | None = None) -> Version:
    """Say that somebody approved a version: the last one, unless another is told.

    Raises:
        InputError: If there is no such version.
    """
    if not list_versions(out):
        add_version(out)
    version = _find(out, number)
    if who in version.approved_by:
        return version
    return _changed(out, version.number, {"approved_by": (*version.approved_by, who)})


def is_current(out: Path, version: Version) -> bool:
    """Say whether a version is what lies in the folder now."""
    return version.document_sha256 == _hash(out)


def take_refusals(out: Path, mix: Mix) -> tuple[Choice, ...]:
    """Return the choices whose moves a person has since rejected or undone, each once."""
    standing = {move.id for move in mix.moves if move.state != "rejected"}
    there = list_versions(out)
    refused = [c for version in there for c in version.choices if not c.judged and not standing & set(c.moves)]
    if refused:
        _save(out, tuple(_judged(version, refused) for version in there))
    return tuple(refused)


def _judged(version: Version, refused: list[Choice]) -> Version:
    choices = tuple(c.model_copy(update={"judged": True}) if c in refused else c for c in version.choices)
    return version.model_copy(update={"choices": choices})


def _find(out: Path, number: int | None) -> Version:
    there = list_versions(out)
    wanted = there[-1].number if number is None and there else number
    for version in there:
        if version.number == wanted:
            return version
    raise InputError(f"{out}: there is no version {wanted}; `tonmeister versions {out}` lists them.")


def _changed(out: Path, number: int | None, update: dict[str, object]) -> Version:
    found = _find(out, number)
    changed = found.model_copy(update=update)
    _save(out, tuple(changed if version.number == found.number else version for version in list_versions(out)))
    return changed


def _save(out: Path, versions: tuple[Version, ...]) -> None:
    rows = [version.model_dump(mode="json") for version in versions]
    with OutputFolder(out, keeps_history=False) as folder:
        folder.write_text(VERSIONS_FILE, json.dumps(rows, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def _hash(out: Path) -> str:
    return hashlib.sha256((out / MIX_FILE).read_bytes()).hexdigest()
