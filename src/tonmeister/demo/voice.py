"""A singing voice: glottal pulses with vibrato and jitter, a vocal tract of moving formants, noise for consonants."""

import math

import numpy as np
from numpy.typing import NDArray

from tonmeister.demo.melody import SungPhrase
from tonmeister.demo.score import SAMPLE_RATE_HZ, Mono, Score
from tonmeister.demo.singing import HOP, POINTS_PER_S, Control, Singer, Sung, breathe, sing, span, time_phrase
from tonmeister.kernels import njit

BANDWIDTHS_HZ = (90.0, 100.0, 140.0, 170.0, 220.0, 300.0, 350.0, 400.0, 450.0, 500.0, 550.0)
"""Of the resonances of a vocal tract of 17.5 cm, one per kHz."""
UPPER_FORMANTS_HZ = (3350.0, 4000.0, 5300.0, 6400.0, 7500.0, 8600.0, 9700.0, 10_800.0)
"""Those above the third stay where they are; the fourth and fifth are close together, as a singer's."""
OPEN_SHARE = 0.62
"""Part of each period in which the glottis is open."""
RESONATORS = 12
"""The tract's eleven, and one that shapes the hiss of consonants."""


def _smooth(values: NDArray[np.float64], width_ms: int) -> NDArray[np.float64]:
    """Return a moving mean, run twice: no corners, and no overshoot."""
    for _ in range(2):
        padded = np.pad(values, (width_ms // 2 + 1, width_ms - width_ms // 2 - 1), mode="edge")
        total = np.cumsum(np.concatenate(([0.0], padded[1:])))
        values = (total[width_ms:] - total[:-width_ms])[: values.size] / width_ms
    return values


def _melody_hz(control: Control, notes: list[Sung], singer: Singer, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the frequency at each control point: glides, scoops, late vibrato, drift and jitter."""
    held = control.pitch.copy()
    sung = np.flatnonzero(held)
    steps = np.searchsorted(sung, np.arange(held.size), side="right") - 1
    pitch = _smooth(held[sung[np.maximum(steps, 0)]], 36)
    depth = np.zeros(held.size)
    for note in notes:
        part = span(note.start_s, note.end_s)
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


@njit(nogil=True, cache=True)
def _pulse(phase: float, step: float) -> float:
    """Return the derivative of the flow through the glottis (KLGLOTT88: D. and L. Klatt, JASA 87, 1990)."""
    x = phase / OPEN_SHARE
    pulse = 2.0 * x - 3.0 * x * x if x < 1.0 else 0.0
    since = phase - OPEN_SHARE  # the flow stops at once here: a band-limited step takes the edge off (PolyBLEP)
    if 0.0 <= since < step:
        t = 1.0 - since / step
        pulse -= 0.5 * t * t
    elif -step < since < 0.0:
        t = 1.0 + since / step
        pulse += 0.5 * t * t
    return pulse


@njit(nogil=True, cache=True)
def _tune(
    gains: NDArray[np.float64],
    back1: NDArray[np.float64],
    back2: NDArray[np.float64],
    centres_hz: NDArray[np.float64],
    widths_hz: NDArray[np.float64],
) -> None:
    """Set resonators of gain 1 at 0 Hz (D. Klatt, JASA 67, 1980): y = gain x + back1 y' + back2 y''."""
    for k in range(centres_hz.shape[0]):
        radius = math.exp(-math.pi * widths_hz[k] / SAMPLE_RATE_HZ)
        back1[k] = 2.0 * radius * math.cos(2.0 * math.pi * centres_hz[k] / SAMPLE_RATE_HZ)
        back2[k] = -radius * radius
        gains[k] = 1.0 - back1[k] - back2[k]


@njit(nogil=True, cache=True)
def _voice_kernel(
    frames: int,
    frequency_hz: NDArray[np.float64],
    sources: NDArray[np.float64],
    tilt_hz: NDArray[np.float64],
    centres_hz: NDArray[np.float64],
    widths_hz: NDArray[np.float64],
    noise: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Run source and tract; sources are (voice, breath, hiss; points), centres and widths (points, RESONATORS)."""
    out = np.zeros(frames)
    gains, back1, back2 = np.zeros(RESONATORS), np.zeros(RESONATORS), np.zeros(RESONATORS)
    past1, past2 = np.zeros(RESONATORS), np.zeros(RESONATORS)
    last = RESONATORS - 1
    phase = 0.0
    tilted = 0.0
    for point in range(frames // HOP):
        busy = sources[:, point].sum() + sources[:, point + 1].sum()
        if busy < 1e-9 and abs(past1[last - 1]) < 1e-9 and abs(past1[last]) < 1e-9:
            past1[:] = 0.0
            past2[:] = 0.0
            continue
        _tune(gains, back1, back2, centres_hz[point], widths_hz[point])
        gains[last] = 1.0 - math.sqrt(-back2[last])  # the hiss keeps its level whatever its width
        closing = 1.0 - math.exp(-2.0 * math.pi * tilt_hz[point] / SAMPLE_RATE_HZ)
        for j in range(HOP):
            i = point * HOP + j
            mix = j / HOP
            step = (frequency_hz[point] + mix * (frequency_hz[point + 1] - frequency_hz[point])) / SAMPLE_RATE_HZ
            voice = sources[0, point] + mix * (sources[0, point + 1] - sources[0, point])
            breath = sources[1, point] + mix * (sources[1, point + 1] - sources[1, point])
            hiss = sources[2, point] + mix * (sources[2, point + 1] - sources[2, point])
            phase = (phase + step) % 1.0
            tilted += closing * (_pulse(phase, step) - tilted) + 1e-25
            shut = voice > 0.0 and phase >= OPEN_SHARE
            value = voice * tilted + (0.175 if shut else 0.5) * breath * noise[i]
            for k in range(last):
                made = gains[k] * value + back1[k] * past1[k] + back2[k] * past2[k]
                past2[k] = past1[k]
                past1[k] = made
                value = made
            spray = gains[last] * noise[i] * hiss + back1[last] * past1[last] + back2[last] * past2[last]
            out[i] = value + spray - past2[last]
            past2[last] = past1[last]
            past1[last] = spray
    return out


def _evenness(frequencies_hz: NDArray[np.float64], centres_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a gain per point that takes most of the level difference between vowels out, as a trained singer does."""
    power = np.zeros(frequencies_hz.size)
    for harmonic in range(1, 9):
        s = 1j * harmonic * frequencies_hz
        response = np.full(frequencies_hz.size, 1.0 / harmonic, dtype=np.complex128)
        for centre_hz, width_hz in zip(centres_hz[:, :4].T, BANDWIDTHS_HZ[:4], strict=True):
            response *= centre_hz**2 / (centre_hz**2 + s * s + s * width_hz)
        power += np.abs(response) ** 2
    level = np.sqrt(power)
    gain: NDArray[np.float64] = (level / np.median(level)) ** -0.7
    return gain


def _tract(
    control: Control, frequencies_hz: NDArray[np.float64], singer: Singer
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return centres and widths of all resonators, (points, RESONATORS)."""
    points = control.voice.size
    centres_hz = np.empty((points, RESONATORS))
    for i in range(3):
        centres_hz[:, i] = _smooth(control.formants[i], 22) * singer.tract
    # Singers open their mouths until the first formant is not below the note.
    centres_hz[:, 0] = np.maximum(centres_hz[:, 0], 1.08 * frequencies_hz)
    centres_hz[:, 3:-1] = np.array(UPPER_FORMANTS_HZ) * singer.tract
    centres_hz[:, -1] = np.minimum(control.hiss_hz * math.sqrt(singer.tract), 9500.0)
    widths_hz = np.tile(np.array([*BANDWIDTHS_HZ, 0.0]), (points, 1))
    widths_hz[:, -1] = control.hiss_width_hz
    return centres_hz, widths_hz


def _write_control(
    phrases: list[SungPhrase], points: int, singer: Singer, rng: np.random.Generator
) -> tuple[Control, list[Sung], list[tuple[float, float]]]:
    """Return the controls, the syllables, and where phrases start and end in seconds."""
    control = Control(points)
    notes: list[Sung] = []
    spans: list[tuple[float, float]] = []
    for phrase in phrases:
        placed = time_phrase(phrase, singer, rng)
        for syllable in placed:
            sing(control, syllable, singer)
        first_s = max(0.0, placed[0].start_s - placed[0].onset_s)
        breathe(control, first_s - 0.03, placed[0].strength)
        spans.append((first_s, placed[-1].end_s))
        notes += placed
    return control, notes, spans


def render_voice(
    phrases: list[SungPhrase], score: Score, *, singer: Singer, rng: np.random.Generator
) -> tuple[Mono, list[tuple[float, float]]]:
    """Sing the phrases; return the sound (frames,) and where each phrase starts and ends in seconds, without breaths."""
    points = score.frames // HOP + 2
    control, notes, spans = _write_control(phrases, points, singer, rng)
    frequencies_hz = _melody_hz(control, notes, singer, rng)
    centres_hz, widths_hz = _tract(control, frequencies_hz, singer)
    shimmer = 1.0 + 0.05 * _smooth(rng.normal(0.0, 3.0, points), 12)
    voice = _smooth(control.voice, 14) * shimmer
    tilt_hz = singer.effort * (2200.0 + 5500.0 * np.clip(voice, 0.0, 1.2))  # who sings louder sings brighter
    voice *= _evenness(frequencies_hz, centres_hz)
    sources = np.stack((voice, _smooth(control.breath, 10), _smooth(control.hiss, 6)))
    noise = rng.standard_normal(score.frames)
    sound: Mono = _voice_kernel(score.frames, frequencies_hz, sources, tilt_hz, centres_hz, widths_hz, noise)
    return sound, spans
