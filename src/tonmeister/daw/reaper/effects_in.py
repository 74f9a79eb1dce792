"""REAPER's effect chains: what is in them, and the settings of ReaEQ and ReaComp from their saved state."""

import base64
import binascii
import struct
from math import log, sinh

from tonmeister.daw.reading import held, in_db
from tonmeister.daw.reaper.tree import Line, Node
from tonmeister.daw.session import Device, DeviceKind
from tonmeister.processing import Band, Compressor, Equaliser
from tonmeister.processing.band import Shape

_SHAPES: dict[int, Shape] = {
    0: "low_shelf", 1: "high_shelf", 2: "peak", 3: "low_pass", 4: "high_pass", 6: "notch", 8: "peak",
}  # fmt: skip
_EFFECTS = ("VST", "AU", "JS", "DX", "LV2", "CLAP", "VIDEO_EFFECT")
_FLOATS_MAGIC = b"\xef\xbe\xad\xde\x0d\xf0\xad\xde"
_MOST_BANDS = 8
_UNHEARD_DB = -60.0


def read_effects(chain: Node | None) -> tuple[Device, ...]:
    """Return the devices of an effect chain, in the order in which they run."""
    found: list[Device] = []
    is_on = True
    for row in () if chain is None else chain.rows:
        if isinstance(row, Line) and row.name == "BYPASS":
            is_on = row.words[:1] in ([], ["0"]) and row.words[1:2] in ([], ["0"])
        elif isinstance(row, Node) and row.name in _EFFECTS:
            found.append(_device(row, is_on=is_on))
            is_on = True
    return tuple(found)


def _device(node: Node, *, is_on: bool) -> Device:
    name = node.words[0] if node.words else node.name
    plain = name.partition(":")[2].strip() or name
    kind: DeviceKind = "instrument" if name.startswith(("VSTi", "VST3i", "AUi", "CLAPi", "LV2i")) else "effect"
    device = Device(name=plain, kind=kind, is_on=is_on)
    state = _state(node)
    if state is None:
        return device
    if plain.startswith("ReaEQ"):
        return _equaliser(device, state)
    if plain.startswith("ReaComp"):
        return _compressor(device, state)
    if plain.startswith("ReaLimit"):
        return device.model_copy(update={"kind": "limiter"})
    return device.model_copy(update={"kind": "gate"}) if plain.startswith("ReaGate") else device


def _state(node: Node) -> bytes | None:
    """Return what a VST saved: the first line of base64 is a header that says how long the data behind it are."""
    lines = [row.text for row in node.rows if isinstance(row, Line)]
    try:
        header = base64.b64decode(lines[0], validate=True)
        (size,) = struct.unpack_from("<I", header, len(header) - 12)
        data = b""
        for text in lines[1:]:
            if len(data) >= size:
                break
            data += base64.b64decode(text, validate=True)
    except (IndexError, binascii.Error, ValueError, struct.error):
        return None
    return data[:size] if 0 < size <= len(data) else None


def _equaliser(device: Device, state: bytes) -> Device:
    device = device.model_copy(update={"kind": "equaliser"})
    try:
        _, count = struct.unpack_from("<2i", state, 0)
        rows = [struct.unpack_from("<2i3db", state, 8 + 33 * place) for place in range(min(max(count, 0), 64))]
        (out_gain,) = struct.unpack_from("<d", state, 8 + 33 * len(rows) + 8)
    except struct.error:
        return device
    bands, differs = [], []
    for kind, is_on, hertz, gain, octaves, _ in rows:
        if not is_on:
            continue
        shape = _SHAPES.get(kind)
        if shape is None:
            differs.append(f"a band of kind {kind}")
            continue
        has_gain = shape in ("peak", "low_shelf", "high_shelf")
        bands.append(
            Band(
                shape=shape,
                frequency_hz=round(held(hertz, 10.0, 40_000.0), 4),
                gain_db=round(held(in_db(gain), -36.0, 36.0), 4) if has_gain else 0.0,
                q=round(held(_q(octaves), 0.05, 100.0), 5),
            )
        )
    if len(bands) > _MOST_BANDS:
        differs.append(f"only the first {_MOST_BANDS} of its {len(bands)} bands")
    if abs(in_db(out_gain)) > 0.01:
        differs.append(f"its output gain of {in_db(out_gain):.1f} dB")
    return device.model_copy(
        update={"processor": Equaliser(bands=tuple(bands[:_MOST_BANDS])), "differs": ", ".join(differs) or None}
    )


def _q(octaves: float) -> float:
    """Return the Q of a bandwidth in octaves."""
    wide = held(octaves, 0.01, 8.0)
    return 1 / (2 * sinh(log(2) / 2 * wide))


def _compressor(device: Device, state: bytes) -> Device:
    device = device.model_copy(update={"kind": "compressor"})
    if not state.startswith(_FLOATS_MAGIC) or len(state) < len(_FLOATS_MAGIC) + 4 * 17:
        return device
    values = struct.unpack_from(f"<{(len(state) - 8) // 4}f", state, 8)
    window_ms = values[13] * 100
    differs = ["its dry share"] if in_db(values[10]) > _UNHEARD_DB else []
    differs += ["automatic make-up"] if values[15] >= 0.5 else []
    processor = Compressor(
        threshold_db=round(held(in_db(values[0]), -80.0, 0.0), 4),
        ratio=round(held(1 + 99 * values[1], 1.0, 20.0), 4),
        knee_db=round(held(24 * values[14], 0.0, 24.0), 4),
        attack_ms=round(held(500 * values[2], 0.0, 500.0), 4),
        release_ms=round(held(5000 * values[3], 1.0, 5000.0), 4),
        makeup_db=round(held(in_db(values[11]), -24.0, 24.0), 4),
        detector="rms" if window_ms >= 0.5 else "peak",
        rms_window_ms=round(held(window_ms, 0.5, 100.0), 4),
    )
    return device.model_copy(update={"processor": processor, "differs": ", ".join(differs) or None})
