"""What a person says about single tracks: the file behind `--roles`."""

import json
import tomllib
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator

from tonmeister.errors import InputError
from tonmeister.knowledge import roles
from tonmeister.model import Db, Model

PRIORITIES = {"lead": 2.0, "normal": 1.0, "background": 0.5}
"""Names of priorities and their weights."""


class TrackWish(Model):
    """A person's word on one track; what is not said is the engine's to decide."""

    role: str | None = None
    """Role, such as `lead vocal`."""
    priority: Literal["lead", "normal", "background"] | Annotated[float, Field(ge=0, le=4)] | None = None
    """Weight in the mix, 0..4, or its name."""
    pan: float | None = Field(default=None, ge=-1, le=1)
    """Where it belongs: -1 left … +1 right."""
    reverb_db: Db | None = Field(default=None, ge=-120, le=6)
    """Reverb send; -120 is none."""
    lock: bool = False
    """Keep its level: the balance does not move it."""
    tune: bool = False
    """Correct the pitch of this voice to the notes of the key, if that is sure."""
    reinforce: bool = False
    """Lay the best hit of this kick or snare under its hits."""
    align: bool = False
    """Move the phrases of this double or harmony to the lead's."""
    leave_alone: bool = False
    """No task touches it at all."""

    @field_validator("role")
    @classmethod
    def _is_a_role(cls, value: str | None) -> str | None:
        if value is not None and value not in roles():
            raise ValueError(f"{value!r} is no role; use one of {', '.join(roles())}")
        return value

    @property
    def weight(self) -> float | None:
        """The priority as a number."""
        return PRIORITIES[self.priority] if isinstance(self.priority, str) else self.priority


def read_wishes(text: str, *, where: str) -> dict[str, TrackWish]:
    """Read wishes by track name from TOML or JSON: `"Vox.wav" = "lead vocal"` or a table of fields for each name.

    Raises:
        InputError: If the text is neither, or a wish does not hold together.
    """
    try:
        data: Any = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"--roles {where}: neither TOML nor JSON ({error}).") from error
    rows = data.get("tracks", data) if isinstance(data, dict) else None
    if not isinstance(rows, dict):
        raise InputError(f"--roles {where}: give a table with a row for each track name.")
    wishes = {}
    for name, row in rows.items():
        fields = {"role": row} if isinstance(row, str) else row
        try:
            wishes[name] = TrackWish.model_validate(fields)
        except ValidationError as error:
            raise InputError(f"--roles {where}: {name}: {_sentence(error, fields)}") from error
    return wishes


def _sentence(error: ValidationError, row: Any) -> str:
    """Say what is wrong with a row and what would be right."""
    first = error.errors()[0]
    if not isinstance(row, dict):
        return f"give a role, or a table of {', '.join(TrackWish.model_fields)}."
    field = str(first["loc"][0])
    if field not in TrackWish.model_fields:
        quoted = "; put a name with a dot in quotes" if isinstance(row[field], str) else ""
        return f"{field}: no such wish, there are {', '.join(TrackWish.model_fields)}{quoted}."
    if field == "priority":
        return f"priority: use {', '.join(PRIORITIES)} or a weight from 0 to 4."
    return f"{field}: {first['msg'].removeprefix('Value error, ')}."
