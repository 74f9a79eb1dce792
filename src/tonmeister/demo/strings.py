"""Plucked strings (Karplus and Strong, Computer Music Journal 7, 1983): bass, electric and acoustic guitars."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.demo.filters import bell, driven, filtered, high_pass, low_pass
from tonmeister.demo.score import SAMPLE_RATE_HZ, Mono, Note, Score, frame, frequency_hz
from tonmeister.kernels import njit

Strum = tuple[Note, ...]
"""Notes of one stroke, string by string."""


@dataclass(frozen=True, slots=True)
class StringTone:
    """How a string sounds."""

    decay_s: float
    """Time in which its lowest partial falls by 60 dB."""
    dullness: float
    """Loss of high partials, 0..0.5."""
    pick: float
    """Where it is plucked, as a share of its length."""
    attack_hz: float
    """Corner of the brightness of the pluck at full force."""
    muted_decay_s: float = 0.08
    """Decay once the hand stops it."""


@njit(nogil=True, cache=True)
def _string(
    frames: int,
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
    periods: NDArray[np.float64],
    gains: NDArray[np.float64],
    corners: NDArray[np.float64],
    noise: NDArray[np.float64],
    decay_frames: float,
    muted_frames: float,
    dullness: float,
    pick: float,
) -> NDArray[np.float64]:
    """Run one string through its notes; periods are in frames."""
    out = np.zeros(frames)
    size = 4096
    line = np.zeros(size)
    burst = np.zeros(size)
    head = 0
    last = 0.0
    allpass_in = 0.0
    allpass_out = 0.0
    for n in range(starts.shape[0]):
        period = periods[n]
        total = period - dullness
        whole = int(total - 0.3)
        fraction = total - whole
        coefficient = (1.0 - fraction) / (1.0 + fraction)
        length = int(period)
        smooth = 0.0
        mean = 0.0
        for i in range(length):
            smooth += corners[n] * (noise[(starts[n] + i) % noise.shape[0]] - smooth)
            burst[i] = smooth
            mean += smooth / length
        offset = max(1, int(pick * length))
        end = starts[n + 1] if n + 1 < starts.shape[0] else frames
        end = min(end, frames)
        loss = 10.0 ** (-3.0 * period / decay_frames)
        muted = 10.0 ** (-3.0 * period / muted_frames)
        for i in range(starts[n], end):
            age = i - starts[n]
            pluck = 0.0
            if age < length:
                pluck += gains[n] * (burst[age] - mean)
            if offset <= age < length + offset:
                pluck -= gains[n] * (burst[age - offset] - mean)
            delayed = line[(head - whole) % size]
            through = coefficient * (delayed - allpass_out) + allpass_in
            allpass_in = delayed
            allpass_out = through
            value = (1.0 - dullness) * through + dullness * last
            last = through
            value = value * (loss if i < stops[n] else muted) + pluck + 1e-25
            line[head] = value
            out[i] = value
            head = (head + 1) % size
    return out


def pluck_string(notes: list[Note], score: Score, *, tone: StringTone, rng: np.random.Generator) -> Mono:
    """Return one string playing notes one after the other."""
    if not notes:
        return np.zeros(score.frames)
    notes = sorted(notes, key=lambda note: note.start_s)
    starts = np.array([max(0, frame(note.start_s)) for note in notes], dtype=np.int64)
    stops = np.array([frame(note.start_s + note.length_s) for note in notes], dtype=np.int64)
    periods = np.array([SAMPLE_RATE_HZ / frequency_hz(note.pitch) for note in notes])
    force = np.array([note.velocity for note in notes])
    corners = 1.0 - np.exp(-2.0 * np.pi * tone.attack_hz * (0.35 + 0.65 * force) / SAMPLE_RATE_HZ)
    # A dark burst has less power: bring it back, so that force alone makes level.
    gains = force / np.sqrt(corners / (2.0 - corners)) * 0.25
    sound: Mono = _string(
        score.frames, starts, stops, periods, gains, corners, rng.uniform(-1.0, 1.0, SAMPLE_RATE_HZ),
        tone.decay_s * SAMPLE_RATE_HZ, tone.muted_decay_s * SAMPLE_RATE_HZ, tone.dullness, tone.pick,
    )  # fmt: skip
    return sound


def strum_strings(strums: list[Strum], score: Score, *, tone: StringTone, rng: np.random.Generator) -> Mono:
    """Return a guitar: the strings of all strokes together; note k of a stroke is on string k."""
    count = max((len(strum) for strum in strums), default=0)
    total = np.zeros(score.frames)
    for string in range(count):
        notes = [strum[string] for strum in strums if len(strum) > string]
        total += pluck_string(notes, score, tone=tone, rng=rng)
    return total


BASS_TONE = StringTone(decay_s=5.0, dullness=0.45, pick=0.25, attack_hz=420.0, muted_decay_s=0.12)
ELECTRIC_TONE = StringTone(decay_s=5.0, dullness=0.16, pick=0.14, attack_hz=5000.0, muted_decay_s=0.10)
ACOUSTIC_TONE = StringTone(decay_s=2.6, dullness=0.10, pick=0.17, attack_hz=6500.0, muted_decay_s=0.15)


def record_bass(notes: list[Note], score: Score, *, rng: np.random.Generator) -> Mono:
    """Return the electric bass, straight from its pick-up."""
    plain = pluck_string(notes, score, tone=BASS_TONE, rng=rng)
    warm = filtered(plain, high_pass(32.0), bell(170.0, gain_db=4.0, q=0.7), low_pass(700.0, q=0.55), low_pass(4500.0))
    # The bias makes even harmonics and an offset; a pick-up gives none.
    return filtered(driven(warm, gain_db=2.0, bias=0.15), high_pass(22.0))


def record_electric(strums: list[Strum], score: Score, *, drive_db: float, rng: np.random.Generator) -> Mono:
    """Return an electric guitar through a driven amplifier and its loudspeaker."""
    picked = filtered(
        strum_strings(strums, score, tone=ELECTRIC_TONE, rng=rng), high_pass(90.0), bell(800.0, gain_db=3.0, q=0.7)
    )
    amplified = driven(filtered(driven(picked, gain_db=drive_db, bias=0.2), high_pass(60.0)), gain_db=4.0)
    return filtered(
        amplified, high_pass(85.0), bell(130.0, gain_db=6.0, q=0.8), bell(240.0, gain_db=6.5, q=0.7), bell(1000.0, gain_db=-3.0, q=0.8),
        bell(2600.0, gain_db=-0.5, q=0.9), low_pass(4900.0, q=0.9), low_pass(5600.0),
    )  # fmt: skip


def record_acoustic(strums: list[Strum], score: Score, *, rng: np.random.Generator) -> Mono:
    """Return a steel-string guitar before a microphone: strings and the resonances of its body."""
    strings = strum_strings(strums, score, tone=ACOUSTIC_TONE, rng=rng)
    return filtered(
        strings, high_pass(75.0), bell(105.0, gain_db=6.0, q=2.5), bell(205.0, gain_db=5.0, q=2.5), bell(400.0, gain_db=3.0, q=2.0),
        bell(1200.0, gain_db=-5.0, q=0.7), bell(7500.0, gain_db=3.0, q=0.7), low_pass(14_000.0),
    )  # fmt: skip
