"""Pauses and filled pauses are told."""

import numpy as np
import pytest

from tests.sounds import RATE_HZ, noise, silence
from tonmeister.analysis.speech_flow import find_breaks
from tonmeister.audio import Audio


def vowel(duration_s: float, *, glide: float = 0.0) -> np.ndarray:
    """Return a buzz of 120 Hz through two formants; with a glide its pitch and its formants move."""
    time = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    pitch = 120 * (1 + glide * np.sin(2 * np.pi * 3 * time))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE_HZ
    wave = np.zeros(time.size)
    for k in range(1, 30):
        hz = 120 * k
        formants = sum(1 / (1 + ((hz - f * (1 + glide * np.sin(2 * np.pi * 2 * time))) / 90) ** 2) for f in (500, 1500))
        wave += formants * np.sin(k * phase)
    edge = np.minimum(1, np.minimum(np.arange(time.size), np.arange(time.size)[::-1]) / 480)
    return np.asarray(0.1 * wave * edge)


def joined(*parts: np.ndarray) -> Audio:
    wave = np.concatenate(parts)
    hiss = noise(rms_db=-75, duration_s=wave.size / RATE_HZ).samples[0][: wave.size]
    return Audio((wave + hiss)[None].astype(np.float32), RATE_HZ)


def pause(duration_s: float) -> np.ndarray:
    return np.zeros(round(duration_s * RATE_HZ))


def test_a_long_pause_is_told_and_a_short_one_is_not() -> None:
    speech = joined(vowel(1, glide=0.3), pause(0.6), vowel(1, glide=0.3), pause(2.0), vowel(1, glide=0.3))
    (found,) = [item for item in find_breaks(speech) if item.kind == "pause"]
    assert found.start_s == pytest.approx(2.6, abs=0.05)
    assert found.end_s == pytest.approx(4.6, abs=0.05)


def test_a_held_vowel_between_pauses_is_a_candidate_and_a_moving_one_is_not() -> None:
    held = joined(vowel(1, glide=0.3), pause(0.4), vowel(0.5), pause(0.4), vowel(1, glide=0.3))
    (found,) = [item for item in find_breaks(held) if item.kind == "filler"]
    assert found.start_s == pytest.approx(1.4, abs=0.1)
    assert found.end_s == pytest.approx(1.9, abs=0.1)
    assert found.confidence < 1
    moving = joined(vowel(1, glide=0.3), pause(0.4), vowel(0.5, glide=0.3), pause(0.4), vowel(1, glide=0.3))
    assert not [item for item in find_breaks(moving) if item.kind == "filler"]


def test_silence_and_noise_have_neither() -> None:
    assert find_breaks(silence(duration_s=3)) == ()
    assert find_breaks(noise(duration_s=3)) == ()
    assert find_breaks(silence(duration_s=0.01)) == ()
