"""A singing voice: glottal pulses with vibrato and jitter, a vocal tract of moving formants, noise for consonants and breath."""

import math
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from tonmeister.demo.melody import SungPhrase
from tonmeister.demo.phonemes import CONSONANTS, VOWELS, Consonant, Formants
from tonmeister.demo.score import SAMPLE_RATE_HZ, Mono, Score, seconds

HOP = 48
"""Frames between two points of control: 1 ms."""
POINTS_PER_S = SAMPLE_RATE_HZ // HOP
RESONATORS = 11
"""A vocal tract of 17.5 cm has a resonance per kHz; above the third they stay where they are."""
BREATH_S = 0.26


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


class _Control:
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
        part = _span(start_s, end_s)
        self.hiss[part] = strength
        self.hiss_hz[part] = shape.hiss_hz
        self.hiss_width_hz[part] = shape.hiss_width_hz


@dataclass(frozen=True, slots=True)
class _Sung:
    """A syllable at its place in time: consonants before the vowel, vowel, consonants after."""

    onset: tuple[str, ...]
    vowel: str
    coda: tuple[str, ...]
    start_s: float
    """Where the vowel starts."""
    end_s: float
    """Where the coda ends."""
    pitch: float
    strength: float


def _span(start_s: float, end_s: float) -> slice:
    return slice(max(0, round(start_s * POINTS_PER_S)), max(0, round(end_s * POINTS_PER_S)))


def _split(sounds: str) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    symbols = sounds.split()
    at = next(i for i, symbol in enumerate(symbols) if symbol in VOWELS)
    return tuple(symbols[:at]), symbols[at], tuple(symbols[at + 1 :])


def _length_s(consonants: tuple[str, ...]) -> float:
    return sum(CONSONANTS[symbol].length_s for symbol in consonants)


def _time_phrase(sung: SungPhrase, singer: Singer, rng: np.random.Generator) -> list[_Sung]:
    """Place the syllables of a phrase as this singer does."""
    rows = sung.phrase.syllables
    grid_s = [seconds(sung.start_beat + row.beat) for row in rows]
    starts_s = [max(0.03, time + rng.normal(0.012, singer.timing_s)) for time in grid_s]
    end_s = seconds(sung.start_beat + sung.phrase.end_beat) + rng.normal(0.0, singer.timing_s)
    loud = {"verse": 0.72, "pre-chorus": 0.84, "chorus": 1.0, "bridge": 0.72, "outro": 0.55}[sung.section.kind]
    placed = []
    for i, row in enumerate(rows):
        onset, vowel, coda = _split(row.sounds)
        next_s = (
            starts_s[i + 1] - _fit(rows[i + 1].sounds, starts_s[i + 1] - starts_s[i]) if i + 1 < len(rows) else end_s
        )
        arc = 1.0 - 0.22 * (i / len(rows)) ** 2
        strength = loud * arc * (1.0 + 0.012 * (row.pitch - 62)) * math.exp(rng.normal(0.0, 0.09))
        pitch = row.pitch + rng.normal(0.0, singer.tuning_cents) / 100.0
        placed.append(_Sung(onset, vowel, coda, starts_s[i], max(next_s, starts_s[i] + 0.05), pitch, strength))
    return placed


def _fit(sounds: str, gap_s: float) -> float:
    """Return how long the consonants before a vowel take, at most two fifths of the gap."""
    return min(_length_s(_split(sounds)[0]), 0.4 * gap_s)


def _speak(
    control: _Control, symbols: tuple[str, ...], start_s: float, end_s: float, strength: float, near: Formants
) -> None:
    """Write consonants into the controls, squeezed into the time given."""
    if not symbols:
        return
    scale = (end_s - start_s) / _length_s(symbols)
    at_s = start_s
    for symbol in symbols:
        shape = CONSONANTS[symbol]
        until_s = at_s + shape.length_s * scale
        part = _span(at_s, until_s)
        control.voice[part] = shape.voice * strength
        control.breath[part] = shape.breath * strength
        control.formants[:, part] = np.array(shape.formants or near)[:, np.newaxis]
        if shape.hiss:
            control.noise(at_s, until_s, shape, strength=shape.hiss * math.sqrt(strength))
        if shape.burst:
            opens_s = until_s - min(0.022, 0.5 * (until_s - at_s))
            control.noise(opens_s, opens_s + 0.010, shape, strength=shape.burst * math.sqrt(strength))
            if not shape.voice:
                control.breath[_span(opens_s + 0.006, until_s)] = 0.45 * strength
        at_s = until_s


def _sing(control: _Control, syllable: _Sung, onset_s: float, singer: Singer) -> None:
    """Write one syllable into the controls."""
    targets = VOWELS[syllable.vowel]
    coda_s = min(_length_s(syllable.coda), 0.4 * (syllable.end_s - syllable.start_s))
    vowel_end_s = syllable.end_s - coda_s
    _speak(control, syllable.onset, syllable.start_s - onset_s, syllable.start_s, syllable.strength, targets[0])
    turn_s = syllable.start_s + 0.6 * (vowel_end_s - syllable.start_s)
    for i, formants in enumerate(targets):
        part = _span(turn_s if i else syllable.start_s, vowel_end_s)
        control.formants[:, part] = np.array(formants)[:, np.newaxis]
    whole = _span(syllable.start_s, vowel_end_s)
    # A held note swells a little and dies away; without a consonant after it, it ends softly.
    progress = np.linspace(0.0, 1.0, whole.stop - whole.start)
    fade = 1.0 if syllable.coda else np.clip((1.0 - progress) / 0.25, 0.0, 1.0) ** 0.7
    control.voice[whole] = syllable.strength * (0.9 + 0.35 * progress - 0.5 * progress**2) * fade
    control.breath[whole] = singer.breathiness * syllable.strength
    _speak(control, syllable.coda, vowel_end_s, syllable.end_s, syllable.strength, targets[-1])
    control.pitch[_span(syllable.start_s - onset_s, syllable.end_s)] = syllable.pitch


def _breathe(control: _Control, until_s: float, strength: float) -> float:
    """Write a breath that ends at a time; return when it starts."""
    start_s = max(0.0, until_s - BREATH_S)
    part = _span(start_s, until_s)
    points = part.stop - part.start
    control.breath[part] = 0.16 * strength * np.hanning(points + 2)[1:-1]
    control.formants[:, part] = np.array([[560.0], [1450.0], [2600.0]])
    return start_s


def _smooth(values: NDArray[np.float64], width_ms: int) -> NDArray[np.float64]:
    """Return a moving mean, run twice: no corners, and no overshoot."""
    for _ in range(2):
        padded = np.pad(values, (width_ms // 2 + 1, width_ms - width_ms // 2 - 1), mode="edge")
        total = np.cumsum(np.concatenate(([0.0], padded[1:])))
        values = (total[width_ms:] - total[:-width_ms])[: values.size] / width_ms
    return values


def _melody_hz(control: _Control, notes: list[_Sung], singer: Singer, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the frequency at each control point: glides, scoops, late vibrato, drift and jitter."""
    held = control.pitch.copy()
    sung = np.flatnonzero(held)
    steps = np.searchsorted(sung, np.arange(held.size), side="right") - 1
    pitch = _smooth(held[sung[np.maximum(steps, 0)]], 36)
    depth = np.zeros(held.size)
    for note in notes:
        part = _span(note.start_s, note.end_s)
        age_s = np.arange(part.stop - part.start) / POINTS_PER_S
        depth[part] = np.clip((age_s - 0.22) / 0.4, 0.0, 1.0)
        pitch[part] -= 0.5 * np.exp(-age_s / 0.045)
    rate_hz = 5.4 + 0.25 * _smooth(rng.normal(0.0, 12.0, held.size), 400)
    vibrato = np.sin(2.0 * np.pi * np.cumsum(rate_hz) / POINTS_PER_S + rng.uniform(0.0, 2.0 * np.pi))
    drift = 0.06 * _smooth(rng.normal(0.0, 12.0, held.size), 250)
    jitter = 0.06 * _smooth(rng.normal(0.0, 1.0, held.size), 4)
    cents = singer.vibrato_cents / 100.0 * _smooth(depth, 80) * vibrato
    frequencies: NDArray[np.float64] = 440.0 * 2.0 ** ((pitch + cents + drift + jitter - 69.0) / 12.0)
    return frequencies


@numba.njit(nogil=True, cache=True)
def _voice_kernel(
    frames: int,
    frequency_hz: NDArray[np.float64],
    voice: NDArray[np.float64],
    breath: NDArray[np.float64],
    hiss: NDArray[np.float64],
    hiss_hz: NDArray[np.float64],
    hiss_width_hz: NDArray[np.float64],
    formants: NDArray[np.float64],
    bandwidths: NDArray[np.float64],
    tilt_hz: NDArray[np.float64],
    noise: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Run the source and the tract (Klatt's cascade, pulses of KLGLOTT88); formants are (resonators, points)."""
    rate = 48_000.0
    out = np.zeros(frames)
    a = np.zeros(12)
    b = np.zeros(12)
    c = np.zeros(12)
    y1 = np.zeros(12)
    y2 = np.zeros(12)
    count = formants.shape[0]
    phase = 0.0
    tilted = 0.0
    open_share = 0.62
    points = frames // HOP
    for point in range(points):
        busy = voice[point] + breath[point] + hiss[point] + voice[point + 1] + breath[point + 1] + hiss[point + 1]
        if busy < 1e-9 and abs(y1[count - 1]) < 1e-9 and abs(y1[11]) < 1e-9:
            y1[:] = 0.0
            y2[:] = 0.0
            continue
        for k in range(count):
            radius = math.exp(-math.pi * bandwidths[k] / rate)
            b[k] = 2.0 * radius * math.cos(2.0 * math.pi * formants[k, point] / rate)
            c[k] = -radius * radius
            a[k] = 1.0 - b[k] - c[k]
        radius = math.exp(-math.pi * hiss_width_hz[point] / rate)
        b[11] = 2.0 * radius * math.cos(2.0 * math.pi * hiss_hz[point] / rate)
        c[11] = -radius * radius
        a[11] = 1.0 - radius
        closing = 1.0 - math.exp(-2.0 * math.pi * tilt_hz[point] / rate)
        for j in range(HOP):
            i = point * HOP + j
            mix = j / HOP
            step = (frequency_hz[point] + mix * (frequency_hz[point + 1] - frequency_hz[point])) / rate
            strength = voice[point] + mix * (voice[point + 1] - voice[point])
            phase += step
            if phase >= 1.0:
                phase -= 1.0
            x = phase / open_share
            pulse = 2.0 * x - 3.0 * x * x if x < 1.0 else 0.0
            since = phase - open_share  # the flow stops at once here: a band-limited step takes the edge off (PolyBLEP)
            if 0.0 <= since < step:
                t = 1.0 - since / step
                pulse -= 0.5 * t * t
            elif -step < since < 0.0:
                t = 1.0 + since / step
                pulse += 0.5 * t * t
            tilted += closing * (pulse - tilted) + 1e-25
            flow = 1.0 if x < 1.0 else 0.35
            air = (breath[point] + mix * (breath[point + 1] - breath[point])) * noise[i]
            value = strength * tilted + 0.5 * air * (flow if strength > 0.0 else 1.0)
            for k in range(count):
                made = a[k] * value + b[k] * y1[k] + c[k] * y2[k]
                y2[k] = y1[k]
                y1[k] = made
                value = made
            hissing = hiss[point] + mix * (hiss[point + 1] - hiss[point])
            spray = a[11] * noise[i] * hissing + b[11] * y1[11] + c[11] * y2[11]
            out[i] = value + spray - y2[11]
            y2[11] = y1[11]
            y1[11] = spray
    return out


def _evenness(
    frequencies_hz: NDArray[np.float64], formants: NDArray[np.float64], bandwidths: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return a gain per point that takes most of the level difference between vowels out, as a trained singer does."""
    power = np.zeros(frequencies_hz.size)
    for harmonic in range(1, 9):
        s = 1j * harmonic * frequencies_hz
        response = np.full(frequencies_hz.size, 1.0 / harmonic, dtype=np.complex128)
        for centre, width in zip(formants[:4], bandwidths[:4], strict=True):
            response *= centre**2 / (centre**2 + s * s + s * width)
        power += np.abs(response) ** 2
    level = np.sqrt(power)
    return (level / np.median(level)) ** -0.7


def _tract(
    control: _Control, frequencies_hz: NDArray[np.float64], singer: Singer
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return formants (resonators, points) and their bandwidths."""
    points = control.voice.size
    formants = np.empty((RESONATORS, points))
    for i in range(3):
        formants[i] = _smooth(control.formants[i], 22) * singer.tract
    # Singers open their mouths until the first formant is not below the note.
    formants[0] = np.maximum(formants[0], 1.08 * frequencies_hz)
    fixed = np.array([3350.0, 4000.0, 5300.0, 6400.0, 7500.0, 8600.0, 9700.0, 10800.0])
    formants[3:] = (fixed * singer.tract)[:, np.newaxis]
    bandwidths = np.array([90.0, 100.0, 140.0, 170.0, 220.0, 300.0, 350.0, 400.0, 450.0, 500.0, 550.0])
    return formants, bandwidths


def render_voice(
    phrases: list[SungPhrase], score: Score, *, singer: Singer, rng: np.random.Generator
) -> tuple[Mono, list[tuple[float, float]]]:
    """Sing the phrases; return the sound (frames,) and where each phrase starts and ends, in seconds, breaths excluded."""
    points = score.frames // HOP + 2
    control = _Control(points)
    spans: list[tuple[float, float]] = []
    notes: list[_Sung] = []
    for sung in phrases:
        placed = _time_phrase(sung, singer, rng)
        gap_s = placed[0].start_s
        for syllable in placed:
            onset_s = min(
                _length_s(syllable.onset),
                0.4 * (syllable.start_s - gap_s) if notes and syllable is not placed[0] else 1.0,
            )
            _sing(control, syllable, onset_s, singer)
            gap_s = syllable.start_s
        first_s = placed[0].start_s - _length_s(placed[0].onset)
        spans.append((first_s, placed[-1].end_s))
        _breathe(control, first_s - 0.03, placed[0].strength)
        notes += placed
    frequencies_hz = _melody_hz(control, notes, singer, rng)
    formants, bandwidths = _tract(control, frequencies_hz, singer)
    shimmer = 1.0 + 0.05 * _smooth(rng.normal(0.0, 3.0, points), 12)
    voice = _smooth(control.voice, 14) * shimmer
    tilt_hz = singer.effort * (2200.0 + 5500.0 * np.clip(voice, 0.0, 1.2))
    voice *= _evenness(frequencies_hz, formants, bandwidths)
    hiss_centre = np.minimum(control.hiss_hz * math.sqrt(singer.tract), 9500.0)
    sound = _voice_kernel(
        score.frames, frequencies_hz, voice, _smooth(control.breath, 10), _smooth(control.hiss, 6), hiss_centre,
        control.hiss_width_hz, formants, bandwidths, tilt_hz, rng.standard_normal(score.frames),
    )  # fmt: skip
    return sound, spans
