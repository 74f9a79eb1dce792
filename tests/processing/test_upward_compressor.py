"""The upward compressor against its formula and in time."""

import numpy as np
import pytest

from tests.sounds import noise
from tonmeister.audio import Audio
from tonmeister.processing.upward_compressor import UpwardCompressor, is_neutral, lift_quiet

RATE_HZ = 48_000


@pytest.mark.parametrize(
    ("level_db", "lift_db"), [(-20, 0), (-30, 0), (-34, 2), (-40, 5), (-50, 6), (-66, 3), (-72, 0), (-90, 0)]
)
def test_the_static_curve_is_the_formula(level_db: float, lift_db: float) -> None:
    """Ratio 2: half of what lacks, at most 6 dB; from the floor of -60 it fades out over 12 dB."""
    settings = UpwardCompressor(threshold_db=-30, ratio=2, range_db=6, floor_db=-60, attack_ms=1, release_ms=5)
    constant = Audio(np.full((1, RATE_HZ // 2), 10 ** (level_db / 20), np.float32), RATE_HZ)
    got = 20 * np.log10(lift_quiet(constant, settings).samples[0, -1] / constant.samples[0, -1])
    assert got == pytest.approx(lift_db, abs=0.002)


def test_the_lift_goes_with_the_attack_and_comes_with_the_release() -> None:
    """The RMS detector of 10 ms adds its own time: within a quarter of 20 and 100 ms."""
    settings = UpwardCompressor(threshold_db=-30, ratio=10, range_db=10, attack_ms=20, release_ms=100)
    step = np.full((1, 2 * RATE_HZ), 3e-3, np.float32)
    step[0, 24_000:72_000] = 0.5
    gain_db = 20 * np.log10(lift_quiet(Audio(step, RATE_HZ), settings).samples[0] / step[0])
    going = np.argmax(gain_db[24_000:] < 10 * np.exp(-1)) / 48
    coming = np.argmax(gain_db[72_000:] > 10 * (1 - np.exp(-1))) / 48
    assert going == pytest.approx(20, rel=0.25)
    assert coming == pytest.approx(100 + 10 * np.log(10**2.0), rel=0.25)


@pytest.mark.parametrize("settings", [UpwardCompressor(ratio=1), UpwardCompressor(range_db=0), UpwardCompressor(mix=0)])
def test_neutral_settings_return_the_input_bytes(settings: UpwardCompressor) -> None:
    audio = noise(rms_db=-60, duration_s=0.1, channels=2)
    assert is_neutral(settings)
    assert np.array_equal(lift_quiet(audio, settings).samples, audio.samples)


def test_both_channels_are_lifted_by_the_louder_one() -> None:
    quiet, loud = noise(rms_db=-45, duration_s=0.5).samples, noise(rms_db=-20, duration_s=0.5, seed=1).samples
    settings = UpwardCompressor(threshold_db=-30)
    both = lift_quiet(Audio(np.concatenate([quiet, loud]), RATE_HZ), settings)
    np.testing.assert_allclose(both.samples[0, RATE_HZ // 4 :], quiet[0, RATE_HZ // 4 :], rtol=0.02)
