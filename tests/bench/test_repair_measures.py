"""The rulers of repair, against known answers."""

import numpy as np
import pytest

from bench.repair_measures import (
    align,
    direct_to_reverberant_gain_db,
    kurtosis_ratio,
    si_sdr_db,
    target_in_residual_db,
    third_octave_loss_db,
)
from bench.sound import Sound

RATE = 16_000


def white(seed: int, *, seconds: float = 4.0, rms: float = 0.1) -> Sound:
    rng = np.random.default_rng(seed)
    return (rng.standard_normal((1, round(seconds * RATE))) * rms).astype(np.float32)


def test_si_sdr_of_a_scaled_sound_with_noise_is_its_ratio() -> None:
    """Noise of a tenth of the level is 20 dB down whatever the gain; 0.1 dB is what chance correlation of 4 s makes."""
    clean, noise = white(1), white(2, rms=0.01)
    assert si_sdr_db(0.3 * (clean + noise), clean) == pytest.approx(20, abs=0.1)


@pytest.mark.parametrize("lag", [-900, 0, 37, 4000])
def test_a_late_sound_is_moved_back(lag: int) -> None:
    clean = white(3)
    moved = align(np.roll(clean, lag, axis=1), clean)
    inside = slice(5000, -5000)
    assert np.array_equal(moved[:, inside], clean[:, inside])


def test_gated_noise_is_peakier_than_noise() -> None:
    """A quarter of the frames left standing makes the kurtosis about four times as high."""
    clean = np.zeros((1, 4 * RATE), np.float32)
    clean[:, :RATE] = 0.5 * np.sin(np.arange(RATE) * 0.2).astype(np.float32)
    noise = white(4, rms=0.001)
    gate = np.random.default_rng(5).random((1, noise.shape[1] // 800)) < 0.25
    gated = noise * np.repeat(gate, 800, axis=1).astype(np.float32)
    same = kurtosis_ratio(clean + np.float32(0.1) * noise, clean + noise, clean, RATE)
    assert same == pytest.approx(1.0, abs=0.01)
    sings = kurtosis_ratio(clean + gated, clean + noise, clean, RATE)
    assert sings is not None
    assert 2 < sings < 6


def test_without_pauses_there_is_no_kurtosis_ratio() -> None:
    assert kurtosis_ratio(white(6), white(6), white(6), RATE) is None


def test_direct_to_reverberant_gain_is_that_of_the_responses() -> None:
    """One reflection after 100 ms, of a quarter of the level in place of half of it: 6 dB; gone it is far down."""
    dry = white(7)
    wet = dry + np.float32(0.5) * np.roll(dry, RATE // 10, axis=1)
    less = dry + np.float32(0.25) * np.roll(dry, RATE // 10, axis=1)
    assert direct_to_reverberant_gain_db(less, wet, dry, RATE, early_s=0.05) == pytest.approx(6.02, abs=0.3)
    assert direct_to_reverberant_gain_db(dry, wet, dry, RATE, early_s=0.05) > 14


def test_a_later_peak_of_the_mended_sound_makes_nothing_early() -> None:
    """The direct sound is where it was before: with the reflection as the loudest, all of it stays late."""
    dry = white(7)
    late = np.roll(dry, RATE // 10, axis=1)
    wet, worse = dry + np.float32(0.5) * late, np.float32(0.5) * dry + late
    assert direct_to_reverberant_gain_db(worse, wet, dry, RATE, early_s=0.05) == pytest.approx(-12.04, abs=0.5)


def test_what_is_taken_from_a_clean_recording_is_counted() -> None:
    """A tenth of the amplitude taken is -20 dB; a third octave turned down by 3 dB loses 3 dB, and only losses count."""
    rng = np.random.default_rng(3)
    clean = rng.standard_normal((1, 96_000)).astype(np.float32)
    assert target_in_residual_db(np.float32(0.9) * clean, clean) == pytest.approx(-20, abs=0.01)
    spectrum = np.fft.rfft(clean[0])
    hz = np.fft.rfftfreq(96_000, 1 / 48_000)
    spectrum[(hz > 800) & (hz < 1250)] *= 10 ** (-3 / 20)
    done = np.fft.irfft(spectrum)[None].astype(np.float32)
    assert third_octave_loss_db(done, clean, 48_000) == pytest.approx(3, abs=0.1)
    assert third_octave_loss_db(np.float32(2) * clean, clean, 48_000) == 0
