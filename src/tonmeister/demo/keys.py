"""Keyboards: an electric piano by frequency modulation, a pad and a lead of sawtooths."""

import numpy as np
from numpy.typing import NDArray

from tonmeister.demo.filters import bell, driven, filtered, high_pass, low_pass
from tonmeister.demo.score import SAMPLE_RATE_HZ, Mono, Note, Score, Stereo, frame, frequency_hz
from tonmeister.kernels import njit


@njit(nogil=True, cache=True)
def _add_piano_note(
    track: NDArray[np.float64], start: int, length: int, step: float, velocity: float, ring: float
) -> None:
    """Add one note: a tone whose modulation dies fast, and the bell of the tine (J. Chowning, JAES 21, 1973).

    Length includes 5760 frames of the damper falling; step is in radians a frame, ring in frames.
    """
    end = min(track.shape[0], start + length)
    body = 1.0
    tine = 1.0
    bright = 0.35 + 2.6 * velocity * velocity
    ping = 0.9 * velocity
    body_loss = np.exp(-1.0 / ring)
    tine_loss = np.exp(-1.0 / (0.6 * ring))
    bright_loss = np.exp(-1.0 / (0.25 * ring))
    ping_loss = np.exp(-1.0 / 2400.0)
    for i in range(start, end):
        age = i - start
        turn = step * age
        damper = min(1.0, age / 72.0, (length - age) / 5760.0)
        tone = body * np.sin(turn + (bright + 0.12) * np.sin(turn)) + 0.6 * tine * np.sin(
            turn + ping * np.sin(14.0 * turn)
        )
        track[i] += 0.22 * velocity * damper * tone
        body *= body_loss
        tine *= tine_loss
        bright *= bright_loss
        ping *= ping_loss


def record_piano(notes: list[Note], score: Score) -> Stereo:
    """Return the electric piano with its stereo tremolo."""
    dry = np.zeros(score.frames)
    for note in notes:
        pitch_hz = frequency_hz(note.pitch)
        ring = 2.2 * (220.0 / pitch_hz) ** 0.4 * SAMPLE_RATE_HZ
        step = 2.0 * np.pi * pitch_hz / SAMPLE_RATE_HZ
        _add_piano_note(dry, max(0, frame(note.start_s)), frame(note.length_s + 0.12), step, note.velocity, ring)
    dry = driven(filtered(dry, high_pass(60.0), bell(200.0, gain_db=4.0, q=0.7)), gain_db=3.0)
    sway = 0.22 * np.sin(2.0 * np.pi * 4.6 * np.arange(dry.size) / SAMPLE_RATE_HZ)
    return np.stack((dry * (1.0 + sway), dry * (1.0 - sway)))


@njit(nogil=True, cache=True)
def _add_saw(
    track: NDArray[np.float64],
    start: int,
    length: int,
    step: float,
    phase: float,
    gain: float,
    attack: float,
    release: float,
) -> None:
    """Add one sawtooth with linear attack and release in frames; its edge is band-limited (PolyBLEP)."""
    end = min(track.shape[0], start + length)
    for i in range(start, end):
        value = 2.0 * phase - 1.0
        if phase < step:
            t = phase / step
            value -= t + t - t * t - 1.0
        elif phase > 1.0 - step:
            t = (phase - 1.0) / step
            value -= t * t + t + t + 1.0
        age = i - start
        level = min(1.0, age / attack, (length - age) / release)
        track[i] += gain * level * value
        phase += step
        if phase >= 1.0:
            phase -= 1.0


def record_pad(notes: list[Note], score: Score, *, rng: np.random.Generator) -> Stereo:
    """Return the pad: three sawtooths a note and side, detuned, dark and slow."""
    tracks = np.zeros((2, score.frames))
    for note in notes:
        length = frame(note.length_s + 0.5)
        for side in range(2):
            for cents in (-9.0, 2.0, 8.0):
                step = frequency_hz(note.pitch + (cents + rng.normal(0.0, 2.0)) / 100.0) / SAMPLE_RATE_HZ
                _add_saw(
                    tracks[side],
                    max(0, frame(note.start_s)),
                    length,
                    step,
                    rng.uniform(),
                    0.05 * note.velocity,
                    14_000.0,
                    24_000.0,
                )
    return np.stack([filtered(track, high_pass(120.0), low_pass(900.0), low_pass(4500.0)) for track in tracks])


def record_lead(notes: list[Note], score: Score, *, rng: np.random.Generator) -> Mono:
    """Return the synth lead: two sawtooths through a resonant low-pass and a little drive."""
    track = np.zeros(score.frames)
    for note in notes:
        for cents in (-5.0, 6.0):
            step = frequency_hz(note.pitch + cents / 100.0) / SAMPLE_RATE_HZ
            length = frame(note.length_s + 0.08)
            _add_saw(
                track, max(0, frame(note.start_s)), length, step, rng.uniform(), 0.16 * note.velocity, 300.0, 3800.0
            )
    return driven(filtered(track, high_pass(180.0), low_pass(2900.0, q=1.6)), gain_db=4.0)
