"""A ReaScript that puts the mix into the project that is open in REAPER."""

from collections.abc import Sequence
from importlib.resources import files

from tonmeister.daw.lanes import Line
from tonmeister.daw.reaper.devices import Device
from tonmeister.daw.reaper.lines import number
from tonmeister.daw.reaper.row import Row
from tonmeister.daw.reaper.state import as_base64

_BODY = files("tonmeister.daw.reaper").joinpath("apply_mix.lua").read_text("utf-8").replace("\r\n", "\n")


def mix_script(rows: Sequence[Row], master: Sequence[Device], *, title: str) -> str:
    """Return the script: the mix as a table, and what puts it in place."""
    names = {row.key: row.name for row in rows}
    tracks = "".join(_row(row, names) for row in rows)
    table = (
        f"local mix = {{\n  title = {_text(title)},\n  master = {_effects(master)},\n  tracks = {{\n{tracks}  }},\n}}\n"
    )
    return f"{table}\n{_BODY}"


def _row(row: Row, names: dict[str, str]) -> str:
    desk = row.desk
    fields = [
        f"name = {_text(row.name)}",
        f"volume = {number(1.0 if desk.fader.line else desk.fader.gain)}",
        f"pan = {number(0.0 if desk.pan_line else desk.pan)}",
        f"mute = {int(desk.muted)}",
        f"fx = {_effects(row.devices)}",
        "sends = {" + ", ".join(_send(names[f"bus:{bus}"], level.gain) for bus, level in desk.sends) + "}",
    ]
    if row.key.startswith("bus:"):
        fields.append("bus = true")
    if row.clip is not None and row.clip[0].strip.trim_db:
        fields.append(f"trim = {number(10 ** (row.clip[0].strip.trim_db / 20))}")
    if desk.fader.line:
        fields.append(f"volumes = {_points(desk.fader.line)}")
    if desk.pan_line:
        fields.append(f"pans = {_points([(at, -value) for at, value in desk.pan_line])}")
    return "    {" + ", ".join(fields) + "},\n"


def _send(target: str, gain: float) -> str:
    return f"{{to = {_text(target)}, gain = {number(gain)}}}"


def _effects(devices: Sequence[Device]) -> str:
    made = [f'{{name = "{one.plugin.name} (Cockos)", state = "{as_base64(one.data)}"}}' for one in devices]
    return "{" + ", ".join(made) + "}"


def _points(line: Line) -> str:
    return "{" + ", ".join(f"{{{at:.6f}, {number(value)}}}" for at, value in line) + "}"


def _text(text: str) -> str:
    """Return a text as Lua reads it: what is not plain goes by its bytes."""
    plain = (
        f"\\{byte:03d}" if byte < 32 or byte > 126 or byte in b'"\\' else chr(byte) for byte in text.encode("utf-8")
    )
    return '"' + "".join(plain) + '"'
