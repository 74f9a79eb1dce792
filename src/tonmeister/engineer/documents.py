"""The document on disk: open, change the state of moves, take a change back, compare."""

import fnmatch
import json
from collections.abc import Mapping
from pathlib import Path

from tonmeister.document.diff import Difference, diff_mixes
from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix
from tonmeister.document.move import Move, State
from tonmeister.document.text import canonical, from_text, to_text
from tonmeister.errors import DocumentError, InputError
from tonmeister.files.cache import Cache
from tonmeister.files.output_folder import OutputFolder
from tonmeister.files.probe import SoundFile

MIX_FILE = "mix.json"
SOURCES_FILE = "sources.json"
JOURNAL_FILE = "journal.jsonl"
TAKE = "sha256:"
"""Before the hash of a take that another one replaced; `undo` finds it there."""
STATES: dict[str, State] = {"accept": "accepted", "reject": "rejected", "lock": "locked"}
"""What a person says, and the state that it gives a move."""


def load_mix(place: Path) -> Mix:
    """Read the document of a result folder, or a mix.json; edits by hand become locked moves.

    Raises:
        DocumentError: If there is none, or it does not hold together.
    """
    path = place / MIX_FILE if place.is_dir() else place
    try:
        return from_text(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(
            f"{path}: no mix document can be read there; give the folder that `tonmeister mix` wrote."
        ) from error


def load_sources(out: Path, mix: Mix) -> dict[str, SoundFile]:
    """Return where the sound of each track of this document is, by track id: of several takes the one that it names.

    Raises:
        DocumentError: If sources.json is missing or broken.
    """
    rows = load_takes(out)
    wanted = {track.id: rows.get(f"{TAKE}{track.sha256}") for track in mix.tracks}
    found = {name: sound for name, sound in rows.items() if not name.startswith(TAKE)}
    for track in mix.tracks:
        take = wanted[track.id]
        if take is not None and track.id in found and found[track.id].sha256 != track.sha256:
            found[track.id] = take
    gone = [track for track in mix.tracks if track.used and track.id in found and not found[track.id].path.is_file()]
    if (
        gone and (out / "session.json").is_file()
    ):  # stems that were laid out from a session, and are no longer in the cache
        from tonmeister.engineer.handing_back import restore_stems  # noqa: PLC0415 - who has all sounds needs no session

        restore_stems(out, mix)
    return found


def load_takes(out: Path) -> dict[str, SoundFile]:
    """Return every row of sources.json: tracks by id, takes that others replaced by `sha256:HASH`.

    Raises:
        DocumentError: If sources.json is missing or broken.
    """
    path = out / SOURCES_FILE
    try:
        rows = dict(json.loads(path.read_text("utf-8")))
        return {name: SoundFile.model_validate(row) for name, row in rows.items()}
    except (OSError, ValueError, TypeError) as error:
        raise DocumentError(f"{path}: cannot be read; mix the song again.") from error


def sources_text(sources: Mapping[str, SoundFile]) -> str:
    """Return sources.json: where each track's sound is on this machine."""
    rows = {
        name: sound.model_copy(update={"path": sound.path.resolve()}).model_dump(mode="json")
        for name, sound in sources.items()
    }
    return json.dumps(rows, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def check_sources(mix: Mix, sources: Mapping[str, SoundFile], *, cache: Cache) -> None:
    """Make sure that every used track's sound is there and is the one that was mixed.

    Raises:
        DocumentError: If it is not.
    """
    for track in mix.tracks:
        if not track.used:
            continue
        sound = sources.get(track.id)
        if sound is None or not Path(sound.path).is_file():
            raise DocumentError(
                f"The sound of track {track.id!r} is not at {sound.path if sound else 'any place'}; put it back, or mix again."
            )
        if cache.hash_file(sound.path) != track.sha256:
            raise DocumentError(
                f"{sound.path} is not the sound that was mixed as {track.id!r}; put it back, or mix again."
            )


def save_mix(out: Path, mix: Mix, *, why: str) -> None:
    """Write the document and a line of the journal; the former document goes to history/."""
    before = load_mix(out) if (out / MIX_FILE).is_file() else None
    with OutputFolder(out) as folder:
        folder.write_text(MIX_FILE, to_text(mix))
        folder.write_text(JOURNAL_FILE, journal(out) + journal_line(before, mix, why=why))


def journal(out: Path) -> str:
    """Return the journal so far."""
    path = out / JOURNAL_FILE
    return path.read_text("utf-8") if path.is_file() else ""


def journal_line(before: Mix | None, after: Mix, *, why: str) -> str:
    """Return one line that says what was done and how many values changed."""
    changed = [] if before is None else [difference.where for difference in diff_mixes(before, after)]
    return json.dumps({"why": why, "changed": changed}, ensure_ascii=False) + "\n"


def list_moves(out: Path) -> tuple[Move, ...]:
    """Return the moves of a mix, in the order of the work."""
    return tuple(sorted(load_mix(out).moves, key=lambda move: move.order))


def set_moves(out: Path, state: State, ids: tuple[str, ...]) -> tuple[Move, ...]:
    """Set the state of moves by id or pattern (`eq.*`), write the document, and return the moves that changed.

    Raises:
        InputError: If no move has such an id.
    """
    mix = load_mix(out)
    chosen = {move.id for move in mix.moves for said in ids if fnmatch.fnmatchcase(move.id, said)}
    missing = [said for said in ids if not fnmatch.filter([move.id for move in mix.moves], said)]
    if missing or not ids:
        raise InputError(f"{', '.join(missing) or 'no id given'}: no such move; `tonmeister moves {out}` lists them.")
    moves = tuple(_with_state(move, state) if move.id in chosen else move for move in mix.moves)
    changed = canonical(fold(canonical(mix.model_copy(update={"moves": moves}))))
    save_mix(out, changed, why=f"{state} {' '.join(sorted(chosen))}")
    return tuple(move for move in changed.moves if move.id in chosen)


def _with_state(move: Move, state: State) -> Move:
    return move.model_copy(update={"state": state, "set_by": "person", "measured": None})


def undo(out: Path) -> tuple[Difference, ...]:
    """Put the document before the last change back, and return what that changes.

    Raises:
        InputError: If there is no earlier document.
    """
    versions = sorted((out / "history").glob("mix-*.json")) if (out / "history").is_dir() else []
    undone = {name for line in journal(out).splitlines() for name in _undone_by(line)}
    left = [path for path in versions if path.name not in undone]
    if not left:
        raise InputError(f"{out}: there is nothing to undo; no earlier document is in {out / 'history'}.")
    now, before = load_mix(out), load_mix(left[-1])
    skip = f"mix-{len(versions) + 1:04d}.json"
    with OutputFolder(out) as folder:
        folder.write_text(MIX_FILE, to_text(before))
        line = json.dumps({"why": "undo", "undo": [left[-1].name, skip]}) + "\n"
        folder.write_text(JOURNAL_FILE, journal(out) + line)
    return diff_mixes(now, before)


def _undone_by(line: str) -> list[str]:
    """Return the former documents that a line of the journal says are used up."""
    try:
        return list(json.loads(line).get("undo", ()))
    except (ValueError, AttributeError, TypeError):
        return []


def diff(before: Path, after: Path) -> tuple[Difference, ...]:
    """Return what differs between two mixes, given as result folders or documents."""
    return diff_mixes(load_mix(before), load_mix(after))
