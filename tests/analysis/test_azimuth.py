"""Azimuth: found where a head stood askew, not in two microphones, two sources, mono or silence."""

import numpy as np
import pytest

from tests.sounds import drums, noise, silence
from tonmeister.analysis.azimuth import find_azimuth
from tonmeister.audio import Audio

RATE_HZ = 48_000


def askew(delay_us: float, tilt_db: float) -> Audio:
    """Return drums in both channels, the right one late and duller, with noise of their own 40 dB down."""
    sound = drums(duration_s=8).samples[0]
    frequency = np.fft.rfftfreq(sound.size, 1 / RATE_HZ)
    share = np.clip(np.log10(np.maximum(frequency, 1) / 1000), 0, 1)
    turn = np.exp(-2j * np.pi * frequency * delay_us * 1e-6) * 10 ** (tilt_db * share / 20)
    right = np.fft.irfft(np.fft.rfft(sound) * turn, sound.size)
    both = np.stack([sound, right]) + noise(duration_s=8, rms_db=-70, channels=2).samples
    return Audio(both.astype(np.float32), RATE_HZ)


@pytest.mark.parametrize(("delay_us", "tilt_db"), [(12.0, 0.0), (-47.0, -3.0)])
def test_a_head_that_stood_askew_is_found(delay_us: float, tilt_db: float) -> None:
    """A microsecond is a twentieth of a sample; half a decibel of tilt is not heard."""
    error = find_azimuth(askew(delay_us, tilt_db))
    assert error is not None
    assert error.delay_us == pytest.approx(delay_us, abs=1)
    assert error.tilt_db == pytest.approx(tilt_db, abs=0.5)


def test_what_is_in_time_is_left_alone() -> None:
    assert find_azimuth(askew(0.0, 0.0)) is None
    assert find_azimuth(askew(1000.0, 0.0)) is None
    assert find_azimuth(silence(duration_s=4, channels=2)) is None
    assert find_azimuth(drums(duration_s=8)) is None
    assert find_azimuth(noise(duration_s=8, channels=2)) is None


def test_a_source_that_moves_is_no_head() -> None:
    """The first half 40 us early, the second 40 us late."""
    one, two = askew(40.0, 0.0).samples, askew(-40.0, 0.0).samples
    half = one.shape[1] // 2
    moving = np.concatenate([one[:, :half], two[:, half:]], axis=1)
    assert find_azimuth(Audio(np.ascontiguousarray(moving), RATE_HZ)) is None
