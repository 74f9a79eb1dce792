"""The pieces of a REAPER project file: tracks, envelopes, receives, items. Lines of text in blocks."""

from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5

from tonmeister.daw.desk import Level
from tonmeister.daw.lanes import Line
from tonmeister.daw.names import printable_text
from tonmeister.daw.reaper.devices import Device
from tonmeister.daw.reaper.state import plugin_lines

_NAMESPACE = uuid5(NAMESPACE_URL, "tonmeister-reaper")


def guid(*what: object) -> str:
    """Return an id that is the same for the same thing on every machine."""
    return "{" + str(uuid5(_NAMESPACE, "/".join(str(one) for one in what))).upper() + "}"


def quoted(text: str) -> str:
    """Return a text between marks that it does not hold; the file has no way to escape one."""
    clean = " ".join(printable_text(text).split())
    mark = next((mark for mark in "\"'`" if mark not in clean), None)
    return f"`{clean.replace('`', chr(39))}`" if mark is None else f"{mark}{clean}{mark}"


def number(value: float) -> str:
    """Return a number as text."""
    return f"{value + 0.0:.12g}"


def block(head: str, lines: Sequence[str]) -> list[str]:
    """Return lines within a block."""
    return [f"<{head}", *(f"  {line}" for line in lines), ">"]


def envelope(kind: str, owner: str, line: Line) -> list[str]:
    """Return an envelope whose points are joined by straight lines."""
    head = [f"EGUID {guid(kind, owner)}", "ACT 1 -1", "VIS 1 1 1", "LANEHEIGHT 0 0", "ARM 0", "DEFSHAPE 0 -1 -1"]
    return block(kind, [*head, *(f"PT {at:.6f} {number(value)} 0" for at, value in line)])


def chain(kind: str, owner: str, devices: Sequence[Device]) -> list[str]:
    """Return a chain of plugins; nothing without any."""
    if not devices:
        return []
    lines = ["SHOW 0", "LASTSEL 0", "DOCKED 0"]
    for place, device in enumerate(devices):
        lines += ["BYPASS 0 0 0", *plugin_lines(device.plugin, device.data)]
        lines += ["FLOATPOS 0 0 0 0", f"FXID {guid('fx', owner, place)}", "WAK 0 0"]
    return block(kind, lines)


def receive(source: int, owner: str, level: Level) -> list[str]:
    """Return a post-fader receive from the track of this number, with its envelope where it moves."""
    gain = 1.0 if level.line else level.gain
    lines = [f"AUXRECV {source} 0 {number(gain)} 0 0 0 0 0 0 -1:U 0 -1 ''"]
    return lines + (envelope("AUXVOLENV", f"{owner}/{source}", level.line) if level.line else [])


def item(owner: str, name: str, *, start_s: float, length_s: float, skip_s: float, gain: float, file: str) -> list[str]:
    """Return a clip without fades; a negative gain turns it over."""
    return block(
        "ITEM",
        [
            f"POSITION {start_s:.9f}", "SNAPOFFS 0", f"LENGTH {length_s:.9f}", "LOOP 0", "ALLTAKES 0", "FADEIN 1 0 0 1 0 0 0",
            "FADEOUT 1 0 0 1 0 0 0", "MUTE 0 0", f"IGUID {guid('item', owner)}", "IID 1", f"NAME {quoted(name)}",
            f"VOLPAN 1 0 {number(gain)} -1", f"SOFFS {skip_s:.9f}", "PLAYRATE 1 1 0 -1 0 0.0025", "CHANMODE 0",
            f"GUID {guid('take', owner)}", *block("SOURCE WAVE", [f"FILE {quoted(file)}"]),
        ],
    )  # fmt: skip
