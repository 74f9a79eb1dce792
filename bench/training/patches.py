"""Sequenced synthesisers as records have them: a moving resonant filter, echoes in time, pumping, drive, layers of hiss."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from bench.training import score
from bench.training.electronic import RATE_HZ, Mono, band
from bench.training.score import Chance, Note
from bench.training.treatment import Sound, compress, drive, level, reverberate


class Patch(NamedTuple):
    """One sound of a synthesiser; times in s, the filter in octaves over the note."""

    waves: tuple[str, ...]
    detune: float
    attack_s: float
    decay_s: float
    sustain: float
    release_s: float
    open_octaves: float
    bend_octaves: float
    bend_s: float
    resonance: float
    hiss: float
    glide_s: float


def draw_patch(kind: str, chance: Chance) -> Patch:
    """Return a random patch: `bass`, `pluck`, `lead`, `pad` or `stab`."""
    waves = tuple(
        str(chance.choice(["saw", "square", "pulse", "triangle", "sine"])) for _ in range(int(chance.integers(1, 4)))
    )
    short = kind in ("pluck", "stab")
    slow = kind == "pad"
    return Patch(
        waves=waves,
        detune=float(chance.choice([0.0, 0.003, 0.008, 0.015])),
        attack_s=float(chance.uniform(0.15, 1.2) if slow else np.exp(chance.uniform(np.log(0.001), np.log(0.03)))),
        decay_s=float(np.exp(chance.uniform(np.log(0.05), np.log(0.6)))),
        sustain=0.0 if kind == "pluck" else float(chance.uniform(0.2, 1)),
        release_s=float(chance.uniform(0.4, 2) if slow else chance.uniform(0.02, 0.4)),
        open_octaves=float(chance.uniform(0.3, 2.5) if short or kind == "bass" else chance.uniform(0.8, 5)),
        bend_octaves=float(chance.uniform(0, 4.5)),
        bend_s=float(np.exp(chance.uniform(np.log(0.03), np.log(0.8)))),
        resonance=float(chance.uniform(0.5, 8)),
        hiss=float(chance.choice([0.0, 0.0, chance.uniform(0, 0.3)])),
        glide_s=float(chance.choice([0.0, 0.0, 0.03, 0.1])),
    )  # fmt: skip


def play_patch(kind: str, seconds: float, chance: Chance) -> Sound:
    """Return a sequenced part on a random patch, produced."""
    notes = _write(kind, seconds, chance)
    patch = draw_patch(kind, chance)
    out = np.zeros(int((seconds + 3) * RATE_HZ))
    wander = chance.uniform(0, 1.5) * np.sin(
        2 * np.pi * (chance.uniform(0.03, 0.5) * np.arange(out.size) / RATE_HZ + chance.random())
    )
    before = notes[0].pitch if notes else 0.0
    for note in notes:
        start = int(note.start_s * RATE_HZ)
        tone = _tone(note, before, patch, wander[start : start + int((note.length_s + 4) * RATE_HZ)], chance)
        size = min(tone.size, out.size - start)
        out[start : start + size] += tone[:size]
        before = note.pitch
    return _produce(out[None, : int(seconds * RATE_HZ)], kind, chance)


def _write(kind: str, seconds: float, chance: Chance) -> list[Note]:
    if kind == "bass":
        return score.bass_line(chance, seconds)
    low = int(chance.integers(34, 72)) if kind != "pad" else int(chance.integers(40, 60))
    if kind == "pad":
        return score.chords(chance, seconds, low=low, high=low + 26)
    write = {"stab": (score.chords, score.chords, score.arpeggio)}.get(
        kind, (score.arpeggio, score.melody, score.arpeggio)
    )
    notes = write[int(chance.integers(3))](chance, seconds, low=low, high=low + 26)
    if chance.random() < 0.25:  # the same short figure over and over
        first = [note for note in notes if note.start_s < 2.0]
        notes = [_later(note, 2.0 * i) for i in range(int(seconds / 2)) for note in first]
    return notes


def _later(note: Note, by_s: float) -> Note:
    return Note(note.start_s + by_s, note.length_s, note.pitch, note.velocity)


def _tone(note: Note, before: float, patch: Patch, wander: Mono, chance: Chance) -> Mono:
    length = min(note.length_s + 4 * patch.release_s, 8.0)
    t = np.arange(min(int(length * RATE_HZ), wander.size)) / RATE_HZ
    if t.size == 0:
        return t
    glide = np.exp(-t / patch.glide_s) * (before - note.pitch) if patch.glide_s else 0.0
    hz = 440 * 2 ** ((note.pitch + glide - 69) / 12) * np.ones(t.size)
    phase = np.cumsum(hz) / RATE_HZ
    raw = np.zeros(t.size)
    for wave in patch.waves:
        ratio = float(chance.choice([1.0, 1.0, 0.5, 2.0])) * (1 + chance.normal(0, patch.detune))
        raw += _wave(wave, phase * ratio + chance.random())
    if patch.hiss:
        raw += patch.hiss * chance.standard_normal(t.size)
    envelope = np.minimum(t / patch.attack_s, 1) * (patch.sustain + (1 - patch.sustain) * np.exp(-t / patch.decay_s))
    envelope *= np.exp(-np.maximum(t - note.length_s, 0) / patch.release_s * 2)
    octaves = patch.open_octaves + wander[: t.size] + patch.bend_octaves * np.exp(-t / patch.bend_s)
    cutoff = np.clip(hz * 2**octaves, 60, 16_000)
    return np.asarray(low_pass(raw, cutoff, patch.resonance) * envelope * (note.velocity / 127))


def _wave(wave: str, phase: Mono) -> Mono:
    turn = np.mod(phase, 1)
    if wave == "saw":
        return 2 * turn - 1
    if wave == "triangle":
        return 4 * np.abs(turn - 0.5) - 1
    if wave == "sine":
        return np.sin(2 * np.pi * phase)
    return np.where(turn < (0.5 if wave == "square" else 0.15), 1.0, -1.0)


@njit(cache=True)
def low_pass(sound: NDArray[np.float64], cutoff_hz: NDArray[np.float64], resonance: float) -> NDArray[np.float64]:
    """Return the sound through a state-variable low-pass whose corner moves (A. Simper, 2013, trapezoidal form)."""
    out = np.empty_like(sound)
    first = second = 0.0
    k = 1.0 / resonance
    for i in range(sound.size):
        g = np.tan(np.pi * cutoff_hz[i] / 44_100)
        a1 = 1.0 / (1.0 + g * (g + k))
        a2 = g * a1
        high = sound[i] - second
        middle = a1 * first + a2 * high
        low = second + a2 * first + g * a2 * high
        first, second = 2 * middle - first, 2 * low - second
        out[i] = low
    return out


def _produce(sound: Sound, kind: str, chance: Chance) -> Sound:
    """Return the part with what producers do to a synthesiser."""
    out = level(sound)
    if chance.random() < 0.35:
        out = level(drive(out, float(chance.uniform(6, 24))))
    if kind != "bass" and chance.random() < 0.5:
        out = repeat_in_time(out, chance)
    if chance.random() < 0.3:
        out = compress(out, chance)
    if kind != "bass" and chance.random() < 0.4:
        out = reverberate(out, chance, wet=float(chance.uniform(0.1, 1.5)))
    if chance.random() < 0.3:
        out = pump(out, chance)
    if chance.random() < 0.1:
        out += 0.05 * band(np.asarray(chance.standard_normal(out.shape[1])), 3000, 16_000)
    return out


def pump(sound: Sound, chance: Chance) -> Sound:
    """Return the part ducked by a kick on every beat."""
    beat = score.beat_s(chance) * RATE_HZ
    return np.asarray(
        sound
        * (1 - chance.uniform(0.4, 1) * np.exp(-np.mod(np.arange(sound.shape[1]), beat) / beat * chance.uniform(3, 7)))
    )


def repeat_in_time(sound: Sound, chance: Chance) -> Sound:
    """Return the part with repeats at a musical distance, from side to side."""
    step = int(score.beat_s(chance) * float(chance.choice([0.5, 0.75, 1.0])) * RATE_HZ)
    gain = float(chance.uniform(0.3, 0.75))
    out = np.repeat(sound, 2, axis=0) if sound.shape[0] == 1 else sound.copy()
    crossed = bool(chance.random() < 0.5)
    for i in range(1, 8):
        if i * step >= sound.shape[1]:
            break
        copy = sound[:, : -i * step] * gain**i
        if crossed and sound.shape[0] == 1:
            out[i % 2, i * step :] += copy[0]
        else:
            out[:, i * step :] += copy
    return out


def play_effect(seconds: float, chance: Chance) -> Sound:
    """Return what leads from part to part: sweeps of hiss, swells played backwards, falls, slides; now and then only."""
    frames = int(seconds * RATE_HZ)
    out = np.zeros((1, frames))
    period = float(chance.choice([2.0, 4.0, 8.0])) * float(chance.uniform(0.8, 1.2))
    kind = str(chance.choice(["sweep", "sweep", "backwards", "fall", "slide"]))
    seed = int(chance.integers(1 << 30))
    for at in np.arange(float(chance.uniform(0, 1)), seconds - 0.5, period * float(chance.choice([1.0, 1.0, 2.0]))):
        own = np.random.default_rng(seed)
        one = _gesture(kind, min(period, seconds - at) * float(chance.uniform(0.5, 1)), own)
        start = int(at * RATE_HZ)
        out[0, start : start + one.size] += one[: frames - start]
    out = level(out)
    if chance.random() < 0.5:
        out = repeat_in_time(out, chance)
    if chance.random() < 0.6:
        out = reverberate(out, chance, wet=float(chance.uniform(0.2, 2)))
    return out


def _gesture(kind: str, seconds: float, chance: Chance) -> Mono:
    """Return one sweep, backward swell, fall or slide."""
    size = max(RATE_HZ // 4, int(seconds * RATE_HZ))
    ramp = np.linspace(0, 1, size)
    if chance.random() < 0.4:
        ramp = ramp[::-1]
    tone = np.zeros(size)
    if kind in ("slide", "fall"):
        hz = chance.uniform(60, 900) * 2 ** (chance.uniform(0.5, 4) * ramp)
        tone = _wave(str(chance.choice(["saw", "sine", "square"])), np.cumsum(hz) / RATE_HZ)
    hiss = chance.standard_normal(size) * (chance.uniform(0, 0.5) if kind == "slide" else 1.0)
    low, high = chance.uniform(100, 1500), chance.uniform(3000, 15_000)
    cutoff = low * (high / low) ** ramp
    swept = low_pass(tone + hiss, cutoff, float(chance.uniform(0.6, 8)))
    if chance.random() < 0.5:
        swept = swept - low_pass(swept, cutoff / 3, 0.7)
    if kind == "backwards":
        return np.asarray(swept * np.exp(-(1 - np.linspace(0, 1, size)) * chance.uniform(2, 7)))
    if kind == "fall":
        return np.asarray(swept * np.exp(-np.linspace(0, 1, size) * chance.uniform(1, 6)))
    return np.asarray(
        swept * (0.05 + ramp ** float(chance.uniform(0.5, 3))) * np.minimum(1, np.arange(size)[::-1] / 2000)
    )
