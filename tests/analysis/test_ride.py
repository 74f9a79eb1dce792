"""A voice is ridden to one loudness."""

import numpy as np
import pytest

from tests.sounds import RATE_HZ, pink_noise, silence
from tonmeister.analysis.loudness import measure_loudness
from tonmeister.analysis.ride import find_ride
from tonmeister.audio import Audio
from tonmeister.processing.leveller import Leveller, level


def test_what_was_uneven_is_even_and_at_its_target() -> None:
    """Two halves 8 LU apart; within the range of 9 dB they come within 1 LU of each other."""
    sound = pink_noise(rms_db=-30, duration_s=24)
    sound.samples[:, 12 * RATE_HZ :] *= np.float32(10 ** (-8 / 20))
    ridden = level(sound, Leveller(points=find_ride(sound, target_lufs=-19.0, range_db=9.0)))
    assert measure_loudness(ridden).integrated_lufs == pytest.approx(-19.0, abs=0.2)
    halves = [
        measure_loudness(ridden.excerpt(*part)).integrated_lufs
        for part in ((RATE_HZ, 9 * RATE_HZ), (15 * RATE_HZ, 23 * RATE_HZ))
    ]
    assert halves[0] == pytest.approx(halves[1], abs=1.0)


def test_a_pause_is_not_lifted() -> None:
    sound = pink_noise(rms_db=-25, duration_s=16)
    sound.samples[:, 6 * RATE_HZ : 10 * RATE_HZ] *= np.float32(1e-3)
    gains = [gain for time_s, gain in find_ride(sound, target_lufs=-19.0, range_db=9.0) if 7 < time_s < 9]
    around = [gain for time_s, gain in find_ride(sound, target_lufs=-19.0, range_db=9.0) if 1 < time_s < 3]
    assert max(gains) == pytest.approx(np.mean(around), abs=0.7)


def test_without_a_range_the_whole_is_moved_and_silence_has_no_ride() -> None:
    gains = {gain for _, gain in find_ride(pink_noise(duration_s=5), target_lufs=-19.0, range_db=0.0)}
    assert len(gains) == 1
    assert find_ride(silence(duration_s=3), target_lufs=-19.0, range_db=9.0) == ()
    assert find_ride(Audio(np.zeros((1, 100), np.float32), RATE_HZ), target_lufs=-19.0, range_db=9.0) == ()
