"""What differs between two mixes, in words a person reads."""

from typing import Any, Literal

from tonmeister.document.mix import Mix
from tonmeister.model import Model


class Difference(Model):
    """One field that differs."""

    what: Literal["added", "removed", "changed"]
    where: str
    """Path to the value, such as `tracks.vox.strip.fader_db` or `moves.eq.bass.peak-1`."""
    before: Any = None
    after: Any = None


def diff_mixes(before: Mix, after: Mix) -> tuple[Difference, ...]:
    """List the differences, tracks, buses and moves matched by id, in document order."""
    return tuple(_differences("", before.model_dump(mode="json"), after.model_dump(mode="json")))


def _differences(path: str, before: Any, after: Any) -> list[Difference]:
    if before == after:
        return []
    if _is_named(before) and _is_named(after):
        before, after = ({item["id"]: item for item in items} for items in (before, after))
    if not (isinstance(before, dict) and isinstance(after, dict)) or before.get("kind") != after.get("kind"):
        return [Difference(what="changed", where=path, before=before, after=after)]
    found: list[Difference] = []
    for name in (*before, *(name for name in after if name not in before)):
        here = f"{path}.{name}" if path else name
        if name not in after:
            found.append(Difference(what="removed", where=here, before=before[name]))
        elif name not in before:
            found.append(Difference(what="added", where=here, after=after[name]))
        else:
            found += _differences(here, before[name], after[name])
    return found


def _is_named(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) and "id" in item for item in value)
