"""Live's EQ Eight and Compressor in our words; every other device by its name."""

from xml.etree.ElementTree import Element

from tonmeister.daw.ableton.parameters import Parameter, parameter, value_of
from tonmeister.daw.reading import held, in_db
from tonmeister.daw.session import Device, DeviceKind
from tonmeister.processing import Band, Compressor, Equaliser
from tonmeister.processing.band import Shape

_MODES: dict[int, tuple[Shape, bool]] = {
    0: ("high_pass", True), 1: ("high_pass", False), 2: ("low_shelf", False), 3: ("peak", False), 4: ("notch", False),
    5: ("high_shelf", False), 6: ("low_pass", False), 7: ("low_pass", True),
}  # fmt: skip
"""Mode of a band of EQ Eight → its shape, and whether it is the steep one of 48 dB per octave."""
_INSTRUMENTS = (
    "OriginalSimpler", "MultiSampler", "Operator", "UltraAnalog", "StringStudio", "Collision", "LoungeLizard",
    "InstrumentGroupDevice", "DrumGroupDevice", "InstrumentImpulse", "InstrumentVector", "InstrumentMeld", "Drift",
)  # fmt: skip
_PLUGINS = ("PluginDevice", "AuPluginDevice")
_PEAK, _RMS = 0, 1


def devices_of(track: Element) -> tuple[Device, ...]:
    """Return the devices of a track, in the order in which they run."""
    places = ("DeviceChain/DeviceChain/Devices", "MasterChain/DeviceChain/Devices", "DeviceChain/Devices")
    holder = next((found for place in places if (found := track.find(place)) is not None), None)
    return () if holder is None else tuple(_device(element) for element in holder)


def _device(element: Element) -> Device:
    on = parameter(element, "On", {})
    is_on = on is None or on.is_on
    name = value_of(element, "UserName") or _plugin_name(element) or element.tag
    if element.tag == "Eq8":
        return _equaliser(element, name, is_on=is_on)
    if element.tag == "Compressor2":
        return _compressor(element, name, is_on=is_on)
    kinds: dict[str, DeviceKind] = {"Gate": "gate", "Limiter": "limiter"}
    kind = kinds.get(element.tag, "instrument" if element.tag in _INSTRUMENTS else "effect")
    return Device(name=name, kind=kind, is_on=is_on)


def _plugin_name(element: Element) -> str:
    if element.tag not in _PLUGINS:
        return ""
    for path in ("PluginDesc/VstPluginInfo/PlugName", "PluginDesc/Vst3PluginInfo/Name", "PluginDesc/AuPluginInfo/Name"):
        if name := value_of(element, path):
            return name
    return ""


def _number(holder: Element, name: str, otherwise: float) -> float:
    found = parameter(holder, name, {})
    return otherwise if found is None else found.number


def _equaliser(element: Element, name: str, *, is_on: bool) -> Device:
    scale = _number(element, "Scale", 1.0)
    differs = []
    bands = []
    for place in range(8):
        row = element.find(f"Bands.{place}/ParameterA")
        on = None if row is None else parameter(row, "IsOn", {})
        if row is None or on is None or not on.is_on:
            continue
        shape, is_steep = _MODES.get(int(_number(row, "Mode", 3.0)), ("peak", False))
        has_gain = shape in ("peak", "low_shelf", "high_shelf")
        if is_steep:
            differs.append("48 dB per octave are taken for 24")
        gain_db = _number(row, "Gain", 0.0) * scale if has_gain else 0.0
        bands.append(
            Band(
                shape=shape,
                frequency_hz=round(held(_number(row, "Freq", 1000.0), 10.0, 40_000.0), 4),
                gain_db=round(held(gain_db, -36.0, 36.0), 4),
                q=round(held(_number(row, "Q", 0.71), 0.05, 100.0), 5),
                slope_db_per_octave=24 if is_steep else 12,
            )
        )
    if int(float(value_of(element, "Mode", "0") or 0)) != 0:
        differs.append("its left and right or middle and side differ")
    gain_db = _number(element, "GlobalGain", 0.0)
    if abs(gain_db) > 0.01:
        differs.append(f"its output gain of {gain_db:.1f} dB")
    said = ", ".join(dict.fromkeys(differs)) or None
    return Device(name=name, kind="equaliser", is_on=is_on, processor=Equaliser(bands=tuple(bands)), differs=said)


def _compressor(element: Element, name: str, *, is_on: bool) -> Device:
    differs = []
    model = int(_number(element, "Model", float(_RMS)))
    if model not in (_PEAK, _RMS):
        differs.append("it expands")
    if _is(parameter(element, "GainCompensation", {})):
        differs.append("automatic make-up")
    if _is(parameter(element.find("SideChain"), "OnOff", {})):
        differs.append("it listens to another track")
    mix = held(_number(element, "DryWet", 1.0), 0.0, 1.0)
    processor = Compressor(
        threshold_db=round(held(in_db(_number(element, "Threshold", 1.0)), -80.0, 0.0), 4),
        ratio=round(held(_number(element, "Ratio", 4.0), 1.0, 20.0), 4),
        knee_db=round(held(_number(element, "Knee", 6.0), 0.0, 24.0), 4),
        attack_ms=round(held(_number(element, "Attack", 10.0), 0.0, 500.0), 4),
        release_ms=round(held(_number(element, "Release", 100.0), 1.0, 5000.0), 4),
        makeup_db=round(held(_number(element, "Gain", 0.0), -24.0, 24.0), 4),
        detector="rms" if model == _RMS else "peak",
        mix=mix,
    )
    said = ", ".join(differs) or None
    return Device(name=name, kind="compressor", is_on=is_on, processor=processor, differs=said)


def _is(found: Parameter | None) -> bool:
    return found is not None and found.is_on
