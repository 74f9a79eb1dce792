"""A Live set as a tree that knows where in the text each element stands, so that single values can be exchanged.

Only the places meant are written; every other byte of the set stays as Live wrote it.
"""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from xml.parsers import expat

from tonmeister.errors import InputError

_MOST_BYTES = 512 * 1024 * 1024
"""What a set may unpack to; the largest seen are a tenth of it."""
_PIECE = 1 << 20


@dataclass(slots=True)
class Node:
    """An element and the bytes it takes."""

    tag: str
    attributes: dict[str, str]
    start: int
    end: int = 0
    inner_end: int = 0
    """Where its end tag begins; the same as `start` for an element without content."""
    children: list["Node"] = field(default_factory=list)

    def child(self, tag: str) -> "Node | None":
        """Return the first child of a tag."""
        return next((one for one in self.children if one.tag == tag), None)

    def at(self, *path: str) -> "Node | None":
        """Return the first element of a way down."""
        here: Node | None = self
        for tag in path:
            here = None if here is None else here.child(tag)
        return here

    def walk(self) -> Iterator["Node"]:
        """Return this element and all below it."""
        yield self
        for one in self.children:
            yield from one.walk()


@dataclass(frozen=True, slots=True)
class LiveSet:
    """A set: its text and its tree."""

    text: bytes
    root: Node

    @property
    def set(self) -> Node:
        """What holds tracks."""
        found = self.root.child("LiveSet")
        if found is None:
            raise InputError("This is no Live set: it holds no LiveSet; save it once more with Live.")
        return found


def read_set(path: Path) -> LiveSet:
    """Read a set.

    Raises:
        InputError: If it is not there, is no Live set, or unpacks to something huge.
    """
    return parse_set(_unpacked(path), where=str(path))


def parse_set(text: bytes, *, where: str) -> LiveSet:
    """Return the tree of a set's text.

    Raises:
        InputError: If it is no XML of Live's.
    """
    parser = expat.ParserCreate()
    stack: list[Node] = []
    roots: list[Node] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        node = Node(tag, attributes, parser.CurrentByteIndex)
        (stack[-1].children if stack else roots).append(node)
        stack.append(node)

    def end(_: str) -> None:
        node = stack.pop()
        own_end = _tag_end(text, node.start) if not node.children else 0
        if own_end and text[own_end - 2 : own_end] == b"/>":
            node.inner_end, node.end = node.start, own_end
        else:
            node.inner_end = parser.CurrentByteIndex
            node.end = _tag_end(text, node.inner_end)

    def refuse(*_: object) -> None:
        raise InputError(f"{where}: it declares entities, which Live never does; it is not read.")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.ParseFile(BytesIO(text))
    except expat.ExpatError as error:
        raise InputError(
            f"{where}: this is no Live set, or it is damaged ({error}); save it once more with Live."
        ) from error
    if not roots or roots[0].tag != "Ableton":
        raise InputError(f"{where}: this is no Live set; give an .als file.")
    return LiveSet(text, roots[0])


def write_set(path: Path, text: bytes) -> None:
    """Write a set's text as Live packs it; the same text gives the same bytes."""
    with path.open("wb") as file, gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        packed.write(text)


def _unpacked(path: Path) -> bytes:
    pieces, size = [], 0
    try:
        with gzip.open(path, "rb") as file:
            while piece := file.read(_PIECE):
                pieces.append(piece)
                size += len(piece)
                if size > _MOST_BYTES:
                    raise InputError(f"{path}: it unpacks to more than {_MOST_BYTES >> 20} MB and is not read.")
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: no Live set can be read there; give an .als file that Live saved.") from error
    return b"".join(pieces)


def _tag_end(text: bytes, at: int) -> int:
    """Return where the tag that begins there ends; a `>` may stand within quotes."""
    end = text.find(b">", at) + 1
    while end and text.count(b'"', at, end) % 2:
        end = text.find(b">", end) + 1
    return end or len(text)
