"""How a singer speaks the words of a melody: the controls of the voice, a point each millisecond."""

import math
from dataclasses import dataclass

import numpy as np

from tonmeister.demo.melody import SungPhrase
from tonmeister.demo.phonemes import CONSONANTS, VOWELS, Consonant, Formants
from tonmeister.demo.score import SAMPLE_RATE_HZ, seconds

HOP = 48
"""Frames between two points of control: 1 ms."""
POINTS_PER_S = SAMPLE_RATE_HZ // HOP
BREATH_S = 0.26
MOST_OF_A_GAP = 0.4
"""Consonants take at most this share of the time between two vowels."""
LOUDNESS = {"verse": 0.72, "pre-chorus": 0.84, "chorus": 1.0, "bridge": 0.72, "outro": 0.55}


@dataclass(frozen=True, slots=True)
class Singer:
    """What makes a voice this person's."""

    name: str
    tract: float
    """Formant frequencies relative to an average man's."""
    timing_s: float
    """Spread of when syllables start."""
    tuning_cents: float
    """Spread of the pitch of notes."""
    vibrato_cents: float
    breathiness: float
    """Noise at the glottis while singing, relative to the pulses."""
    effort: float = 1.0
    """Brightness of the pulses."""


class Control:
    """The voice's controls over the whole song, one point a millisecond."""

    def __init__(self, points: int) -> None:
        self.pitch = np.zeros(points)
        self.voice = np.zeros(points)
        self.breath = np.zeros(points)
        self.hiss = np.zeros(points)
        self.hiss_hz = np.full(points, 5000.0)
        self.hiss_width_hz = np.full(points, 2500.0)
        self.formants = np.tile(np.array([[500.0], [1500.0], [2500.0]]), points)

    def noise(self, start_s: float, end_s: float, shape: Consonant, *, strength: float) -> None:
        """Set hiss of a consonant from start to end."""
        part = span(start_s, end_s)
        self.hiss[part] = strength
        self.hiss_hz[part] = shape.hiss_hz
        self.hiss_width_hz[part] = shape.hiss_width_hz


@dataclass(frozen=True, slots=True)
class Sung:
    """A syllable at its place in time: consonants before the vowel, vowel, consonants after."""

    onset: tuple[str, ...]
    vowel: str
    coda: tuple[str, ...]
    onset_s: float
    """How long the consonants before the vowel last."""
    start_s: float
    """Where the vowel starts."""
    end_s: float
    """Where the last consonant ends."""
    pitch: float
    strength: float


def span(start_s: float, end_s: float) -> slice:
    """Return the points of control from one time to another."""
    return slice(max(0, round(start_s * POINTS_PER_S)), max(0, round(end_s * POINTS_PER_S)))


def _split(sounds: str) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    symbols = sounds.split()
    at = next(i for i, symbol in enumerate(symbols) if symbol in VOWELS)
    return tuple(symbols[:at]), symbols[at], tuple(symbols[at + 1 :])


def _length_s(consonants: tuple[str, ...]) -> float:
    return sum(CONSONANTS[symbol].length_s for symbol in consonants)


def time_phrase(sung: SungPhrase, singer: Singer, rng: np.random.Generator) -> list[Sung]:
    """Place the syllables of a phrase as this singer does."""
    rows = sung.phrase.syllables
    starts_s = [max(0.03, seconds(sung.start_beat + row.beat) + rng.normal(0.012, singer.timing_s)) for row in rows]
    gaps_s = [math.inf, *np.diff(starts_s).tolist()]
    words = [_split(row.sounds) for row in rows]
    onsets_s = [min(_length_s(word[0]), MOST_OF_A_GAP * gap_s) for word, gap_s in zip(words, gaps_s, strict=True)]
    last_s = seconds(sung.start_beat + sung.phrase.end_beat) + rng.normal(0.0, singer.timing_s)
    ends_s = [start - onset for start, onset in zip(starts_s[1:], onsets_s[1:], strict=True)] + [last_s]
    placed = []
    for i, (row, (onset, vowel, coda)) in enumerate(zip(rows, words, strict=True)):
        arc = 1.0 - 0.22 * (i / len(rows)) ** 2
        accent = (1.0 + 0.012 * (row.pitch - 62)) * math.exp(rng.normal(0.0, 0.09))
        pitch = row.pitch + rng.normal(0.0, singer.tuning_cents) / 100.0
        end_s = max(ends_s[i], starts_s[i] + 0.05)
        strength = LOUDNESS[sung.section.kind] * arc * accent
        placed.append(Sung(onset, vowel, coda, onsets_s[i], starts_s[i], end_s, pitch, strength))
    return placed


def _speak(
    control: Control, symbols: tuple[str, ...], start_s: float, end_s: float, strength: float, near: Formants
) -> None:
    """Write consonants into the controls, squeezed into the time given."""
    if not symbols:
        return
    scale = (end_s - start_s) / _length_s(symbols)
    at_s = start_s
    for symbol in symbols:
        shape = CONSONANTS[symbol]
        until_s = at_s + shape.length_s * scale
        part = span(at_s, until_s)
        control.voice[part] = shape.voice * strength
        control.breath[part] = shape.breath * strength
        control.formants[:, part] = np.array(shape.formants or near)[:, np.newaxis]
        if shape.hiss:
            control.noise(at_s, until_s, shape, strength=shape.hiss * math.sqrt(strength))
        if shape.burst:
            opens_s = until_s - min(0.022, 0.5 * (until_s - at_s))
            control.noise(opens_s, opens_s + 0.010, shape, strength=shape.burst * math.sqrt(strength))
            if not shape.voice:
                control.breath[span(opens_s + 0.006, until_s)] = 0.45 * strength
        at_s = until_s


def sing(control: Control, syllable: Sung, singer: Singer) -> None:
    """Write one syllable into the controls."""
    targets = VOWELS[syllable.vowel]
    coda_s = min(_length_s(syllable.coda), 0.4 * (syllable.end_s - syllable.start_s))
    vowel_end_s = syllable.end_s - coda_s
    _speak(
        control, syllable.onset, syllable.start_s - syllable.onset_s, syllable.start_s, syllable.strength, targets[0]
    )
    turn_s = syllable.start_s + 0.6 * (vowel_end_s - syllable.start_s)
    for i, formants in enumerate(targets):
        part = span(turn_s if i else syllable.start_s, vowel_end_s)
        control.formants[:, part] = np.array(formants)[:, np.newaxis]
    whole = span(syllable.start_s, vowel_end_s)
    # A held note swells a little and dies away; without a consonant after it, it ends softly.
    progress = np.linspace(0.0, 1.0, whole.stop - whole.start)
    fade = 1.0 if syllable.coda else np.clip((1.0 - progress) / 0.25, 0.0, 1.0) ** 0.7
    control.voice[whole] = syllable.strength * (0.9 + 0.35 * progress - 0.5 * progress**2) * fade
    control.breath[whole] = singer.breathiness * syllable.strength
    _speak(control, syllable.coda, vowel_end_s, syllable.end_s, syllable.strength, targets[-1])
    control.pitch[span(syllable.start_s - syllable.onset_s, syllable.end_s)] = syllable.pitch


def breathe(control: Control, until_s: float, strength: float) -> None:
    """Write a breath that ends at a time."""
    start_s = max(0.0, until_s - BREATH_S)
    part = span(start_s, until_s)
    points = part.stop - part.start
    control.breath[part] = 0.11 * strength * np.hanning(points + 2)[1:-1]
    control.formants[:, part] = np.array([[560.0], [1450.0], [2600.0]])
