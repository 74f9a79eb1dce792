"""Our dynamics on Ardour's compressor and expander.

Ardour's two are feed-forward, in decibels, with the same smoothing as ours (Giannoulis, Massberg, Reiss 2012), so threshold,
ratio, knee, attack and release mean the same. They hear single samples, never a mean; they have no floor, no hold, no dry share.
"""

from tonmeister.daw.dynamics import SINE_DB, without_dry
from tonmeister.processing import Compressor, Expander, Gate

_KNEE_DB = 6.0
"""Decibels of knee width in one unit of Ardour's knee."""
_GATE_REACH_DB = 20.0
"""How far below its threshold the stand-in of a gate has turned down by the gate's range."""


def compressor_ports(settings: Compressor) -> tuple[dict[str, float], float, list[str]]:
    """Return Ardour's ports, the makeup gain in dB that they cannot hold, and what is different."""
    said = _lookahead(settings.lookahead_ms)
    threshold_db = settings.threshold_db
    if settings.detector == "rms":
        threshold_db += SINE_DB
        said.append("it hears peaks instead of the mean; its threshold is set 3 dB higher for it")
    ratio, makeup_db = settings.ratio, settings.makeup_db
    if settings.mix < 1:
        ratio, makeup_db = without_dry(settings)
        said.append(f"its {100 * settings.mix:.0f} % share is one gentler compressor")
    ports = {
        "att": _held(settings.attack_ms, 0.1, 100, "attack", "ms", said),
        "rel": _held(settings.release_ms, 1, 2000, "release", "ms", said),
        "kn": round(settings.knee_db / _KNEE_DB, 4),
        "rat": _held(ratio, 1, 20, "ratio", "", said),
        "thr": _held(threshold_db, -60, 0, "threshold", "dB", said),
        "mak": min(max(makeup_db, 0.0), 30.0),
    }
    return ports, round(makeup_db - ports["mak"], 3), said


def expander_ports(settings: Expander) -> tuple[dict[str, float], list[str]]:
    """Return Ardour's ports, and what is different."""
    said = _lookahead(settings.lookahead_ms)
    said.append(f"it has no floor; ours stops at {settings.range_db:g} dB")
    ports = {
        "att": _held(settings.attack_ms, 0.1, 100, "attack", "ms", said),
        "rel": _held(settings.release_ms, 1, 2000, "release", "ms", said),
        "kn": _held(settings.knee_db / _KNEE_DB, 0, 8, "knee", "", said),
        "rat": settings.ratio,
        "thr": _held(settings.threshold_db + SINE_DB, -60, 0, "threshold", "dB", said),
        "mak": 0.0,
    }
    return ports, said


def gate_ports(settings: Gate) -> tuple[dict[str, float], list[str]]:
    """Return the ports of Ardour's expander as a gate, and what is different."""
    said = _lookahead(settings.lookahead_ms)
    ratio = round(1 + settings.range_db / _GATE_REACH_DB, 2)
    said.append(f"an expander of {ratio:g}:1 without hysteresis and floor; ours stops at {settings.range_db:g} dB")
    threshold_db = settings.threshold_db - settings.hysteresis_db / 2
    ports = {
        "att": _held(settings.attack_ms, 0.1, 100, "attack", "ms", said),
        "rel": _held(settings.release_ms + settings.hold_ms, 1, 2000, "release", "ms", said),
        "kn": round(min(settings.hysteresis_db / _KNEE_DB, 8), 4),
        "rat": ratio,
        "thr": _held(threshold_db, -60, 0, "threshold", "dB", said),
        "mak": 0.0,
    }
    return ports, said


def _lookahead(lookahead_ms: float) -> list[str]:
    return [f"it does not look {lookahead_ms:g} ms ahead"] if lookahead_ms > 0 else []


def _held(value: float, low: float, high: float, what: str, unit: str, said: list[str]) -> float:
    held = min(max(value, low), high)
    if held != value:
        said.append(f"its {what} is {held:g}{' ' * bool(unit)}{unit} instead of {value:g}")
    return round(held, 4)
