"""Channels of a DAWproject: faders, pans, mutes, sends, and the devices whose settings the format itself names."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element

from tonmeister.daw.reading import held, in_db, is_yes, number, whole
from tonmeister.daw.session import Device, DeviceKind
from tonmeister.processing import Band, Compressor, Equaliser
from tonmeister.processing.band import BUTTERWORTH_Q, Shape

_SHAPES: dict[str, Shape] = {
    "bell": "peak", "lowShelf": "low_shelf", "highShelf": "high_shelf", "highPass": "high_pass", "lowPass": "low_pass", "notch": "notch",
}  # fmt: skip
_PLUGINS = ("Vst2Plugin", "Vst3Plugin", "ClapPlugin", "AuPlugin", "BuiltinDevice", "Device")
_STEEP_ORDER = 4
_MOST_BANDS = 8


def gain_db(element: Element | None) -> float:
    """Return a volume in dB, whatever its unit."""
    if element is None:
        return 0.0
    return level_db(number(element.get("value"), 1.0), element.get("unit", "linear"))


def level_db(value: float, unit: str) -> float:
    """Return a level in dB."""
    return held(value, -120.0, 48.0) if unit == "decibel" else in_db(value)


def pan_of(value: float, unit: str) -> float:
    """Return a pan as we mean it, -1 … +1."""
    if unit == "normalized":
        value = 2 * value - 1
    elif unit == "percent":
        value /= 100
    return round(held(value, -1.0, 1.0), 6)


def devices_of(channel: Element) -> tuple[Device, ...]:
    """Return the devices of a channel, in the order in which they run."""
    holder = channel.find("Devices")
    return tuple(_device(element) for element in (() if holder is None else holder))


def _device(element: Element) -> Device:
    name = element.get("name") or element.get("deviceName") or element.tag
    is_on = is_yes(_value(element, "Enabled"), otherwise=True)
    if element.tag == "Equalizer":
        processor, differs = _equaliser(element)
        return Device(name=name, kind="equaliser", is_on=is_on, processor=processor, differs=differs)
    if element.tag == "Compressor":
        compressor, differs = _compressor(element)
        return Device(name=name, kind="compressor", is_on=is_on, processor=compressor, differs=differs)
    kinds: dict[str, DeviceKind] = {"NoiseGate": "gate", "Limiter": "limiter"}
    kind = kinds.get(element.tag, "instrument" if element.get("deviceRole") == "instrument" else "effect")
    return Device(name=name, kind=kind, is_on=is_on)


def _equaliser(element: Element) -> tuple[Equaliser, str | None]:
    bands, differs = [], []
    for row in element.findall("Band"):
        if not is_yes(_value(row, "Enabled"), otherwise=True):
            continue
        shape = _SHAPES.get(row.get("type", ""))
        if shape is None:
            differs.append(f"a {row.get('type')} band")
            continue
        order = whole(row.get("order"), 2)
        is_pass = shape in ("high_pass", "low_pass")
        if is_pass and order > _STEEP_ORDER:
            differs.append(f"{6 * order} dB per octave are taken for 24")
        bands.append(
            Band(
                shape=shape,
                frequency_hz=round(held(_hertz(row.find("Freq")), 10.0, 40_000.0), 4),
                gain_db=0.0
                if is_pass or shape == "notch"
                else round(held(number(_value(row, "Gain")), -36.0, 36.0), 4),
                q=held(number(_value(row, "Q"), BUTTERWORTH_Q), 0.05, 100.0),
                slope_db_per_octave=24 if is_pass and order >= _STEEP_ORDER else 12,
            )
        )
    if len(bands) > _MOST_BANDS:
        differs.append(f"only the first {_MOST_BANDS} of its {len(bands)} bands")
    differs += [f"its {tag}" for tag in ("InputGain", "OutputGain") if abs(gain_of(element.find(tag))) > 0.01]
    return Equaliser(bands=tuple(bands[:_MOST_BANDS])), _joined(differs)


def _compressor(element: Element) -> tuple[Compressor, str | None]:
    differs = ["automatic make-up"] if is_yes(_value(element, "AutoMakeup")) else []
    into_db = gain_of(element.find("InputGain"))
    percent = element.find("Ratio")
    settings = Compressor(
        threshold_db=held(number(_value(element, "Threshold"), -18.0) - into_db, -80.0, 0.0),
        ratio=round(held(_ratio(percent), 1.0, 20.0), 4),
        knee_db=0.0,
        attack_ms=held(_ms(element.find("Attack"), 10.0), 0.0, 500.0),
        release_ms=held(_ms(element.find("Release"), 100.0), 1.0, 5000.0),
        makeup_db=held(gain_of(element.find("OutputGain")) + into_db, -24.0, 24.0),
    )
    return settings, _joined(differs)


def gain_of(element: Element | None) -> float:
    """Return the gain of a device's input or output, in dB."""
    return 0.0 if element is None else level_db(number(element.get("value")), element.get("unit", "decibel"))


def _ratio(element: Element | None) -> float:
    """Return a ratio; as percent it is 100 (1 - 1 / ratio), as Bitwig writes it."""
    if element is None:
        return 1.0
    value = number(element.get("value"), 1.0)
    if element.get("unit", "percent") != "percent":
        return value
    return 1 / max(1 - value / 100, 0.05)


def _ms(element: Element | None, otherwise: float) -> float:
    return otherwise if element is None else round(1000 * number(element.get("value"), otherwise / 1000), 4)


def _hertz(element: Element | None) -> float:
    if element is None:
        return 1000.0
    value = number(element.get("value"), 69.0)
    if element.get("unit") == "semitones":
        return float(440.0 * 2 ** ((held(value, -100.0, 200.0) - 69) / 12))
    return value


def _value(element: Element, tag: str) -> str | None:
    found = element.find(tag)
    return None if found is None else found.get("value")


def _joined(parts: Iterable[str]) -> str | None:
    said = ", ".join(dict.fromkeys(parts))
    return said or None
