"""The text of a REAPER project as a tree: `<NAME words` … `>`, one thing a line, words in three kinds of quotes."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from tonmeister.daw.opening import SessionError

_WORD = re.compile(r'"([^"]*)"|\'([^\']*)\'|`([^`]*)`|(\S+)')
_DEEPEST = 200
_MOST_LINES = 5_000_000


@dataclass(slots=True)
class Line:
    """A line that holds no others."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        """The words behind the name."""
        return split_words(self.text)[1:]


@dataclass(slots=True)
class Node:
    """A block of lines and further blocks."""

    name: str
    words: list[str]
    rows: "list[Line | Node]" = field(default_factory=list)

    def line(self, name: str) -> list[str]:
        """Return the words of the first line of a name; none where there is no such line."""
        return next((row.words for row in self.rows if isinstance(row, Line) and row.name == name), [])

    def has(self, name: str) -> bool:
        """Say whether there is a line of a name."""
        return any(isinstance(row, Line) and row.name == name for row in self.rows)

    def blocks(self, *names: str) -> "list[Node]":
        """Return the blocks of some names."""
        return [row for row in self.rows if isinstance(row, Node) and row.name in names]

    def block(self, name: str) -> "Node | None":
        """Return the first block of a name."""
        return next(iter(self.blocks(name)), None)


def split_words(text: str) -> list[str]:
    """Return the words of a line, without their quotes."""
    return ["".join(part for part in match.groups() if part) for match in _WORD.finditer(text)]


def parse(text: str, path: Path) -> Node:
    """Return the project's outermost block.

    Raises:
        SessionError: If the text is no REAPER project, or breaks off inside of it.
    """
    root: Node | None = None
    open_blocks: list[Node] = []
    for count, raw in enumerate(text.splitlines()):
        line = raw.strip()
        if not line or count > _MOST_LINES:
            continue
        if line.startswith("<") and len(open_blocks) < _DEEPEST:
            words = split_words(line[1:])
            node = Node(words[0] if words else "", words[1:])
            if open_blocks:
                open_blocks[-1].rows.append(node)
            elif root is None:
                root = node
            open_blocks.append(node)
        elif line == ">" and open_blocks:
            open_blocks.pop()
        elif open_blocks:
            open_blocks[-1].rows.append(Line(line.split(None, 1)[0], line))
    if root is None or root.name != "REAPER_PROJECT":
        raise SessionError(path, "It does not begin as a REAPER project does", "Give a project that REAPER saved.")
    if open_blocks:
        raise SessionError(path, "It breaks off before its end", "Copy it again, or save it anew in REAPER.")
    return root
