"""Older documents become today's, one version at a time."""

from collections.abc import Callable
from typing import Any

from tonmeister.document.mix import VERSION
from tonmeister.errors import DocumentError

Step = Callable[[dict[str, Any]], dict[str, Any]]

STEPS: dict[int, Step] = {}
"""From version N to N + 1; a step is added with each change of the schema that old documents would not survive."""


def migrate(data: Any) -> dict[str, Any]:
    """Bring a document of any known version to today's.

    Raises:
        DocumentError: If the version is missing or newer than this engine.
    """
    if not isinstance(data, dict) or type(data.get("version")) is not int:
        raise DocumentError("mix.json has no version; it was not written by tonmeister")
    if data["version"] > VERSION:
        raise DocumentError(
            f"mix.json is version {data['version']}, newer than this engine's {VERSION}; update tonmeister"
        )
    known: dict[str, Any] = data
    while known["version"] < VERSION:
        step = STEPS.get(known["version"])
        if step is None:
            raise DocumentError(f"mix.json is version {known['version']}, which was never released")
        known = {**step(known), "version": known["version"] + 1}
    return known
