"""What the drummer plays: patterns of sixteenths, fills, and a human hand."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tonmeister.demo.score import BEATS_PER_BAR, Score, Section, seconds

Drum = Literal["kick", "snare", "hat", "open hat", "high tom", "low tom", "crash", "ride", "tambourine"]
STEPS = 16
_FORCE = {"X": 1.0, "x": 0.8, "o": 0.5, "g": 0.24}
Pattern = dict[Drum, str]

VERSE: Pattern = {"kick": "X.....x.X..x....", "snare": "....X..g.g..X...", "hat": "x.o.x.o.x.o.x.o."}
VERSE_TURN: Pattern = {
    "kick": "X.....x.X.x..x..",
    "snare": "....X..g....X..g",
    "hat": "x.o.x.o.x.o.x...",
    "open hat": "..............o.",
}
BUILD: Pattern = {"kick": "X...X...X...X...", "snare": "g.g.o.g.g.g.o.g.", "hat": "x.x.x.x.x.x.x.x."}
BUILD_END: Pattern = {"kick": "X...X...X...X...", "snare": "o.o.o.o.xxxxXXXX", "open hat": "x...x..........."}
CHORUS: Pattern = {
    "kick": "X..x..X.X.x..x..", "snare": "....X.......X...", "open hat": "X...x...X...x...", "tambourine": "x.o.x.o.x.o.x.o.",
}  # fmt: skip
CHORUS_RIDE: Pattern = {
    "kick": "X..x..X.X..x..x.", "snare": "....X..g....X.g.", "ride": "X.x.X.x.X.x.X.x.", "tambourine": "x.o.x.o.x.o.x.o.",
}  # fmt: skip
BRIDGE: Pattern = {"kick": "X.........x.....", "snare": "........X.......", "ride": "x...o...x...o..."}
INTRO: Pattern = {"hat": "x.o.x.o.x.o.x.o.", "kick": "X.......X......."}
OUTRO: Pattern = {"kick": "X...............", "crash": "X..............."}
FILL: Pattern = {"snare": "........X.xx....", "high tom": "............Xx..", "low tom": "..............XX"}
LONG_FILL: Pattern = {"snare": "....X.xxXx......", "high tom": "..........Xxx...", "low tom": ".............xXX"}


@dataclass(frozen=True, slots=True)
class Hit:
    """One stroke."""

    drum: Drum
    time_s: float
    velocity: float


def _pattern(section: Section, bar: int) -> Pattern:
    """Return the pattern of a bar of a section."""
    last = bar == section.bars - 1
    if section.kind == "verse":
        return VERSE_TURN if bar % 4 == 3 else VERSE
    if section.kind == "pre-chorus":
        return BUILD_END if last else BUILD
    if section.kind == "chorus":
        return CHORUS_RIDE if bar % 8 >= 4 else CHORUS
    return {"intro": INTRO, "bridge": BRIDGE, "outro": OUTRO}[section.kind]


def _fill(section: Section, bar: int) -> Pattern | None:
    """Return the fill that replaces the end of a bar, if there is one."""
    if bar != section.bars - 1 or section.bars < 2:
        return FILL if section.kind == "intro" else None
    return {"intro": FILL, "verse": FILL, "chorus": LONG_FILL, "bridge": LONG_FILL}.get(section.kind)


def _merged(pattern: Pattern, fill: Pattern) -> Pattern:
    """Return the pattern up to where the fill begins, then the fill; the kick goes on."""
    begin = min(len(row) - len(row.lstrip(".")) for row in fill.values())
    rows: Pattern = {drum: row if drum == "kick" else row[:begin].ljust(STEPS, ".") for drum, row in pattern.items()}
    for drum, row in fill.items():
        rows[drum] = rows.get(drum, "." * STEPS)[:begin] + row[begin:]
    return rows


def play_groove(score: Score, *, rng: np.random.Generator) -> list[Hit]:
    """Return every stroke of the song in time, with human spread of time (about 4 ms) and force."""
    loudness = {"intro": 0.7, "verse": 0.82, "pre-chorus": 0.88, "chorus": 1.0, "bridge": 0.85, "outro": 1.0}
    hits: list[Hit] = []
    for section in score.sections:
        for bar in range(section.bars):
            fill = _fill(section, bar)
            pattern = _merged(_pattern(section, bar), fill) if fill else dict(_pattern(section, bar))
            if section.kind in ("chorus", "bridge") and bar % 4 == 0:
                pattern["crash"] = "X" + "." * (STEPS - 1)
            start_beat = section.start_beat + bar * BEATS_PER_BAR
            hits += _bar_hits(pattern, start_beat, loudness[section.kind], rng)
    return sorted(hits, key=lambda hit: hit.time_s)


def _bar_hits(pattern: Pattern, start_beat: int, loudness: float, rng: np.random.Generator) -> list[Hit]:
    late_s = {"snare": 0.004, "hat": -0.001, "tambourine": 0.003}
    hits = []
    for drum, row in pattern.items():
        for step in np.flatnonzero([symbol != "." for symbol in row]).tolist():
            time_s = (
                seconds(start_beat + step * BEATS_PER_BAR / STEPS) + late_s.get(drum, 0.0) + rng.normal(0.0, 0.0035)
            )
            force = _FORCE[row[step]] * loudness * float(np.exp(rng.normal(0.0, 0.07)))
            hits.append(Hit(drum, max(0.002, time_s), min(force, 1.15)))
    return hits
