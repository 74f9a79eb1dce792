"""Our processors as plugins that come with Ardour, and the box of tools that we bring along."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from math import log10
from typing import Any, Literal
from xml.etree.ElementTree import Element

import numpy as np

from tonmeister.daw.ardour.dynamics import compressor_ports, expander_ports, gate_ports
from tonmeister.daw.ardour.equaliser import fit_bands, split_bands
from tonmeister.daw.ardour.lanes import Points
from tonmeister.daw.ardour.space import delay_ports, reverb_ports
from tonmeister.daw.ardour.xml import Interpolation, Numbers, add, add_automation, add_processor, number
from tonmeister.daw.words import summary_of, title_of
from tonmeister.document.strip import Insert
from tonmeister.processing import Band, Compressor, Delay, Equaliser, Expander, Gain, Gate, Reverb, Width
from tonmeister.processing.band import BUTTERWORTH_Q
from tonmeister.processing.filter_design import magnitude_db
from tonmeister.processing.registry import is_neutral

_SCRIPT = files("tonmeister.daw.ardour").joinpath("strip_tools.lua").read_bytes().replace(b"\r\n", b"\n")
_TOOLS = "Tonmeister Strip Tools"
_HEARD_DB = 0.5
"""Difference of an equaliser's curve above which it is said."""
_FLOOR_DB = -24.0
"""Where a pass filter lets less through, its difference is not looked at."""
_AUDIBLE_HZ = np.geomspace(20, 16_000, 120)
_TOOL_PORTS = (
    "high_pass_slope", "high_pass_hz", "high_pass_q", "low_pass_slope", "low_pass_hz", "low_pass_q",
    "notch", "notch_hz", "notch_q", "width", "gain_db", "invert", "enable", "ride_db", "silent",
)  # fmt: skip
"""What strip_tools.lua lists as its parameters, in its order."""
WIDTH_PORT = str(_TOOL_PORTS.index("width"))
"""The number of the parameter that is the width."""
RIDE_PORT = str(_TOOL_PORTS.index("ride_db"))
SILENT_PORT = str(_TOOL_PORTS.index("silent"))
SKETCHES = frozenset({"reverb", "delay"})
"""What Ardour has of another sound than ours: the printed return plays, Ardour's own lies in the muted bus."""
_TOOLS_AT_REST = dict(
    zip(_TOOL_PORTS, (0, 80, BUTTERWORTH_Q, 0, 18_000, BUTTERWORTH_Q, 0, 50, 10, 1, 0, 0, 1, 0, 0), strict=True)
)


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin on a route, at its settings."""

    name: str
    kind: Literal["lv2", "luaproc"]
    uri: str
    copies: int
    """How many of it run side by side: a mono plugin runs twice on two channels."""
    ports: dict[str, float]
    """Values by symbol (LV2) or by number (Lua)."""
    points: dict[str, Points] = field(default_factory=dict)
    """What moves, by the same name."""


@dataclass(slots=True)
class Chain:
    """The plugins of one route, and what had to be said about them."""

    plugins: list[Plugin] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    approximate: list[str] = field(default_factory=list)
    errors_db: dict[str, float] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)

    def count(self, what: str) -> None:
        """Note that one of these is carried."""
        self.counts[what] = self.counts.get(what, 0) + 1


def carry_inserts(inserts: Sequence[Insert], *, channels: int, sample_rate_hz: int) -> Chain:
    """Return what of a chain Ardour can run, in the order in which we run it: cleanup first."""
    chain = Chain()
    ordered = [insert for insert in inserts if insert.slot == "cleanup"]
    ordered += [insert for insert in inserts if insert.slot != "cleanup"]
    for insert in ordered:
        if not is_neutral(insert.processor):
            _carry(chain, insert, channels, sample_rate_hz)
    return chain


def builds(insert: Insert, channels: int) -> bool:
    """Say whether Ardour's plugins and our box of tools make an insert, at least nearly."""
    settings: Any = insert.processor
    match settings:
        case Equaliser():
            return settings.channels == "stereo" or channels == 1
        case Width():
            return settings.mono_below_hz is None
        case Compressor() | Expander() | Gate() | Gain():
            return True
    return False


def tools(**settings: float) -> Plugin:
    """Return the box of tools at some settings (see strip_tools.lua), the rest at rest; it runs on any channels."""
    values = {**_TOOLS_AT_REST, **settings}
    ports = {str(place): float(values[name]) for place, name in enumerate(_TOOL_PORTS)}
    return Plugin(_TOOLS, "luaproc", hashlib.sha1(_SCRIPT, usedforsecurity=False).hexdigest(), 1, ports)


def add_plugin(parent: Element, numbers: Numbers, plugin: Plugin) -> None:
    """Add a plugin to a route."""
    processor = add_processor(
        parent, numbers, plugin.name, plugin.kind, unique_id=plugin.uri, count=str(plugin.copies), custom="0"
    )
    automation = add(processor, "Automation")
    for port, points in plugin.points.items():
        style: Interpolation = "Discrete" if port == SILENT_PORT else "Linear"
        add_automation(automation, numbers, f"parameter-{port}", points=points, style=style)
    preset = {"last-preset-uri": "", "last-preset-label": "", "parameter-changed-since-last-preset": "0"}
    state = add(processor, plugin.kind, preset)
    if plugin.kind == "luaproc":
        add(state, "script", {"lua": "Lua 5.3", "origin": ""}).text = base64.b64encode(_SCRIPT).decode("ascii")
    for port, value in plugin.ports.items():
        add(state, "Port", {"id" if plugin.kind == "luaproc" else "symbol": port, "value": number(value)})


def _carry(chain: Chain, insert: Insert, channels: int, rate_hz: int) -> None:
    settings: Any = insert.processor
    title = title_of(insert)
    if insert.key is not None:
        chain.lost.append(f"its {title} ({insert.id}), which listens to another track; set up the side-chain by hand")
        return
    if insert.amount is not None:
        moves = ", ".join(f"{point.value:.0%} at {point.time_s:.1f} s" for point in insert.amount.points)
        told = f"its {title} ({insert.id}), of which a share is heard that moves by section ({moves}): {summary_of(settings)}"
        chain.lost.append(f"{told}; automate such a plugin by hand")
        return
    match settings:
        case Equaliser():
            _carry_equaliser(chain, insert.id, settings, channels, rate_hz)
        case Compressor():
            _carry_compressor(chain, settings, channels)
        case Expander() | Gate():
            ports, said = gate_ports(settings) if isinstance(settings, Gate) else expander_ports(settings)
            chain.plugins.append(_dynamics("a-exp", "ACE Expander", channels, ports))
            chain.approximate += [f"its {title}: {sentence}" for sentence in said]
            chain.count("expanders")
        case Width():
            _carry_width(chain, settings, channels)
        case Gain():
            chain.plugins.append(tools(gain_db=settings.gain_db, invert=float(settings.inverted)))
            chain.count("gains")
        case Reverb():
            _carry_reverb(chain, settings, channels)
        case Delay():
            _carry_delay(chain, settings, channels)
        case _:
            chain.lost.append(f"its {title} ({insert.id}): {summary_of(settings)}; Ardour brings no such plugin")


def _carry_equaliser(chain: Chain, name: str, settings: Equaliser, channels: int, rate_hz: int) -> None:
    bands = [band for band in settings.bands if not band.is_neutral]
    if settings.channels == "side" and channels == 1:
        return
    if settings.channels != "stereo" and channels == 2 and bands:
        told = f"its equaliser ({name}) on the {settings.channels} alone: {summary_of(settings)}; Ardour brings no such plugin"
        chain.lost.append(told)
        return
    if settings.phase == "linear" and bands:
        chain.approximate.append(f"its equaliser ({name}) has minimum phase there; ours is linear")
    passes = [band for band in bands if band.shape in ("high_pass", "low_pass", "notch")]
    for band in passes:
        _check_pass(chain, name, band, rate_hz)
        values = _pass_ports(band)
        last = chain.plugins[-1] if chain.plugins else None
        place = str(_TOOL_PORTS.index(next(iter(values))))
        if last is not None and last.name == _TOOLS and last.ports[place] == 0:  # its filter of this kind is free
            own = {str(_TOOL_PORTS.index(key)): value for key, value in values.items()}
            chain.plugins[-1] = Plugin(_TOOLS, last.kind, last.uri, last.copies, {**last.ports, **own})
        else:
            chain.plugins.append(tools(**values))
        chain.count("filters")
    for group in split_bands([band for band in bands if band not in passes]):
        fit = fit_bands(group, rate_hz)
        chain.errors_db[f"equaliser ({name})"] = round(
            max(fit.error_db, chain.errors_db.get(f"equaliser ({name})", 0.0)), 2
        )
        chain.plugins.append(Plugin("ACE EQ", "lv2", "urn:ardour:a-eq", channels, fit.ports))
        chain.count("equalisers")
        if fit.error_db > _HEARD_DB:
            chain.approximate.append(f"its equaliser ({name}) differs by up to {fit.error_db:.1f} dB below 16 kHz")


def _check_pass(chain: Chain, name: str, band: Band, rate_hz: int) -> None:
    """Say where Ardour's pass filter, which is cramped near Nyquist, leaves ours, which is not."""
    ours = magnitude_db((band,), _AUDIBLE_HZ, rate_hz)
    theirs = magnitude_db((band.model_copy(update={"design": "rbj"}),), _AUDIBLE_HZ, rate_hz)
    error_db = float(np.max(np.abs(ours - theirs)[ours > _FLOOR_DB]))
    chain.errors_db[f"{band.shape} at {band.frequency_hz:g} Hz ({name})"] = round(error_db, 2)
    if error_db > _HEARD_DB:
        shape = band.shape.replace("_", "-")
        chain.approximate.append(
            f"its {shape} at {band.frequency_hz:g} Hz ({name}) differs by up to {error_db:.1f} dB below 16 kHz"
        )


def _pass_ports(band: Band) -> dict[str, float]:
    if band.shape == "notch":
        return {"notch": 1.0, "notch_hz": band.frequency_hz, "notch_q": band.q}
    slope = 2.0 if band.slope_db_per_octave == 24 else 1.0
    return {f"{band.shape}_slope": slope, f"{band.shape}_hz": band.frequency_hz, f"{band.shape}_q": band.q}


def _carry_compressor(chain: Chain, settings: Compressor, channels: int) -> None:
    ports, rest_db, said = compressor_ports(settings)
    chain.plugins.append(_dynamics("a-comp", "ACE Compressor", channels, ports))
    if rest_db:
        chain.plugins.append(tools(gain_db=rest_db))
    chain.approximate += [f"its compressor: {sentence}" for sentence in said]
    chain.count("compressors")


def _dynamics(which: str, name: str, channels: int, ports: dict[str, float]) -> Plugin:
    uri = f"urn:ardour:{which}" + ("#stereo" if channels == 2 else "")
    return Plugin(name, "lv2", uri, 1, {**ports, "sidech": 0.0, "enable": 1.0})


def _carry_width(chain: Chain, settings: Width, channels: int) -> None:
    if channels == 2 and settings.width != 1:
        chain.plugins.append(tools(width=settings.width))
        chain.count("widths")
    if channels == 2 and settings.mono_below_hz is not None:
        chain.lost.append(f"its mono bass below {settings.mono_below_hz:g} Hz")


def _carry_reverb(chain: Chain, settings: Reverb, channels: int) -> None:
    if channels == 1:
        chain.lost.append("its reverb on one channel; Ardour's needs two")
        return
    ports, gain_db, said = reverb_ports(settings)
    if settings.mix == 1:
        chain.plugins.append(
            tools(
                high_pass_slope=1,
                high_pass_hz=settings.low_cut_hz,
                low_pass_slope=1,
                low_pass_hz=settings.high_cut_hz,
                gain_db=gain_db,
            )
        )
        if settings.pre_delay_ms >= 1:
            wait = {**delay_ports(settings.pre_delay_ms, feedback=0.0, high_cut_hz=20_000.0)}
            chain.plugins.append(Plugin("ACE Delay", "lv2", "urn:ardour:a-delay", channels, wait))
    chain.plugins.append(Plugin("ACE Reverb", "lv2", "urn:ardour:a-reverb", 1, ports))
    chain.approximate += [f"its reverb: {sentence}" for sentence in said]
    chain.count("reverbs")


def _carry_delay(chain: Chain, settings: Delay, channels: int) -> None:
    ports = delay_ports(settings.time_ms, feedback=settings.feedback, high_cut_hz=settings.high_cut_hz)
    ports["drywet"] = 100 * settings.mix
    if settings.mix == 1:
        chain.plugins.append(tools(high_pass_slope=1, high_pass_hz=0.64 * settings.low_cut_hz, high_pass_q=0.5))
    chain.plugins.append(Plugin("ACE Delay", "lv2", "urn:ardour:a-delay", channels, ports))
    said = "its delay: Ardour's filters the repeats once, not with every repeat"
    chain.approximate.append(said)
    if settings.ping_pong:
        chain.lost.append("the ping-pong of its delay; the repeats stay where they came from")
    if settings.ducking_db:
        chain.lost.append(f"the ducking of its delay ({settings.ducking_db:g} dB while the dry sound plays)")
    chain.count("delays")


def gain_in_db(gain: float) -> float:
    """Return a linear gain in dB."""
    return 20 * log10(gain)
