"""JSON laid out for people: indented, but long lists of small things packed, so that hundreds of knots stay a few lines."""

import json
from typing import Any

LONG = 12
"""Lists of more items are packed."""
WIDTH = 100
"""A packed line is no longer."""
_SMALL = 4
"""A list or an object of so many plain values is a small thing."""


def lay_out(value: Any, *, indent: int = 0) -> str:
    """Return JSON text with sorted keys, one space a level; its value is the same as that of any other layout."""
    if isinstance(value, dict) and value:
        rows = [f"{_plain(key)}: {lay_out(value[key], indent=indent + 1)}" for key in sorted(value)]
        return _within("{", rows, "}", indent)
    if isinstance(value, list) and value:
        rows = _packed(value) if _is_packable(value) else [lay_out(item, indent=indent + 1) for item in value]
        return _within("[", rows, "]", indent)
    return _plain(value)


def _is_packable(items: list[Any]) -> bool:
    return len(items) > LONG and all(_is_small(item) for item in items)


def _is_small(item: Any) -> bool:
    if isinstance(item, dict | list):
        parts = list(item.values()) if isinstance(item, dict) else item
        return 0 < len(parts) <= _SMALL and not any(isinstance(part, dict | list | str) for part in parts)
    return isinstance(item, int | float) and not isinstance(item, bool)


def _packed(items: list[Any]) -> list[str]:
    """Return objects one a line, numbers and short lists as many as fit."""
    if isinstance(items[0], dict):
        return [_plain(item) for item in items]
    rows: list[str] = []
    for item in map(_plain, items):
        if rows and len(rows[-1]) + len(item) + 2 <= WIDTH:
            rows[-1] += f", {item}"
        else:
            rows.append(item)
    return rows


def _within(opening: str, rows: list[str], closing: str, indent: int) -> str:
    margin = " " * (indent + 1)
    return f"{opening}\n" + ",\n".join(f"{margin}{row}" for row in rows) + f"\n{' ' * indent}{closing}"


def _plain(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
