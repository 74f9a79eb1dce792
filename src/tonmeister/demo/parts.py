"""What the players of strings and keys play, section by section."""

import numpy as np

from tonmeister.demo.score import BEAT_S, ChordSpan, Note, Score, Section, SectionKind, seconds
from tonmeister.demo.strings import Strum

FRETTED: dict[str, tuple[int, ...]] = {
    "A": (45, 52, 57, 61, 64),
    "E/G#": (44, 52, 56, 59, 64),
    "E": (40, 47, 52, 56, 59),
    "Esus4": (40, 47, 52, 57, 59),
    "F#m": (42, 49, 54, 57, 61),
    "D": (50, 57, 62, 66),
    "Bm7": (47, 54, 57, 62, 66),
}
"""Guitar chords from the lowest string up; the first three notes alone make a power chord."""
FORCE: dict[SectionKind, float] = {
    "intro": 0.6,
    "verse": 0.68,
    "pre-chorus": 0.78,
    "chorus": 0.95,
    "bridge": 0.62,
    "outro": 0.85,
}
# (beat, beats, steps above the bass note) within one bar.
BASS_LINES: dict[SectionKind, tuple[tuple[float, float, int], ...]] = {
    "verse": ((0, 1.2, 0), (1.5, 0.4, 0), (2, 0.7, 0), (2.75, 0.7, 7), (3.5, 0.4, 12)),
    "pre-chorus": tuple((0.5 * i, 0.42, 0) for i in range(8)),
    "chorus": (
        (0, 0.7, 0),
        (0.75, 0.6, 0),
        (1.5, 0.4, 12),
        (2, 0.45, 0),
        (2.5, 0.45, 0),
        (3, 0.45, 7),
        (3.5, 0.45, 12),
    ),
    "bridge": ((0, 3.8, 0),),
    "outro": ((0, 3.6, 0),),
}
STRUMS = "D.DUD.DU"
"""An acoustic guitarist's hand in eighths: down, up, or past the strings."""


class Hand:
    """A player's touch: spread in time and in force."""

    def __init__(self, rng: np.random.Generator, *, spread_s: float) -> None:
        self._rng = rng
        self._spread_s = spread_s

    def note(self, beat: float, beats: float, pitch: float, velocity: float) -> Note:
        """Return a note of the grid as this hand plays it."""
        start_s = max(0.0, seconds(beat) + self._rng.normal(0.0, self._spread_s))
        return Note(start_s, beats * BEAT_S, pitch, min(1.0, velocity * float(np.exp(self._rng.normal(0.0, 0.06)))))

    def strum(
        self, beat: float, beats: float, pitches: tuple[int, ...], velocity: float, *, spread_s: float, up: bool = False
    ) -> Strum:
        """Return one stroke over the strings, low to high or back."""
        first = self.note(beat, beats, pitches[0], velocity)
        order = range(len(pitches) - 1, -1, -1) if up else range(len(pitches))
        delays = [place * spread_s for place in order]
        lasts = first.length_s
        return tuple(
            Note(first.start_s + delay, lasts, pitch, first.velocity * (1.0 - 0.05 * k))
            for k, (pitch, delay) in enumerate(zip(pitches, delays, strict=True))
        )


def _bar_beat(chord: ChordSpan) -> float:
    """Return where in its bar a chord starts."""
    return chord.start_beat % 4


def play_bass(score: Score, *, rng: np.random.Generator) -> list[Note]:
    """Return the bass line: silent in the intro, with the kick in verses, eighths in choruses."""
    hand = Hand(rng, spread_s=0.004)
    notes = []
    for chord in score.chords():
        for beat, beats, above in BASS_LINES.get(chord.section.kind, ()):
            within = beat - _bar_beat(chord)
            if 0 <= within < chord.beats:
                force = FORCE[chord.section.kind] * (1.0 if beat == int(beat) else 0.86)
                high = above if chord.bass + above <= 45 else 0
                notes.append(
                    hand.note(chord.start_beat + within, min(beats, chord.beats - within), chord.bass + high, force)
                )
    return notes


def _electric_bar(chord: ChordSpan) -> list[tuple[float, float, bool]]:
    """Return (beat in the chord, beats, all strings) of the electric guitars."""
    section = chord.section
    if section.kind == "pre-chorus" or (section.kind == "verse" and section.occurrence > 1):
        return [(0.5 * i, 0.16, False) for i in range(int(2 * chord.beats))]
    if section.kind == "chorus":
        rhythm = [(0.0, 1.4, True), (1.5, 0.45, True), (2.0, 0.9, True), (3.0, 0.4, True), (3.5, 0.45, True)]
        return [(beat, min(beats, chord.beats - beat), full) for beat, beats, full in rhythm if beat < chord.beats]
    if section.kind in ("bridge", "outro"):
        return [(0.0, chord.beats * 0.95, True)]
    return []


def play_electric(score: Score, *, rng: np.random.Generator) -> list[Strum]:
    """Return one take of the rhythm guitar: out in intro and first verse, muted before choruses, open in them."""
    hand = Hand(rng, spread_s=0.007)
    detune = rng.normal(0.0, 0.02)
    strums = []
    for chord in score.chords():
        for beat, beats, full in _electric_bar(chord):
            pitches = FRETTED[chord.name][: 4 if full else 3]
            force = FORCE[chord.section.kind] * (1.0 if full or beat % 1 == 0 else 0.8)
            strum = hand.strum(chord.start_beat + beat, beats, pitches, force, spread_s=0.006)
            strums.append(tuple(Note(n.start_s, n.length_s, n.pitch + detune, n.velocity) for n in strum))
    return strums


def play_acoustic(score: Score, *, rng: np.random.Generator) -> list[Strum]:
    """Return the acoustic guitar: strummed throughout, single strokes in the bridge."""
    hand = Hand(rng, spread_s=0.006)
    strums = []
    for chord in score.chords():
        force = 0.9 * FORCE[chord.section.kind]
        if chord.section.kind in ("bridge", "outro"):
            strums.append(hand.strum(chord.start_beat, chord.beats, FRETTED[chord.name], force, spread_s=0.022))
            continue
        for eighth in range(int(2 * chord.beats)):
            move = STRUMS[int(2 * _bar_beat(chord)) + eighth]
            if move != ".":
                loud = force * (1.0 if eighth % 4 == 0 else 0.72)
                pitches = FRETTED[chord.name]
                strums.append(
                    hand.strum(chord.start_beat + eighth / 2, 0.5, pitches, loud, spread_s=0.009, up=move == "U")
                )
    return strums


def _piano_bar(section: Section, chord: ChordSpan) -> list[tuple[float, float, float, int]]:
    """Return (beat in the chord, beats, force, transposition) of the electric piano."""
    if section.kind == "chorus":  # hard and high, right where the voice lives
        return [(0.5 * i, 0.42, 0.95 if i % 2 == 0 else 0.85, 12) for i in range(int(2 * chord.beats))]
    if section.kind == "pre-chorus":
        return [(float(i), 0.9, 0.6, 0) for i in range(int(chord.beats))]
    if section.kind == "verse":
        return [(0.0, 1.9, 0.5, 0), (2.5, 1.3, 0.42, 0)]
    return [(0.0, chord.beats * 0.97, 0.5, 0)]


def play_piano(score: Score, *, rng: np.random.Generator) -> list[Note]:
    """Return the electric piano: soft chords, and hard high eighths in the choruses."""
    hand = Hand(rng, spread_s=0.006)
    notes = []
    for chord in score.chords():
        for beat, beats, force, up in _piano_bar(chord.section, chord):
            if beat < chord.beats:
                notes += [hand.note(chord.start_beat + beat, beats, pitch + up, force) for pitch in chord.voicing]
    return notes


def play_pad(score: Score, *, rng: np.random.Generator) -> list[Note]:
    """Return the pad: in from the first pre-chorus on, fuller in choruses."""
    hand = Hand(rng, spread_s=0.01)
    notes = []
    for chord in score.chords():
        if chord.section.kind == "intro" or (chord.section.kind == "verse" and chord.section.occurrence == 1):
            continue
        pitches = (*chord.voicing, chord.voicing[0] + 12) if chord.section.kind == "chorus" else chord.voicing
        notes += [hand.note(chord.start_beat, chord.beats, pitch, FORCE[chord.section.kind]) for pitch in pitches]
    return notes


_HOOK = ((0.0, 0.9, 73), (1.0, 0.4, 76), (1.5, 1.3, 78), (3.0, 0.9, 76))
_ANSWERS = (((7.0, 0.45, 76), (7.5, 0.4, 78)), ((7.0, 0.45, 78), (7.5, 0.4, 81)))
_BRIDGE = ((0.0, 3.6, 78), (4.0, 3.6, 76), (8.0, 3.6, 74), (12.0, 1.8, 76), (14.0, 1.8, 80))


def play_lead(score: Score, *, rng: np.random.Generator) -> list[Note]:
    """Return the synth lead: the hook of the intro, answers at the ends of sung phrases, a line over the bridge."""
    hand = Hand(rng, spread_s=0.004)
    notes = []
    for section in score.sections:
        beats = section.bars * 4
        rows: list[tuple[float, float, int]] = []
        if section.kind == "intro":
            rows = [(beat + 4 * bar, length, pitch) for bar in range(section.bars) for beat, length, pitch in _HOOK]
        elif section.kind == "chorus":
            rows = [
                (beat + 8 * i, length, pitch)
                for i in range(section.bars // 2)
                for beat, length, pitch in _ANSWERS[i % 2]
            ]
        elif section.kind == "bridge":
            rows = list(_BRIDGE)
        notes += [
            hand.note(section.start_beat + beat, length, pitch, FORCE[section.kind])
            for beat, length, pitch in rows
            if beat < beats
        ]
    return notes
