"""The words everything speaks: frozen models and numbers that carry their unit."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Db = float
"""A level or gain in decibels."""
Hz = float
"""A frequency in hertz."""
Ms = float
"""A time in milliseconds."""
Seconds = float
"""A time in seconds of the song."""
Share = Annotated[float, Field(ge=0, le=1)]
"""A part of a whole, 0..1."""


class Model(BaseModel):
    """A frozen value; unknown fields are errors, attribute docstrings are the field descriptions."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)
