"""The form, the time line and the chords of the demo song: what every player reads from."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Mono = NDArray[np.float64]
"""One channel while it is being made: float64 of shape (frames,)."""
Stereo = NDArray[np.float64]
"""Two channels while they are being made: float64 of shape (2, frames)."""
SectionKind = Literal["intro", "verse", "pre-chorus", "chorus", "bridge", "outro"]
Form = tuple[tuple[SectionKind, int], ...]
"""The sections in order, each with its number of bars."""

SAMPLE_RATE_HZ = 48_000
TEMPO_BPM = 112.0
BEATS_PER_BAR = 4
BEAT_S = 60.0 / TEMPO_BPM
KEY = "A major"
TITLE = "Signal Through"

FULL_FORM: Form = (
    ("intro", 2), ("verse", 8), ("pre-chorus", 2), ("chorus", 8), ("verse", 4), ("pre-chorus", 2), ("chorus", 4),
    ("bridge", 4), ("chorus", 8), ("outro", 1),
)  # fmt: skip
"""The whole song: 43 bars, 92.1 s."""
SHORT_FORM: Form = (
    ("intro", 1),
    ("verse", 2),
    ("pre-chorus", 2),
    ("chorus", 2),
    ("bridge", 2),
    ("chorus", 2),
    ("outro", 1),
)
"""Every kind of section once or twice, as short as it can be: 12 bars, 25.7 s."""

# Chord symbol → (bass, lower voices, guitar strings from low to high) as MIDI note numbers.
CHORD_TONES: dict[str, tuple[int, tuple[int, ...]]] = {
    "A": (33, (57, 61, 64, 69)),
    "E/G#": (32, (56, 59, 64, 68)),
    "E": (28, (56, 59, 64, 71)),
    "Esus4": (28, (57, 59, 64, 69)),
    "F#m": (30, (57, 61, 66, 69)),
    "D": (38, (57, 62, 66, 69)),
    "Bm7": (35, (57, 59, 62, 66)),
}
# A bar is one chord, or two of two beats each with a comma between.
PROGRESSIONS: dict[SectionKind, tuple[str, ...]] = {
    "intro": ("F#m", "D"),
    "verse": ("F#m", "D", "A", "E"),
    "pre-chorus": ("Bm7", "D,E"),
    "chorus": ("A", "E/G#", "F#m", "D", "A", "E/G#", "F#m", "D,E"),
    "bridge": ("Bm7", "F#m", "D", "Esus4,E"),
    "outro": ("A",),
}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form on the time line."""

    kind: SectionKind
    occurrence: int
    """Which of its kind, from 1."""
    start_bar: int
    bars: int

    @property
    def start_beat(self) -> int:
        """First beat, counted from 0."""
        return self.start_bar * BEATS_PER_BAR

    @property
    def end_beat(self) -> int:
        """The beat on which the next section starts."""
        return (self.start_bar + self.bars) * BEATS_PER_BAR


@dataclass(frozen=True, slots=True)
class ChordSpan:
    """A chord while it lasts."""

    name: str
    start_beat: float
    beats: float
    section: Section

    @property
    def bass(self) -> int:
        """MIDI number of the bass note."""
        return CHORD_TONES[self.name][0]

    @property
    def voicing(self) -> tuple[int, ...]:
        """MIDI numbers of a close voicing of four notes."""
        return CHORD_TONES[self.name][1]


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it is played: human time, not the grid."""

    start_s: float
    length_s: float
    pitch: float
    """MIDI note number."""
    velocity: float
    """How hard, 0..1."""


def seconds(beat: float) -> float:
    """Return when a beat sounds on the grid."""
    return beat * BEAT_S


def frame(time_s: float) -> int:
    """Return the frame nearest to a time."""
    return round(time_s * SAMPLE_RATE_HZ)


def frequency_hz(pitch: float) -> float:
    """Return the frequency of a MIDI note number, A4 = 440 Hz."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


@dataclass(frozen=True, slots=True)
class Score:
    """The song on paper."""

    sections: tuple[Section, ...]

    @property
    def bars(self) -> int:
        """Number of bars."""
        return sum(section.bars for section in self.sections)

    @property
    def frames(self) -> int:
        """Length of every track in frames."""
        return frame(seconds(self.bars * BEATS_PER_BAR))

    def chords(self) -> list[ChordSpan]:
        """Return the chords in order."""
        spans: list[ChordSpan] = []
        for section in self.sections:
            progression = PROGRESSIONS[section.kind]
            for bar in range(section.bars):
                names = progression[bar % len(progression)].split(",")
                beats = BEATS_PER_BAR / len(names)
                start = section.start_beat + bar * BEATS_PER_BAR
                spans += [ChordSpan(name, start + i * beats, beats, section) for i, name in enumerate(names)]
        return spans


def lay_out(form: Form) -> Score:
    """Put the sections of a form one after the other."""
    sections: list[Section] = []
    bar = 0
    for kind, bars in form:
        occurrence = 1 + sum(section.kind == kind for section in sections)
        sections.append(Section(kind, occurrence, bar, bars))
        bar += bars
    return Score(tuple(sections))


def player_rng(seed: int, name: str) -> np.random.Generator:
    """Return the chance of one player: its own for each seed and name, so tracks do not depend on each other."""
    return np.random.default_rng([seed, *name.encode()])
