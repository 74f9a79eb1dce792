"""Crossovers: scipy's Butterworth as the oracle, and that bands add up to an all-pass."""

import numpy as np
import pytest
from scipy import signal

from tests.sounds import impulse, noise
from tonmeister.processing.crossover import cut_outside, design_split, split_three, split_two

RATE_HZ = 48_000
FRAMES = 48_000


def response_db(samples: np.ndarray) -> np.ndarray:
    return np.asarray(20 * np.log10(np.abs(np.fft.rfft(samples.astype(np.float64))) + 1e-12))


def test_the_upper_band_is_two_butterworths() -> None:
    """-140 dB is the rounding of the float32 output."""
    x = noise(duration_s=0.5, channels=2).samples
    whole, high = np.empty_like(x), np.empty_like(x)
    split_two(x, design_split(5000, RATE_HZ), np.zeros((2, 6)), 0, whole, high)
    sos = signal.butter(2, 5000, "highpass", fs=RATE_HZ, output="sos")
    wanted = signal.sosfilt(np.concatenate((sos, sos)), x.astype(np.float64), axis=1)
    assert 20 * np.log10(np.std(high - wanted) / np.std(wanted)) < -140


def test_low_plus_high_is_an_all_pass() -> None:
    """0.001 dB is what float32 leaves of a flat response over its 48,000 points."""
    x = impulse().samples
    whole, high = np.empty_like(x), np.empty_like(x)
    split_two(x, design_split(3000, RATE_HZ), np.zeros((1, 6)), 0, whole, high)
    assert np.abs(response_db(whole[0])).max() < 0.001
    assert response_db((whole - high)[0])[3000] == pytest.approx(-6.02, abs=0.01)
    assert response_db(high[0])[3000] == pytest.approx(-6.02, abs=0.01)


@pytest.mark.parametrize(("low_hz", "high_hz"), [(150, 4000), (80, 500), (1000, 16_000)])
def test_three_bands_sum_flat_and_meet_at_minus_6_db(low_hz: int, high_hz: int) -> None:
    x = impulse().samples
    low, mid, high = np.empty_like(x), np.empty_like(x), np.empty_like(x)
    lower, upper = design_split(low_hz, RATE_HZ), design_split(high_hz, RATE_HZ)
    split_three(x, lower, upper, np.zeros((1, 14)), 0, low, mid, high)
    assert np.abs(response_db((low + mid + high)[0])).max() < 0.001
    assert response_db(low[0])[low_hz] == pytest.approx(-6.02, abs=0.05)
    assert response_db(high[0])[high_hz] == pytest.approx(-6.02, abs=0.05)
    assert response_db(low[0])[4 * low_hz] < -45  # 24 dB per octave, two octaves up
    assert response_db(high[0])[high_hz // 4] < -45


def test_cuts_are_butterworths() -> None:
    x = noise(duration_s=0.5).samples
    out = np.empty_like(x)
    cut_outside(x, design_split(150, RATE_HZ), design_split(8000, RATE_HZ), np.zeros((1, 4)), 0, out)
    sos = [signal.butter(2, hz, kind, fs=RATE_HZ, output="sos") for hz, kind in ((150, "high"), (8000, "low"))]
    wanted = signal.sosfilt(np.concatenate(sos), x.astype(np.float64), axis=1)
    assert 20 * np.log10(np.std(out - wanted) / np.std(wanted)) < -140


def test_what_has_died_away_becomes_zero() -> None:
    """Denormals would cost a hundred times the arithmetic on some processors."""
    state = np.zeros((1, 6))
    x = np.zeros((1, 4 * FRAMES), np.float32)
    x[0, 0] = 1
    whole, high = np.empty_like(x), np.empty_like(x)
    split_two(x, design_split(1000, RATE_HZ), state, 0, whole, high)
    assert np.array_equal(state, np.zeros((1, 6)))
    assert not np.any(whole[0, -FRAMES:])
