"""Stereo pictures that are known from how they are made."""

import numpy as np
import pytest

from tests.sounds import noise
from tonmeister.analysis.stereo import Stereo
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio

RATE_HZ = 48_000
ONE, OTHER = (noise(duration_s=5, seed=seed).samples[0] for seed in (1, 2))


def measure(left: np.ndarray, right: np.ndarray) -> Stereo:
    return measure_track(Audio(np.stack([left, right]).astype(np.float32), RATE_HZ)).figures.stereo


def test_equal_channels_are_dual_mono() -> None:
    """To the bit; one changed sample ends it."""
    assert measure(ONE, ONE).dual_mono
    changed = ONE.copy()
    changed[200_000] += np.float32(1e-6)
    found = measure(ONE, changed)
    assert not found.dual_mono
    assert found.width == 0
    assert found.correlation == 1


def test_a_mono_file_has_no_stereo_picture() -> None:
    """Nothing to compare."""
    assert measure_track(Audio(ONE[None].copy(), RATE_HZ)).figures.stereo == Stereo()


def test_unrelated_channels_are_half_side() -> None:
    """240,000 samples: 0.01 is five standard deviations of their correlation."""
    found = measure(ONE, OTHER)
    assert found.correlation == pytest.approx(0, abs=0.01)
    assert found.width == pytest.approx(0.5, abs=0.01)
    assert found.balance_db == pytest.approx(0, abs=0.05)


def test_opposite_channels_are_all_side_in_every_band() -> None:
    """Polarity flipped in one channel."""
    found = measure(ONE, -ONE)
    assert found.correlation == -1
    assert found.width == 1
    assert found.width_by_band == (1.0,) * 6


def test_a_single_channel_is_named() -> None:
    """60 dB is the border."""
    assert measure(ONE, 0 * ONE).one_sided == "left"
    assert measure(ONE * np.float32(10 ** (-61 / 20)), ONE).one_sided == "right"
    assert measure(ONE * np.float32(10 ** (-59 / 20)), ONE).one_sided is None


def test_balance_is_the_level_difference() -> None:
    """6.02 dB for half the amplitude."""
    assert measure(ONE, ONE / 2).balance_db == pytest.approx(6.02, abs=0.01)


def test_width_is_told_apart_by_band() -> None:
    """A mono low tone and unrelated noise from 3 kHz on; 0.05 for the side frames that are left out."""
    time = np.arange(ONE.size) / RATE_HZ
    low = 0.3 * np.sin(2 * np.pi * 60 * time)
    frequency = np.fft.rfftfreq(ONE.size, 1 / RATE_HZ)
    left, right = (np.fft.irfft(np.fft.rfft(part) * (frequency > 3000), ONE.size) for part in (ONE, OTHER))
    bands = measure(low + left, low + right).width_by_band
    assert bands[0] == pytest.approx(0, abs=0.01)
    assert bands[4] == pytest.approx(0.5, abs=0.05)
    assert bands[5] == pytest.approx(0.5, abs=0.05)
