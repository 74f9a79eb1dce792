"""Numbers, times, places and changes as a person reads them."""

import math
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from tonmeister.document.lane import SILENT_DB, Lane
from tonmeister.document.mix import Mix
from tonmeister.document.move import (
    AmountChange,
    BandChange,
    BusChange,
    BusEdit,
    Change,
    DelayChange,
    FaderChange,
    InsertChange,
    MasterEdit,
    MuteChange,
    Nothing,
    PanChange,
    PolarityChange,
    RouteChange,
    SendChange,
    SendRideChange,
    StripEdit,
    TargetChange,
    TrimChange,
    Where,
    WidthChange,
)
from tonmeister.document.strip import MASTER, Bus, Insert
from tonmeister.processing import Band

_UNITS = {
    "db_per_octave": "dB/octave", "db": "dB", "dbtp": "dBTP", "dbfs": "dBFS", "lufs": "LUFS", "lu": "LU",
    "hz": "Hz", "ms": "ms", "s": "s", "frames": "frames", "bpm": "bpm",
}  # fmt: skip
_SHAPES = {
    "peak": "Bell", "low_shelf": "Low shelf", "high_shelf": "High shelf", "high_pass": "High-pass",
    "low_pass": "Low-pass", "notch": "Notch",
}  # fmt: skip
_PROCESSORS = {
    "deesser": "De-esser", "true_peak_limiter": "True-peak limiter", "dynamic_equaliser": "Dynamic equaliser",
}  # fmt: skip
_PLAIN = ("", "share", "ratio", "correlation", "pan", "Q")  # what is measured says it already
_CENTRE = 0.005
_MOST_TOLD = 8
"""Of more places or knots only their number is told."""
SPACE = "\N{NO-BREAK SPACE}"
"""Between a number and its unit, so that no line ends there."""


def tell_number(value: float, *, digits: int = 1, signed: bool = False) -> str:
    """Return a number with a real minus sign, and no sign before zero."""
    text = f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("+-")
    return text.replace("-", "−")


def tell_value(value: float, unit: str, *, signed: bool = False) -> str:
    """Return a value with its unit, with as many digits as can be told apart."""
    if unit == "Hz":
        return tell_hz(value)
    digits = {"dB": 1, "LU": 1, "LUFS": 1, "dBTP": 2, "dBFS": 1}.get(unit)
    if digits is None:
        digits = 0 if value == round(value) else 1 if abs(value) >= 10 else 2
    number = tell_number(value, digits=digits, signed=signed)
    return number if unit in _PLAIN else f"{number}{SPACE}{unit}"


def tell_hz(value: float) -> str:
    """Return a frequency in Hz or kHz."""
    return f"{value / 1000:.3g}{SPACE}kHz" if value >= 1000 else f"{value:.3g}{SPACE}Hz"


def tell_time(time_s: float) -> str:
    """Return a place in the song as minutes and seconds."""
    whole = math.floor(time_s + 0.5)
    return f"{whole // 60}:{whole % 60:02d}"


def tell_span(start_s: float | None, end_s: float | None) -> str:
    """Return a range of the song, or nothing where there is none."""
    if start_s is None and end_s is None:
        return ""
    until = "the end" if end_s is None else tell_time(end_s)
    return f"{tell_time(start_s or 0.0)}–{until}"


def tell_pan(pan: float) -> str:
    """Return a pan as a percentage of the way to a side."""
    if abs(pan) < _CENTRE:
        return "centre"
    return f"{abs(pan) * 100:.0f}{SPACE}%{SPACE}{'left' if pan < 0 else 'right'}"


def tell_name(name: str) -> str:
    """Return an identifier as words, without the unit at its end."""
    for unit in _UNITS:
        name = name.removesuffix(f"_{unit}")
    return " ".join("EQ" if word == "eq" else word for word in name.split("_"))


def tell_where(where: Where, mix: Mix) -> str:
    """Return what a move touches, and when."""
    names = {track.id: track.name for track in mix.tracks}
    buses = {bus.id: bus.name for bus in mix.buses} | {MASTER: "Master"}
    sections = {section.id: section for section in mix.song.sections}
    place = names.get(where.track or "", where.track) or buses.get(where.bus or "", where.bus) or "Whole song"
    section = sections.get(where.section or "")
    span = tell_span(where.start_s, where.end_s)
    if section is not None:
        span = f"{section.label} {span or tell_span(section.start_s, section.end_s)}"
    return f"{place}, {span}" if span else place


def tell_band(band: Band) -> str:
    """Return one equaliser band in words."""
    if band.shape in ("high_pass", "low_pass"):
        return f"{_SHAPES[band.shape]} at {tell_hz(band.frequency_hz)}, {band.slope_db_per_octave} dB/octave"
    gain = "" if band.shape == "notch" else f" {tell_value(band.gain_db, 'dB', signed=True)}"
    return f"{_SHAPES[band.shape]}{gain} at {tell_hz(band.frequency_hz)}, Q {band.q:.2g}"


def tell_insert(insert: Insert, mix: Mix) -> str:
    """Return a processor, its settings that are not the default, and what it listens to."""
    name = _PROCESSORS.get(insert.processor.kind, insert.processor.kind.replace("_", " ").capitalize())
    key = next((track.name for track in mix.tracks if track.id == insert.key), insert.key)
    settings = _tell_settings(insert.processor)
    share = "" if insert.amount is None else f"; amount {tell_lane(insert.amount, tell_share)}"
    return f"{name}: {settings or 'as it comes'}" + (f"; listens to {key}" if key else "") + share


def _tell_settings(model: BaseModel) -> str:
    """Return the fields that are not the default, each with the unit in its name."""
    if isinstance(model, Band):
        return tell_band(model)
    told = []
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if name == "kind" or value is None or value == field.get_default(call_default_factory=True):
            continue
        told.append(_tell_setting(name, value))
    return " · ".join(told)


def _tell_setting(name: str, value: Any) -> str:
    if isinstance(value, tuple) and (len(value) > _MOST_TOLD or not all(isinstance(item, BaseModel) for item in value)):
        return f"{len(value)} {tell_name(name)}"  # knots and places are for the machine
    if isinstance(value, tuple):
        return "; ".join(_tell_settings(item) for item in value)
    if isinstance(value, BaseModel):
        return f"{tell_name(name)} ({_tell_settings(value)})"
    if isinstance(value, bool | str):
        return f"{tell_name(name)} {'on' if value is True else 'off' if value is False else tell_name(value)}"
    if name == "ratio":
        return f"ratio {value:.3g}:1"
    unit = next((unit for ending, unit in _UNITS.items() if name.endswith(f"_{ending}")), "")
    return f"{tell_name(name)} {tell_value(value, unit)}"


def tell_lane(lane: Lane, tell: Callable[[float], str]) -> str:
    """Return a lane's value, or how far it goes and in how many points."""
    values = [point.value for point in lane.points]
    if lane.is_constant:
        return tell(values[0])
    return f"{tell(min(values))} to {tell(max(values))}, {len(values)} points"


def tell_share(value: float) -> str:
    """Return a share of 1 as per cent."""
    return f"{value * 100:.0f}{SPACE}%"


def tell_change(change: Change, mix: Mix) -> str:
    """Return a move's settings in words."""
    words: Callable[[Any, Mix], str] = _CHANGES[type(change)]
    return words(change, mix)


def _tell_gain(value: float) -> str:
    return "off" if value <= SILENT_DB else tell_value(value, "dB", signed=True)


def _tell_delay(change: DelayChange, mix: Mix) -> str:
    frames = change.delay_frames
    way = "later" if frames >= 0 else "earlier"
    return f"{abs(frames)} frames ({abs(frames) / mix.song.sample_rate_hz * 1000:.2f} ms) {way}"


def _tell_mute(change: MuteChange, _: Mix) -> str:
    if change.mute.is_constant:
        return "Muted" if change.mute.points[0].value >= 1 else "Heard throughout"
    return f"Muted in places, {len(change.mute.points)} points"


def _tell_bus(bus: Bus, mix: Mix) -> str:
    chain = "; ".join(tell_insert(insert, mix) for insert in bus.inserts)
    return f"{'Effect' if bus.kind == 'effect' else 'Group'} bus {bus.name}" + (f": {chain}" if chain else "")


def _tell_target(change: TargetChange, _: Mix) -> str:
    ceiling = f"ceiling {tell_value(change.ceiling_dbtp, 'dBTP')}"
    return ceiling if change.target_lufs is None else f"{tell_value(change.target_lufs, 'LUFS')}, {ceiling}"


def _bus_name(name: str, mix: Mix) -> str:
    return next((bus.name for bus in mix.buses if bus.id == name), name)


_CHANGES: dict[type, Callable[..., str]] = {
    PolarityChange: lambda change, _: "Polarity turned over" if change.inverted else "Polarity as it came",
    DelayChange: _tell_delay,
    TrimChange: lambda change, _: f"Trim {_tell_gain(change.trim_db)}",
    BandChange: lambda change, _: tell_band(change.band),
    InsertChange: lambda change, mix: tell_insert(change.insert, mix),
    FaderChange: lambda change, _: f"Fader {tell_lane(change.change_db, _tell_gain)}",
    PanChange: lambda change, _: f"Pan {tell_lane(change.pan, tell_pan)}",
    WidthChange: lambda change, _: f"Width {tell_lane(change.width, tell_share)}",
    MuteChange: _tell_mute,
    SendChange: lambda change, mix: (
        f"Send to {_bus_name(change.send.bus, mix)}, {tell_lane(change.send.level_db, _tell_gain)}"
    ),
    SendRideChange: lambda change, mix: (
        f"Send to {_bus_name(change.bus, mix)} moved by {tell_lane(change.change_db, _tell_gain)}"
    ),
    AmountChange: lambda change, _: f"Amount of {change.insert} {tell_lane(change.amount, tell_share)}",
    RouteChange: lambda change, mix: f"Output to {_bus_name(change.output, mix)}",
    BusChange: lambda change, mix: _tell_bus(change.bus, mix),
    TargetChange: _tell_target,
    StripEdit: lambda *_: "The strip as the person left it",
    BusEdit: lambda *_: "The bus as the person left it",
    MasterEdit: lambda *_: "The master chain as the person left it",
    Nothing: lambda *_: "Nothing to do",
}
