"""Parts that nobody has played: random but playable notes and beats for every kind of instrument."""

from dataclasses import dataclass

import numpy as np

Chance = np.random.Generator
CHORDS = ((0, 4, 7), (0, 3, 7), (0, 4, 7, 11), (0, 3, 7, 10), (0, 5, 7), (0, 7, 12), (0, 4, 7, 10))
SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 3, 5, 7, 10), (0, 2, 4, 7, 9))


@dataclass(frozen=True, slots=True)
class Note:
    """One note; a piece of a drum kit is a note of channel 10."""

    start_s: float
    length_s: float
    pitch: float
    velocity: int


def beat_s(chance: Chance) -> float:
    """Return the length of a beat."""
    return 60 / float(chance.uniform(68, 170))


def _feel(chance: Chance) -> float:
    return float(chance.choice([0.0, 0.004, 0.012]))


def _velocity(chance: Chance, around: int = 95) -> int:
    return int(np.clip(around + chance.normal(0, 12), 25, 127))


def chords(chance: Chance, seconds: float, *, low: int, high: int) -> list[Note]:
    """Return held, struck, broken or strummed chords."""
    beat, feel = beat_s(chance), _feel(chance)
    kind = str(chance.choice(["held", "struck", "broken", "strummed", "stabs"]))
    root, notes, at = int(chance.integers(low, low + 12)), [], 0.0
    bars = float(chance.choice([1.0, 2.0, 4.0])) * beat
    step = {"held": 4.0, "struck": 1.0, "broken": 0.5, "strummed": 0.5, "stabs": 1.5}[kind] * beat
    voicing: list[int] = []
    next_change = 0.0
    index = 0
    while at < seconds:
        if at >= next_change:
            shape = CHORDS[int(chance.integers(len(CHORDS)))]
            base = root + int(chance.choice([0, 5, 7, 9, -3, -5, 2]))
            voicing = [min(high, max(low, base + tone + 12 * int(chance.integers(0, 2)))) for tone in shape]
            next_change = at + max(bars, step)
        length = step * (0.95 if kind != "stabs" else 0.3)
        chosen = [voicing[index % len(voicing)]] if kind == "broken" else voicing
        spread = 0.02 if kind == "strummed" else 0.0
        for i, pitch in enumerate(chosen):
            start = max(0.0, at + i * spread + float(chance.normal(0, feel)))
            notes.append(Note(start, length, pitch, _velocity(chance)))
        index += 1
        at += step if chance.random() > 0.12 or kind == "held" else 2 * step
    return notes


def arpeggio(chance: Chance, seconds: float, *, low: int, high: int) -> list[Note]:
    """Return chords broken into even short notes, as a sequencer plays them."""
    step = beat_s(chance) * float(chance.choice([0.25, 0.25, 0.5, 0.75]))
    pattern = [int(chance.integers(0, 6)) for _ in range(int(chance.choice([4, 6, 8, 16])))]
    silent = chance.random(len(pattern)) < chance.uniform(0, 0.5)
    root, at, index, notes = int(chance.integers(low, low + 12)), 0.0, 0, []
    shape = CHORDS[int(chance.integers(len(CHORDS)))]
    length = step * float(chance.uniform(0.2, 1))
    while at < seconds:
        if index % 16 == 0:
            base = root + int(chance.choice([0, 0, 5, 7, -3, -5]))
        place = index % len(pattern)
        if not silent[place]:
            pitch = base + shape[pattern[place] % len(shape)] + 12 * (pattern[place] // len(shape))
            notes.append(Note(at, length, min(high, pitch), _velocity(chance)))
        at += step
        index += 1
    return notes


def melody(chance: Chance, seconds: float, *, low: int, high: int, legato: float = 0.9) -> list[Note]:
    """Return a tune of one voice in phrases with rests."""
    beat, feel = beat_s(chance), _feel(chance)
    scale = SCALES[int(chance.integers(len(SCALES)))]
    root = int(chance.integers(0, 12))
    steps = [p for p in range(low, high + 1) if (p - root) % 12 in scale]
    place, at, notes = int(chance.integers(len(steps))), 0.0, []
    lengths = ((0.25, 0.5), (0.5, 1.0), (0.5, 1.0, 1.5, 2.0), (1.0, 2.0, 4.0))[int(chance.integers(4))]
    while at < seconds:
        for _ in range(int(chance.integers(3, 12))):
            length = float(chance.choice(lengths)) * beat
            place = int(np.clip(place + chance.integers(-3, 4), 0, len(steps) - 1))
            start = max(0.0, at + float(chance.normal(0, feel)))
            notes.append(Note(start, length * legato, steps[place], _velocity(chance)))
            at += length
        at += float(chance.choice([0.0, 1.0, 2.0])) * beat
    return notes


def bass_line(chance: Chance, seconds: float) -> list[Note]:
    """Return a bass line: roots, eighths, walking, syncopated or long."""
    beat, feel = beat_s(chance), _feel(chance)
    pattern = (
        ((0, 1.0),), ((0, 0.5), (0, 0.5)), ((0, 1.5), (0, 0.5), (7, 1.0), (0, 1.0)), ((0, 4.0),), ((0, 2.0),),
        ((0, 1.0), (4, 1.0), (7, 1.0), (9, 1.0)), ((0, 0.75), (0, 0.75), (12, 0.5)), ((0, 0.25), (12, 0.25)),
        ((0, 0.5), (12, 0.5), (10, 0.5), (7, 0.5)),
    )[int(chance.integers(9))]  # fmt: skip
    root, at, notes, bar = int(chance.integers(26, 40)), 0.0, [], 0
    base = root
    while at < seconds:
        if bar % 2 == 0:
            base = root + int(chance.choice([0, 0, 5, 7, -4, 3, -2]))
        for interval, beats in pattern:
            if chance.random() > 0.08:
                start = max(0.0, at + float(chance.normal(0, feel)))
                notes.append(
                    Note(start, beats * beat * float(chance.uniform(0.5, 0.98)), base + interval, _velocity(chance))
                )
            at += beats * beat
        bar += 1
    return notes


def groove(chance: Chance, seconds: float) -> dict[str, list[tuple[float, float]]]:
    """Return when each piece of a kit is hit, and how hard (0..1)."""
    beat, feel = beat_s(chance), _feel(chance)
    style = str(chance.choice(["rock", "four", "break", "half", "trap"]))
    kick = {
        "rock": (0, 2, 2.5),
        "four": (0, 1, 2, 3),
        "break": (0, 0.5, 2.5),
        "half": (0, 0.75),
        "trap": (0, 1.5, 2.75),
    }
    snare = {"rock": (1, 3), "four": (1, 3), "break": (1, 1.75, 3), "half": (2,), "trap": (2,)}
    each = float(chance.choice([0.25, 0.5, 0.5, 1.0])) if style != "trap" else 0.25
    bars = int(seconds / (4 * beat)) + 1
    hits: dict[str, list[tuple[float, float]]] = {
        name: [] for name in ("kick", "snare", "hat", "open hat", "tom", "crash", "ride", "clap", "percussion")
    }

    def hit(name: str, beats: float, strength: float) -> None:
        at = max(0.0, beats * beat + float(chance.normal(0, feel)))
        if at < seconds:
            hits[name].append((at, float(np.clip(strength + chance.normal(0, 0.08), 0.1, 1.0))))

    rides = chance.random() < 0.25
    for bar in range(bars):
        start = 4.0 * bar
        for place in kick[style]:
            hit("kick", start + place, 0.9)
        if chance.random() < 0.3:
            hit("kick", start + float(chance.choice([1.5, 1.75, 3.5])), 0.7)
        for place in snare[style]:
            hit("snare", start + place, 0.9)
            hit("clap", start + place, 0.9)
        for place in np.arange(0, 4, each):
            hit("ride" if rides else "hat", start + float(place), 0.8 if place % 1 == 0 else 0.55)
        if chance.random() < 0.4:
            hit("open hat", start + 3.5, 0.8)
        if bar % int(chance.integers(2, 5)) == 0:
            hit("crash", start, 0.9)
        if bar % 2 == 1 or chance.random() < 0.3:
            for place in (2.5, 3.0, 3.25, 3.5)[: int(chance.integers(1, 5))]:
                hit("tom", start + place, 0.85)
        for place in np.arange(0, 4, float(chance.choice([0.25, 0.5, 1.0]))):
            if chance.random() < 0.75:
                hit("percussion", start + float(place), 0.8 if place % 1 == 0 else 0.5)
    return hits
