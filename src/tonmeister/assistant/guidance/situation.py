"""What a question is about: the source, the style, the kind of processor, the settings that are asked for, the tempo."""

import re
from typing import NamedTuple

from tonmeister.assistant.guidance.words import plain, terms

_SOURCES = {
    "backing vocal": ("backingvocal", "harmony", "double", "adlib"),
    "vocal": ("vocal", "rap", "lyric"),
    "snare": ("snare",),
    "kick": ("kick",),
    "bass": ("bass", "808"),
    "room": ("room mic", "rooms"),
    "drums": ("drums", "drum"),
    "acoustic guitar": ("acoustic guitar", "acoustic"),
    "electric guitar": ("guitar",),
    "piano": ("piano", "keys", "rhodes"),
    "mix bus": ("mixbus", "bus"),
    "master": ("master",),
}
"""Words that stand for a source, the more special first."""
_STYLES = {
    "speech": ("podcast", "speech", "spoken", "voiceover", "audiobook"),
    "ballad": ("ballad", "slow song", "intimate"),
    "chorus": ("high energy", "high-energy"),
    "hook": ("hook",),
    "rap": ("rap", "hip-hop", "hip hop", "trap", "drill"),
    "rock": ("rock", "metal", "punk"),
    "folk": ("folk", "country", "singer-songwriter", "acoustic song", "jazz"),
    "pop": ("pop",),
}
_KINDS = {
    "de-esser": ("deesser", "sibilance"),
    "limiter": ("limiter", "ceiling"),
    "reverb": ("reverb", "predelay", "decay"),
    "delay": ("delay", "slap"),
    "gate": ("gate", "expander"),
    "pitch": ("tune", "retune"),
    "saturation": ("saturation",),
    "transient": ("transient shaper", "transient designer"),
    "eq": ("eq", "highpass"),
    "compressor": ("compressor", "attack", "release", "ratio", "threshold"),
}
_ROLES = {
    "attack": ("attack",),
    "release": ("release", "recovery"),
    "ratio": ("ratio",),
    "threshold": ("threshold",),
    "reduction": ("reduction",),
    "knee": ("knee",),
    "makeup": ("makeup", "make-up"),
    "lookahead": ("lookahead", "look-ahead"),
    "hold": ("hold",),
    "pre_delay": ("predelay",),
    "decay": ("decay",),
    "ceiling": ("ceiling",),
    "frequency": ("frequency",),
    "range": ("range",),
    "feedback": ("feedback",),
    "retune": ("retune",),
    "mix": ("dry wet", "mix knob", "wet"),
    "drive": ("drive",),
}


_TIMED = frozenset({"attack", "release", "hold", "pre_delay", "decay", "lookahead"})
_IN_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "sec": 1000.0, "seconds": 1000.0}
_VALUE = re.compile(r"(\d+(?:\.\d+)?)(?:\s*(?:-|to)\s*(\d+(?:\.\d+)?))?\s*(:1|us|ms|seconds|sec|s)\b")


class Situation(NamedTuple):
    """What a question is about, as far as it says."""

    source: str | None
    style: str | None
    kind: str | None
    roles: tuple[str, ...]
    """Settings that are named."""
    bpm: float | None
    asks_to_set: bool
    """Whether it asks where to put controls."""
    styles: tuple[str, ...] = ()
    """Every style that is named, where two are compared."""
    targets: tuple[tuple[str, float, float], ...] = ()
    """Values that the question names for one setting, as role and range in its unit: `20 ms attack`."""


def read_situation(question: str, rest: str) -> Situation:
    """Return what a question is about; `rest` is the question without the names of processors."""
    words = terms(rest)
    line = f" {' '.join(words)} "
    raw = f" {plain(rest)} "
    tempo = re.search(
        r"(\d{2,3}(?:\.\d+)?)\s*-?bpm|\bbpm\s*(?:of|=|is)?\s*(\d{2,3})|\btempo\s*(?:of|is)?\s*(\d{2,3})",
        plain(question),
    )
    bpm = float(next(group for group in tempo.groups() if group)) if tempo else None
    roles = tuple(
        role for role, marks in _ROLES.items() if any(f" {mark} " in line or f" {mark} " in raw for mark in marks)
    )
    asks = bool(roles) or bool(re.search(r"\b(set|settings?|setting|start|dial|use|configure|knobs?|controls?)\b", raw))
    return Situation(
        source=_first(_SOURCES, line, raw),
        style=_first(_STYLES, line, raw),
        kind=_first(_KINDS, line, raw),
        roles=roles,
        bpm=bpm,
        asks_to_set=asks,
        styles=_all(_STYLES, line, raw),
        targets=_targets(plain(rest), roles),
    )


def _targets(line: str, roles: tuple[str, ...]) -> tuple[tuple[str, float, float], ...]:
    """Return the times and ratios that are named, where it is clear for which setting."""
    timed = [role for role in roles if role in _TIMED]
    found = []
    for low, high, unit in _VALUE.findall(line):
        role = "ratio" if unit == ":1" else timed[0] if len(timed) == 1 else None
        if role is None:
            continue
        scale = 1.0 if unit == ":1" else _IN_MS[unit] * (0.001 if role == "decay" else 1.0)
        found.append((role, float(low) * scale, float(high or low) * scale))
    return tuple(found[:2])


def _all(table: dict[str, tuple[str, ...]], line: str, raw: str) -> tuple[str, ...]:
    return tuple(
        name for name, marks in table.items() if any(f" {mark} " in line or f" {mark} " in raw for mark in marks)
    )


def _first(table: dict[str, tuple[str, ...]], line: str, raw: str) -> str | None:
    for name, marks in table.items():
        if any(f" {mark} " in line or f" {mark} " in raw for mark in marks):
            return name
    return None
