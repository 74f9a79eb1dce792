"""States of REAPER's own plugins, byte for byte as REAPER 7 saves them.

A plugin's state is three base64 blocks: a header with its pins and the size of what follows, its data, a trailer. Only layouts
that were compared with blobs that REAPER wrote are written, as a made-up one can hang its renderer. Of ReaVerbate a saved state has eight
values that fit the order of its description; those that are alike in it (dry, width, low-pass; delay, high-pass) rest on that alone. ReaGate
saves 21 values of which no file tells which is which, and the one public writer of them that was found lays out ReaComp's otherwise than
REAPER saves it: gates are printed.
"""

import base64
import struct
from dataclasses import dataclass
from math import asinh, log

_FLOATS = b"\xef\xbe\xad\xde\x0d\xf0\xad\xde"
"""Stands before a plain list of 32-bit floats."""
_LOUDEST = 2.0
_SILENT_DB = -150.0
_TRAILER = "AAAQAAAA"
_LINE = 128
_PEAK = 8
EQ_TYPES = {"low_shelf": 0, "high_shelf": 1, "peak": _PEAK, "low_pass": 3, "high_pass": 4, "notch": 6}
"""ReaEQ's numbers of our shapes."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin that comes with REAPER."""

    name: str
    stem: str
    """Of its file."""
    number: int
    long_id: str
    fourcc: str
    magic: int
    inputs: tuple[int, ...]
    """Bit mask of each input pin."""
    flag: int

    def header(self, size: int) -> bytes:
        """Return the first block, for data of so many bytes."""
        pins = struct.pack("<I", len(self.inputs)) + struct.pack(f"<{len(self.inputs)}Q", *self.inputs)
        pins += struct.pack("<I2Q", 2, 1, 2)
        return (
            self.fourcc[::-1].encode()
            + struct.pack("<I", self.magic)
            + pins
            + struct.pack("<3I", size, self.flag, 0x100000)
        )


REAEQ = Plugin("ReaEQ", "reaeq", 1919247729, "56535472656571726561657100000000", "reeq", 0xFEED5EEE, (1, 2), 1)
REACOMP = Plugin(
    "ReaComp", "reacomp", 1919247213, "5653547265636D726561636F6D700000", "recm", 0xFEED5EEF, (1, 2, 4, 8), 0
)
REALIMIT = Plugin("ReaLimit", "realimit", 1919708532, "565354726C6D747265616C696D697400", "rlmt", 0xFEED5EEE, (1, 2), 1)
REAVERBATE = Plugin(
    "ReaVerbate", "reaverbate", 1920361016, "56535472766238726561766572626174", "rvb8", 0xFEED5EEF, (1, 2), 0
)
READELAY = Plugin("ReaDelay", "readelay", 1919247468, "5653547265646C72656164656C617900", "redl", 0xFEED5EEE, (1, 2), 1)


def as_base64(data: bytes) -> str:
    """Return bytes as REAPER writes them."""
    return base64.b64encode(data).decode()


def plugin_lines(plugin: Plugin, data: bytes) -> list[str]:
    """Return the lines of a plugin in a chain, without what stands around it."""
    text = as_base64(data)
    return [
        f'<VST "VST: {plugin.name} (Cockos)" {plugin.stem}.dll 0 "" {plugin.number}<{plugin.long_id}> ""',
        f"  {as_base64(plugin.header(len(data)))}",
        *(f"  {text[at : at + _LINE]}" for at in range(0, len(text), _LINE)),
        f"  {_TRAILER}",
        ">",
    ]


def octaves_of(q: float) -> float:
    """Return the bandwidth in octaves of a Q, as ReaEQ keeps it."""
    return 2 / log(2) * asinh(1 / (2 * q))


@dataclass(frozen=True, slots=True)
class EqBand:
    """A band of ReaEQ."""

    kind: int
    frequency_hz: float
    gain_db: float
    octaves: float
    on: bool = True


def reaeq(bands: list[EqBand]) -> bytes:
    """Return the data of ReaEQ."""
    data = struct.pack("<2i", 33, len(bands))
    for band in bands:
        gain = _gain(band.gain_db, most=1e9)
        data += struct.pack("<2i3dB", band.kind, int(band.on), band.frequency_hz, gain, band.octaves, 1)
    return data + struct.pack("<2id4i", 1, 1, 1.0, 0, 576, 363, 2)


def reacomp(
    *, threshold_db: float, ratio: float, attack_ms: float, release_ms: float, knee_db: float = 0.0, rms_ms: float = 5.0,
    wet: float = 1.0, dry: float | None = None,
) -> bytes:  # fmt: skip
    """Return the data of ReaComp; wet holds the makeup gain."""
    values = [0.0] * 21
    values[0] = _gain(threshold_db)
    values[1] = (ratio - 1) / 99
    values[2], values[3] = attack_ms / 500, release_ms / 5000
    values[6] = 1.0
    values[10] = _gain(_SILENT_DB) if dry is None else min(dry, _LOUDEST)
    values[11] = min(wet, _LOUDEST)
    values[13], values[14], values[17] = rms_ms / 100, knee_db / 24, 0.25
    return _FLOATS + struct.pack("<21f", *values)


def realimit(*, threshold_db: float, ceiling_db: float) -> bytes:
    """Return the data of ReaLimit: what comes in at the threshold goes out at the ceiling."""
    return struct.pack("<2I2d2I2d", 3, 0, threshold_db, ceiling_db, 2, 2, 0.0, 0.1778279410038923)


def reaverbate(
    *, room: float, damping: float, pre_delay_ms: float, low_cut_hz: float, wet: float = 1.0, dry: float = 0.0
) -> bytes:
    """Return the data of ReaVerbate at full width, with its low-pass open."""
    values = (wet, dry, room, damping, 1.0, pre_delay_ms / 500, 1.0, low_cut_hz / 20_000)
    return _FLOATS + struct.pack("<8f", *values)


def readelay(*, eighths: float, feedback: float, high_cut_hz: float, low_cut_hz: float, dry: float = 0.0) -> bytes:
    """Return the data of ReaDelay with one tap whose time is counted in eighth notes, as only that scale is known for sure."""
    tap = (0.0, 1.0, 0.0, eighths / 256, feedback, high_cut_hz / 20_000, low_cut_hz / 20_000, 1.0, 1.0, 1.0, 0.5)
    return struct.pack("<6I", 0, 0, 1, 4 * len(tap), 2, 0) + struct.pack("<13f", 1.0, dry, *tap)


def _gain(decibels: float, *, most: float = _LOUDEST) -> float:
    return min(most, float(10 ** (decibels / 20)))
