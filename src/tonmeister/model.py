"""The words everything speaks: frozen models and numbers that carry their unit."""

import ast
import inspect
import itertools
import sys
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

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
    """A frozen value; unknown fields are errors, attribute docstrings are the field descriptions.

    The docstrings are read when a schema or a meaning is asked for, and what checks the fields is built when a class is first used:
    both together took a third of the start-up of every command.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the schema with the meaning of each field."""
        schema = handler(core_schema)
        fields = handler.resolve_ref_schema(schema).get("properties", {})
        for name, meaning in field_meanings(cls).items():
            if name in fields:
                fields[name].setdefault("description", meaning)
        return schema


@cache
def field_meanings(model: type[BaseModel]) -> Mapping[str, str]:
    """Return what each field of a model means: its own description, or the docstring below it; fields without one are left out."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, Model):
            found |= _docstrings(base.__module__).get(base.__qualname__, {})
    said = {name: field.description for name, field in model.model_fields.items() if field.description}
    return {name: said.get(name) or found[name] for name in model.model_fields if name in said or name in found}


@cache
def _docstrings(module: str) -> Mapping[str, Mapping[str, str]]:
    """Return the docstrings below the attributes of each class of a module."""
    found: dict[str, Mapping[str, str]] = {}

    def look(node: Any, above: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef):
                found[f"{above}{child.name}"] = dict(_below(child.body))
                look(child, f"{above}{child.name}.")

    look(ast.parse(inspect.getsource(sys.modules[module])), "")
    return found


def _below(body: list[ast.stmt]) -> list[tuple[str, str]]:
    return [
        (one.target.id, inspect.cleandoc(two.value.value))
        for one, two in itertools.pairwise(body)
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and isinstance(two, ast.Expr)
        and isinstance(two.value, ast.Constant) and isinstance(two.value.value, str)
    ]  # fmt: skip
