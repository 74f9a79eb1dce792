"""The words everything speaks: frozen models and numbers that carry their unit."""

import ast
import inspect
import sys
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue

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

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the schema with the fields' docstrings.

        pydantic itself (`use_attribute_docstrings`) would read all sources at every start, which takes 0.2 s.
        """
        schema = handler(core_schema)
        fields = handler.resolve_ref_schema(schema).get("properties", {})
        for name, meaning in meanings(cls).items():
            if name in fields:
                fields[name].setdefault("description", meaning)
        return schema


@cache
def meanings(model: type[BaseModel]) -> Mapping[str, str]:
    """Return what the fields of a model mean, by name: their docstrings, inherited ones too."""
    found: dict[str, str] = {}
    for part in reversed(model.__mro__):
        if issubclass(part, BaseModel) and part is not BaseModel:
            found |= _docstrings(part.__module__).get(part.__qualname__, {})
    return {name: found[name] for name in model.model_fields if name in found}


@cache
def _docstrings(module: str) -> Mapping[str, Mapping[str, str]]:
    """Return the docstrings of attributes by class."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: _of_attributes(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _of_attributes(node: ast.ClassDef) -> dict[str, str]:
    return {
        line.target.id: inspect.cleandoc(after.value.value)
        for line, after in pairwise(node.body)
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str)
    }
