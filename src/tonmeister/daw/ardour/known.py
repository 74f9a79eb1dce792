"""Ardour's own equaliser and compressor, and our box of tools, in our words; every other plugin by its name."""

from math import log, log2, sinh
from xml.etree.ElementTree import Element

from tonmeister.daw.reading import held, is_yes, number
from tonmeister.daw.session import Device
from tonmeister.processing import Band, Compressor, Equaliser, Gain, Width
from tonmeister.processing.band import BUTTERWORTH_Q

_EQUALISER = "urn:ardour:a-eq"
_COMPRESSOR = ("urn:ardour:a-comp", "urn:ardour:a-comp#stereo")
_GATE = ("urn:ardour:a-exp", "urn:ardour:a-exp#stereo")
_TOOLS = "Tonmeister Strip Tools"
_KNEE_DB = 6.0
"""Decibels of knee width in one unit of Ardour's knee."""
_PLUGINS = ("lv2", "ladspa", "luaproc", "vst", "windows-vst", "lxvst", "mac-vst", "vst3", "audiounit")


def is_plugin(processor: Element) -> bool:
    """Say whether a processor of a route is a plugin, not a fader, a meter or a way."""
    return processor.get("type", "") in _PLUGINS


def is_tools(processor: Element) -> bool:
    """Say whether a processor of a route is our own box of tools."""
    return processor.get("type") == "luaproc" and processor.get("name") == _TOOLS


def devices_of_plugin(processor: Element) -> list[Device]:
    """Return a plugin as devices: our box of tools is several."""
    name, unique = processor.get("name", "Plugin"), processor.get("unique-id", "")
    ports = _ports(processor)
    is_on = is_yes(processor.get("active"), otherwise=True) and ports.get("enable", 1.0) > 0
    if unique == _EQUALISER:
        equaliser, said = _equaliser(ports)
        return [Device(name=name, kind="equaliser", is_on=is_on, processor=equaliser, differs=said)]
    if unique in _COMPRESSOR:
        differs = "it listens to another track" if ports.get("sidech", 0.0) > 0 else None
        return [Device(name=name, kind="compressor", is_on=is_on, processor=_compressor(ports), differs=differs)]
    if unique in _GATE:
        return [Device(name=name, kind="gate", is_on=is_on)]
    if is_tools(processor):
        found = _tools(name, ports, is_on=is_on and ports.get("12", 1.0) > 0)
        return found or ([] if _moves(processor, ports) else [Device(name=name, is_on=is_on, processor=Gain())])
    return [Device(name=name, is_on=is_on)]


def _ports(processor: Element) -> dict[str, float]:
    """Return the values of a plugin by symbol, or by number where it has no symbols."""
    found = {}
    for port in processor.findall(f"{processor.get('type', '')}/Port"):
        name = port.get("symbol") or port.get("id") or port.get("number")
        if name is not None:
            found[name] = number(port.get("value"))
    return found


def _equaliser(ports: dict[str, float]) -> tuple[Equaliser, str | None]:
    bands = []
    for place in range(1, 5):
        if ports.get(f"filtog{place}", 1.0) > 0 and ports.get(f"g{place}", 0.0):
            wide = held(ports.get(f"bw{place}", 1.0), 0.01, 8.0)
            bands.append(
                Band(
                    frequency_hz=held(ports.get(f"freq{place}", 1000.0), 10.0, 40_000.0),
                    gain_db=held(ports[f"g{place}"], -36.0, 36.0),
                    q=round(held(1 / (2 * sinh(log(2) / 2 * wide)), 0.05, 100.0), 5),
                    design="rbj",
                )
            )
    for slot, is_low in (("l", True), ("h", False)):
        if ports.get(f"filtog{slot}", 1.0) > 0 and ports.get(f"g{slot}", 0.0):
            bands.append(_shelf(ports[f"g{slot}"], ports.get(f"freq{slot}", 1000.0), is_low=is_low))
    master_db = ports.get("master", 0.0)
    said = f"its output gain of {master_db:.1f} dB" if abs(master_db) > 0.01 else None
    return Equaliser(bands=tuple(bands)), said


def _shelf(gain_db: float, frequency_hz: float, *, is_low: bool) -> Band:
    """Return a shelf whose half is where that of Ardour's prototype is (see equaliser.py)."""
    shift = (-1 if is_low else 1) * gain_db / 80 * log2(10)
    return Band(
        shape="low_shelf" if is_low else "high_shelf",
        frequency_hz=round(held(frequency_hz * 2**-shift, 10.0, 40_000.0), 2),
        gain_db=held(gain_db, -36.0, 36.0),
        q=BUTTERWORTH_Q,
        design="rbj",
    )


def _compressor(ports: dict[str, float]) -> Compressor:
    return Compressor(
        threshold_db=held(ports.get("thr", 0.0), -80.0, 0.0),
        ratio=held(ports.get("rat", 4.0), 1.0, 20.0),
        knee_db=held(_KNEE_DB * ports.get("kn", 0.0), 0.0, 24.0),
        attack_ms=held(ports.get("att", 10.0), 0.0, 500.0),
        release_ms=held(ports.get("rel", 80.0), 1.0, 5000.0),
        makeup_db=held(ports.get("mak", 0.0), -24.0, 24.0),
    )


def _tools(name: str, ports: dict[str, float], *, is_on: bool) -> list[Device]:
    """Return what our own box of tools does: filters, width, gain."""
    bands = []
    for shape, first in (("high_pass", 0), ("low_pass", 3)):
        slope = ports.get(str(first), 0.0)
        if slope > 0:
            fields = {
                "shape": shape,
                "frequency_hz": held(ports.get(str(first + 1), 80.0), 10.0, 40_000.0),
                "q": held(ports.get(str(first + 2), BUTTERWORTH_Q), 0.05, 100.0),
                "slope_db_per_octave": 24 if slope > 1 else 12,
                "design": "rbj",
            }
            bands.append(Band.model_validate(fields))
    if ports.get("6", 0.0) > 0:
        notch = {
            "frequency_hz": held(ports.get("7", 50.0), 10.0, 40_000.0),
            "q": held(ports.get("8", 10.0), 0.05, 100.0),
        }
        bands.append(Band(shape="notch", design="rbj", **notch))
    found = [Device(name=name, kind="equaliser", is_on=is_on, processor=Equaliser(bands=tuple(bands)))] if bands else []
    width = held(ports.get("9", 1.0), 0.0, 2.0)
    if width != 1:
        found.append(Device(name=name, is_on=is_on, processor=Width(width=width)))
    gain_db, inverted = ports.get("10", 0.0), ports.get("11", 0.0) > 0
    if gain_db or inverted:
        found.append(Device(name=name, is_on=is_on, processor=Gain(gain_db=gain_db, inverted=inverted)))
    return found


def _moves(processor: Element, ports: dict[str, float]) -> bool:
    """Say whether our box of tools is there for what it moves: that is in the fader's lane and the mute's."""
    return (
        ports.get("13", 0.0) != 0
        or ports.get("14", 0.0) != 0
        or processor.find("Automation/AutomationList") is not None
    )
