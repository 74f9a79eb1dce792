"""The numbers behind the ear's pictures, as the plain values that the page's script paints."""

import math
import re
from itertools import takewhile
from pathlib import PurePath
from typing import Any

import numpy as np

from tonmeister.analysis.bands import THIRD_OCTAVE_CENTRES_HZ
from tonmeister.analysis.conflicts import LEAST_EXCESS_DB, Conflict
from tonmeister.analysis.energy import PARTS
from tonmeister.deliver.island import draw_matrix
from tonmeister.deliver.words import SPACE, tell_hz, tell_number
from tonmeister.document.facts import SongFacts, TimeLine

MOST_COVERS = 400
"""Of more covers the worst are drawn."""
ACTIVITY_STEPS = 400
STRONGEST = 6
"""Degrees in which a track's level is drawn, from its usual level (RMS while it plays) down."""
_DEGREE_DB = 6.0
_DEPTH_DB = 70.0
_ENDINGS = frozenset({".wav", ".aif", ".aiff", ".flac", ".ogg", ".mp3", ".m4a", ".opus", ".w64", ".caf"})
_SEPARATED = re.compile(r".*[\s_.-]")  # up to the last separator, so that no word is cut
_UNITS = {"lufs": "LUFS", "octaves": "octaves", "hz": "per s"}


def short_names(facts: SongFacts) -> dict[str, str]:
    """Return names for pictures by track id: without the file's ending and the words that all names begin with."""
    names = {track.id: track.track.name.rpartition(": ")[2] for track in facts.tracks}
    plain = {
        track: PurePath(name).stem if PurePath(name).suffix.lower() in _ENDINGS else name
        for track, name in names.items()
    }
    first, last = min(plain.values(), default=""), max(plain.values(), default="")
    alike = "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))
    shared = _SEPARATED.match(alike) if len(plain) > 1 else None
    start = len(shared[0]) if shared else 0
    shorter = {track: name[start:] for track, name in plain.items()}
    return shorter if all(shorter.values()) else plain


def collect_hearing(facts: SongFacts) -> dict[str, Any]:
    """Return everything that the page's script needs, of JSON types only; a picture without figures is None."""
    line, names = facts.time_line, short_names(facts)
    return {
        "song": _song(facts),
        "energy": [] if line is None else _energy(line),
        "lanes": [] if line is None else _parts(line),
        "phrases": [] if line is None else _phrases(names, line),
        "activity": _activity(facts, names),
        "masking": _matrix(facts, list(names.values())),
        "covers": _covers(facts, list(names.values())),
        "spectra": _spectra(facts, names),
    }


def _song(facts: SongFacts) -> dict[str, Any]:
    sections = [
        {
            "label": section.label, "letter": section.group or "", "start": section.start_s, "end": section.end_s,
            "sure": None if section.label == "section" else section.confidence,
        }
        for section in facts.song.sections
    ]  # fmt: skip
    return {"duration": round(facts.song.duration_s, 3), "sections": sections}


def _energy(line: TimeLine) -> list[dict[str, float]]:
    bars = [round(float(bar), 3) for bar in line.bars_s]
    return [
        {"start": start, "end": end, "value": round(float(value), 3)}
        for start, end, value in zip(bars[:-1], bars[1:], line.energy.energy, strict=True)
    ]


def _parts(line: TimeLine) -> list[dict[str, Any]]:
    """Return what the energy is made of, as lanes that hold from bar to bar."""
    lanes = []
    for part in PARTS:
        name, _, unit = part.partition("_")
        curve = getattr(line.energy, part)
        points = [
            [round(float(bar), 3), round(float(value), 2)] for bar, value in zip(line.bars_s, curve, strict=False)
        ]
        lanes.append(
            {"name": name, "what": "of each bar", "unit": _UNITS.get(unit, ""), "hold": True, "points": points}
        )
    return lanes if lanes[0]["points"] else []


def _phrases(names: dict[str, str], line: TimeLine) -> list[dict[str, Any]]:
    return [
        {"name": names[track], "spans": [[phrase.start_s, phrase.end_s] for phrase in phrases]}
        for track, phrases in line.phrases.items() if phrases
    ]  # fmt: skip


def _activity(facts: SongFacts, names: dict[str, str]) -> dict[str, Any]:
    """Return for each track a text with a digit a step, 0 where it is silent or very soft."""
    joined = max(1, math.ceil(facts.song.duration_s * 100 / ACTIVITY_STEPS))
    tracks = []
    for track in facts.tracks:
        rms = track.curves.rms_10ms
        usual = track.figures.levels.active_rms_dbfs
        if usual is None or not rms.size:
            continue
        padded = np.pad(np.square(rms, dtype=np.float64), (0, -rms.size % joined))
        level_db = 10 * np.log10(np.maximum(padded.reshape(-1, joined).mean(axis=1), 1e-14))
        degree = np.clip(STRONGEST + np.floor((level_db - usual) / _DEGREE_DB), 0, STRONGEST).astype(int)
        tracks.append({"name": names[track.id], "levels": "".join(map(str, degree.tolist()))})
    return {"step": joined / 100, "strongest": STRONGEST, "tracks": tracks}


def _matrix(facts: SongFacts, names: list[str]) -> dict[str, Any] | None:
    """Return the worst harmful cover of each pair; mere overlap is left blank."""
    if facts.conflicts is None or len(facts.tracks) < 2:
        return None
    worst = np.full((len(facts.tracks), len(facts.tracks)), np.nan)
    for cover in facts.conflicts.findings:
        if cover.harmful:
            worst[cover.masker, cover.maskee] = np.fmax(worst[cover.masker, cover.maskee], cover.excess_db)
    if not np.isfinite(worst).any():
        return None
    return draw_matrix(names, worst, None, harmful_db=LEAST_EXCESS_DB) | {"nothing": "no harm"}


def _covers(facts: SongFacts, names: list[str]) -> dict[str, Any] | None:
    """Return covers over time, by the track that is covered."""
    found = () if facts.conflicts is None else facts.conflicts.findings[:MOST_COVERS]
    if not found:
        return None
    covered = sorted({cover.maskee for cover in found})
    return {
        "names": [names[place] for place in covered],
        "found": [
            {
                "by": names[cover.masker], "over": covered.index(cover.maskee), "start": cover.start_s,
                "end": cover.end_s, "harmful": cover.harmful, "told": tell_cover(cover),
            }
            for cover in sorted(found, key=lambda cover: cover.harmful)  # harm lies on top
        ],
    }  # fmt: skip


def tell_cover(cover: Conflict) -> str:
    """Return a cover's band and size in words."""
    return (
        f"{tell_hz(cover.low_hz)} to {tell_hz(cover.high_hz)}, {tell_number(cover.excess_db, signed=True)}{SPACE}dB, "
        f"{cover.kept:.0%} of it left"
    )


def _spectra(facts: SongFacts, names: dict[str, str]) -> dict[str, Any] | None:
    """Return the third octaves of each track on one common scale."""
    sounding = [track for track in facts.tracks if track.figures.levels.active_rms_dbfs is not None]
    if not sounding:
        return None
    high = math.ceil(max(float(track.curves.third_octave_db.max()) for track in sounding) / 10) * 10
    return {
        "frequency": [round(float(hertz), 1) for hertz in THIRD_OCTAVE_CENTRES_HZ], "high": high, "low": high - _DEPTH_DB,
        "tracks": [
            {"name": names[track.id], "levels": [round(float(level), 1) for level in track.curves.third_octave_db]}
            for track in sounding
        ],
    }  # fmt: skip
