"""The singing voice: in tune, in time, with vowels that differ as in a mouth."""

import numpy as np
import pytest

from tonmeister.demo.melody import Phrase, SungPhrase, Syllable
from tonmeister.demo.score import Section, frequency_hz, lay_out, seconds
from tonmeister.demo.singing import Singer
from tonmeister.demo.voice import render_voice

EXACT = Singer("exact", tract=1.0, timing_s=0.0, tuning_cents=0.0, vibrato_cents=30.0, breathiness=0.05)
SCORE = lay_out((("chorus", 2),))
RATE_HZ = 48_000


def sing_held(sounds: str, pitch: int) -> tuple[np.ndarray, list[tuple[float, float]]]:
    phrase = Phrase(sounds, (Syllable(sounds, 1.0, pitch),), 6.0)
    sung = SungPhrase(phrase, 0.0, Section("chorus", 1, 0, 2))
    return render_voice([sung], SCORE, singer=EXACT, rng=np.random.default_rng(7))


def share(samples: np.ndarray, low_hz: float, high_hz: float) -> float:
    power = np.abs(np.fft.rfft(samples)) ** 2
    at_hz = np.fft.rfftfreq(samples.size, 1 / RATE_HZ)
    return float(power[(at_hz >= low_hz) & (at_hz < high_hz)].sum() / power.sum())


@pytest.mark.parametrize("pitch", [54, 61, 69])
def test_a_held_note_is_in_tune(pitch: int) -> None:
    """Over a second of vibrato the mean pitch is the note's; drift of the singer stays within 15 cents."""
    sound, _ = sing_held("AA", pitch)
    part = sound[round(1.2 * RATE_HZ) : round(2.7 * RATE_HZ)]
    expected_hz = frequency_hz(pitch)
    size = 1 << 20
    power = np.abs(np.fft.rfft(part * np.hanning(part.size), size)) ** 2
    at_hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    near = (at_hz > 0.92 * expected_hz) & (at_hz < 1.08 * expected_hz)
    mean_hz = float((at_hz[near] * power[near]).sum() / power[near].sum())
    assert 1200.0 * np.log2(mean_hz / expected_hz) == pytest.approx(0.0, abs=20.0)


def test_vowels_have_the_formants_of_the_table() -> None:
    """Peterson and Barney 1952: second formant of IY at 2290 Hz, of AA at 1090 Hz, and AA's first far above IY's."""
    open_vowel, closed_vowel = sing_held("AA", 50)[0], sing_held("IY", 50)[0]
    assert share(closed_vowel, 1900.0, 3300.0) > 4.0 * share(open_vowel, 1900.0, 3300.0)
    assert share(open_vowel, 600.0, 1300.0) > 4.0 * share(closed_vowel, 600.0, 1300.0)


def test_an_s_is_noise_above_the_voice_before_its_vowel() -> None:
    sound, [(start_s, _)] = sing_held("S AA", 57)
    hiss = sound[round((start_s + 0.02) * RATE_HZ) : round((start_s + 0.08) * RATE_HZ)]
    assert share(hiss, 4500.0, 12_000.0) > 0.8


def test_a_phrase_sounds_within_its_span_and_a_breath_comes_before() -> None:
    sound, [(start_s, end_s)] = sing_held("M AA", 57)
    inside = np.square(sound[round(start_s * RATE_HZ) : round((end_s + 0.02) * RATE_HZ)]).sum()
    assert inside / np.square(sound).sum() > 0.99
    breath = sound[round((start_s - 0.2) * RATE_HZ) : round((start_s - 0.1) * RATE_HZ)]
    assert 0.001 < np.abs(breath).max() < 0.1 * np.abs(sound).max()
    assert start_s < seconds(1.0) < end_s
    assert np.abs(sound[round((end_s + 0.3) * RATE_HZ) :]).max() < 1e-6
