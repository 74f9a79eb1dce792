"""The delay: repeats on the grid, their levels, filters, ping-pong and ducking."""

import math

import numpy as np
import pytest

from tests.sounds import impulse, noise, sine
from tonmeister.audio import Audio
from tonmeister.processing.delay import Delay, DelayStream, count_repeats, delay, is_neutral

RATE_HZ = 48_000
GRID = 12_000
OPEN = Delay(time_ms=250, feedback=0.5, low_cut_hz=10, high_cut_hz=22_000)


def energy_at(channel: np.ndarray, repeat: int) -> float:
    return float(np.sqrt(np.sum(channel[repeat * GRID - 10 : repeat * GRID + 400].astype(np.float64) ** 2)))


def test_repeats_stand_on_the_grid_and_fall_by_the_feedback() -> None:
    """22 kHz at 48 kHz: the one-pole takes 0.5 dB of each repeat."""
    wet = delay(impulse(duration_s=2), OPEN).samples[0]
    assert not np.any(wet[:GRID])
    assert np.abs(wet[1 : 5 * GRID]).argmax() + 1 == GRID
    levels = [energy_at(wet, k) for k in (1, 2, 3, 4)]
    np.testing.assert_allclose(np.array(levels[1:]) / np.array(levels[:-1]), 0.5, rtol=0.12)


def test_ping_pong_goes_left_right_left() -> None:
    audio = impulse(duration_s=2, channels=2)
    audio.samples[1] = 0
    wet = delay(audio, OPEN.model_copy(update={"ping_pong": True})).samples
    for repeat in (1, 2, 3, 4):
        loud, quiet = (0, 1) if repeat % 2 else (1, 0)
        assert energy_at(wet[loud], repeat) > 100 * energy_at(wet[quiet], repeat)


def test_cuts_take_more_with_every_repeat() -> None:
    """First-order: −3 dB at the corner, each time."""
    tone = sine(frequency_hz=4000, peak_db=-6, duration_s=0.2).samples
    audio = Audio(np.pad(tone, ((0, 0), (0, RATE_HZ))), RATE_HZ)
    wet = delay(audio, Delay(time_ms=250, feedback=0.9, low_cut_hz=10, high_cut_hz=4000)).samples[0]
    first, second = (np.std(wet[k * GRID + 2000 : k * GRID + 9000]) for k in (1, 2))
    assert 20 * math.log10(first / np.std(tone)) == pytest.approx(-3, abs=1)
    assert 20 * math.log10(second / first / 0.9) == pytest.approx(-3, abs=1)


def test_repeats_duck_under_the_dry_sound_and_come_up_after_it() -> None:
    """Four release times of 200 ms after its end the 9 dB are 0.16 dB."""
    audio = Audio(np.pad(noise(duration_s=1).samples, ((0, 0), (0, RATE_HZ))), RATE_HZ)
    plain = delay(audio, OPEN).samples[0]
    ducked = delay(audio, OPEN.model_copy(update={"ducking_db": 9.0})).samples[0]
    during, after = slice(24_000, 48_000), slice(90_000, 96_000)
    assert 20 * math.log10(np.std(ducked[during]) / np.std(plain[during])) == pytest.approx(-9, abs=0.1)
    assert 20 * math.log10(np.std(ducked[after]) / np.std(plain[after])) == pytest.approx(0, abs=0.2)


def test_a_key_ducks_in_place_of_the_dry_sound() -> None:
    audio, key = noise(rms_db=-60, duration_s=1), noise(rms_db=-10, duration_s=1, channels=2)
    settings = OPEN.model_copy(update={"ducking_db": 12.0})
    plain, ducked = delay(audio, settings).samples, delay(audio, settings, key=key).samples
    assert np.std(ducked[:, 24_000:]) < 0.3 * np.std(plain[:, 24_000:])


def test_the_tail_ends_when_it_says() -> None:
    settings = Delay(time_ms=50, feedback=0.7, low_cut_hz=10, high_cut_hz=22_000)
    stream = DelayStream(settings, sample_rate_hz=RATE_HZ, channels=1)
    wet = delay(impulse(duration_s=4), settings).samples[0]
    assert np.abs(wet[stream.tail_frames :]).max() < 10 ** (-90 / 20)
    assert count_repeats(Delay(feedback=0)) == 1


def test_after_the_tail_comes_digital_silence() -> None:
    """Feedback alone would end in denormals that never go away."""
    wet = delay(impulse(duration_s=3), Delay(time_ms=20, feedback=0.3)).samples[0]
    assert not np.any(wet[-RATE_HZ:])


def test_no_mix_returns_the_input_bytes() -> None:
    audio = noise(duration_s=0.1, channels=2)
    assert is_neutral(Delay(mix=0))
    assert np.array_equal(delay(audio, Delay(mix=0)).samples, audio.samples)
