"""The expander against its formula and in time."""

import numpy as np
import pytest

from tests.sounds import noise
from tonmeister.audio import Audio
from tonmeister.processing.expander import Expander, ExpanderStream, expand, is_neutral

RATE_HZ = 48_000


@pytest.mark.parametrize(("level_db", "gain_db"), [(-30, 0), (-40, -0.375), (-45, -5.0), (-50, -10.0), (-80, -24.0)])
def test_the_static_curve_is_the_formula(level_db: float, gain_db: float) -> None:
    """Ratio 2, knee 6: at the corner (ratio−1)·knee/8, below it (ratio−1)·depth, never beyond the range."""
    settings = Expander(threshold_db=-40, ratio=2, knee_db=6, range_db=24, attack_ms=1, release_ms=5)
    if level_db == -40:
        gain_db = -(2 - 1) * 6 / 8
    constant = Audio(np.full((1, RATE_HZ // 2), 10 ** (level_db / 20), np.float32), RATE_HZ)
    got = 20 * np.log10(expand(constant, settings).samples[0, -1] / constant.samples[0, -1])
    assert got == pytest.approx(gain_db, abs=0.002)


def test_it_opens_with_the_attack_and_closes_with_the_release() -> None:
    """The RMS detector of 5 ms adds its own time: within a fifth of the 100 ms and 20 ms."""
    settings = Expander(threshold_db=-30, ratio=20, knee_db=0, range_db=20, attack_ms=20, release_ms=100)
    step = np.full((1, 2 * RATE_HZ), 1e-3, np.float32)
    step[0, 24_000:72_000] = 0.5
    gain_db = 20 * np.log10(expand(Audio(step, RATE_HZ), settings).samples[0] / step[0])
    opening = np.argmax(gain_db[24_000:] > -20 * np.exp(-1)) / 48
    closing = np.argmax(gain_db[72_000:] < -20 * (1 - np.exp(-1))) / 48
    assert opening == pytest.approx(20, rel=0.2)
    assert closing == pytest.approx(100 + 5 * np.log(10**2.4), rel=0.2)


@pytest.mark.parametrize("settings", [Expander(ratio=1), Expander(range_db=0), Expander(mix=0)])
def test_neutral_settings_return_the_input_bytes(settings: Expander) -> None:
    audio = noise(rms_db=-60, duration_s=0.1, channels=2)
    assert is_neutral(settings)
    assert np.array_equal(expand(audio, settings).samples, audio.samples)


def test_it_tells_what_it_took_away() -> None:
    stream = ExpanderStream(Expander(threshold_db=-30, range_db=12), sample_rate_hz=RATE_HZ, channels=2)
    stream.process(noise(rms_db=-80, channels=2).samples)
    assert stream.reduction.max_reduction_db == pytest.approx(12, abs=0.05)
    assert stream.reduction.active_share > 0.99
