"""The mix document as text: sorted keys, rounded numbers, one value a line; and back, with migrations and checks.

Long lists of small things (the places of a hundred clicks, the knots of a hum) stand several, or one thing, a line.
"""

import json
from typing import Any

from pydantic import ValidationError

from tonmeister.document.fold import fold
from tonmeister.document.layout import lay_out
from tonmeister.document.migrate import migrate
from tonmeister.document.mix import Mix
from tonmeister.document.move import BusEdit, Evidence, MasterEdit, Move, StripEdit, Where
from tonmeister.document.strip import DRIVE, MASTER, MasterChain
from tonmeister.errors import DocumentError

DECIMALS = 5
"""Every number in the document is rounded to this many decimals: far below what can be heard in any unit used."""


def to_text(mix: Mix) -> str:
    """Write a mix as canonical JSON text."""
    return lay_out(_rounded(mix.model_dump(mode="json"))) + "\n"


def from_text(text: str) -> Mix:
    """Read a mix; what a person edited by hand in strips, buses or master becomes a locked move of that person.

    Raises:
        DocumentError: If the text is no JSON, of a newer version, or does not hold together.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise DocumentError(f"mix.json is not JSON (line {error.lineno}: {error.msg}); undo the last edit") from error
    try:
        return adopt_hand_edits(Mix.model_validate(_rounded(migrate(data))))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the document"
        raise DocumentError(
            f"mix.json does not hold together at {place}: {first['msg']}; undo the last edit"
        ) from error


def canonical(mix: Mix) -> Mix:
    """Return the mix as it would be read back: what is rendered is exactly what is written."""
    return Mix.model_validate(_rounded(mix.model_dump(mode="json")))


def schema() -> dict[str, Any]:
    """Return the JSON Schema of mix.json."""
    return Mix.model_json_schema()


def adopt_hand_edits(mix: Mix) -> Mix:
    """Turn every difference between the stored strips and the fold of the moves into a locked move by a person."""
    folded = canonical(fold(mix))
    edits: list[Move] = []
    strips = {track.id: track.strip for track in folded.tracks}
    buses = {bus.id: bus for bus in folded.buses}
    for track in mix.tracks:
        if track.strip != strips[track.id]:
            edits.append(_edit(Where(track=track.id), track.id, StripEdit(strip=track.strip), (*mix.moves, *edits)))
    for bus in mix.buses:
        if buses.get(bus.id) != bus:
            edits.append(_edit(Where(bus=bus.id), bus.id, BusEdit(bus=bus), (*mix.moves, *edits)))
    if mix.master != folded.master:
        master = _with_kept_drive(mix.master, folded.master)
        edits.append(_edit(Where(bus=MASTER), MASTER, MasterEdit(master=master), (*mix.moves, *edits)))
    if not edits:
        return mix
    return canonical(fold(mix.model_copy(update={"moves": (*mix.moves, *edits)})))


def _with_kept_drive(edited: MasterChain, former: MasterChain) -> MasterChain:
    """Return the edited chain; a drive that a person wrote is theirs and not solved again."""
    if edited.drive_db == former.drive_db:
        return edited
    return edited.model_copy(update={"derived": tuple(name for name in edited.derived if name != DRIVE)})


def _edit(where: Where, name: str, change: StripEdit | BusEdit | MasterEdit, moves: tuple[Move, ...]) -> Move:
    number = 1 + sum(move.id.startswith(f"edit.{name}.") for move in moves)
    last = max((move.order for move in moves), default=0)
    by_hand = Evidence(what="edited by hand in mix.json", value=number, unit="edit", source="the person")
    return Move(
        id=f"edit.{name}.{number}", task="hand_edit", title=f"Edited by hand: {name}", where=where, change=change,
        because=(by_hand,), order=last + 1, state="locked", set_by="person",
    )  # fmt: skip


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DECIMALS) + 0.0  # + 0.0 turns -0.0 into 0.0
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return value
