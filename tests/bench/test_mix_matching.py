"""The ruler of mixes after references: nothing lies between a sound and itself, and each planted difference shows in its own figure."""

import numpy as np
import pytest

from bench.mix_matching import distances, figures
from tests.sounds import RATE_HZ, pink_noise


def music() -> np.ndarray:
    first, second = (pink_noise(duration_s=12.0, seed=seed).samples[0] for seed in (1, 2))
    return np.stack([first + 0.3 * second, first - 0.3 * second]).astype(np.float32)


def test_a_sound_lies_nowhere_from_itself_at_any_level() -> None:
    sound = music()
    found = distances(figures(sound, RATE_HZ), figures(sound * np.float32(0.5), RATE_HZ))
    assert max(found.values()) < 1e-3


def test_each_planted_difference_shows_in_its_own_figure() -> None:
    sound = music()
    mine = figures(sound, RATE_HZ)
    mid, side = sound.sum(axis=0) / 2, (sound[0] - sound[1]) / 2
    wider = distances(mine, figures(np.stack([mid + 2 * side, mid - 2 * side]), RATE_HZ))
    assert wider["side_share"] == pytest.approx(4 * 0.09 / (1 + 4 * 0.09) - 0.09 / 1.09, abs=0.02)
    gain = np.where(np.arange(sound.shape[1]) < sound.shape[1] // 2, 1.0, 0.5).astype(np.float32)
    assert distances(mine, figures(sound * gain, RATE_HZ))["contrast_db"] == pytest.approx(6.0, abs=0.3)
    spectrum = np.fft.rfft(sound) * np.where(np.fft.rfftfreq(sound.shape[1], 1 / RATE_HZ) > 5000, 2.0, 1.0)
    assert distances(mine, figures(np.fft.irfft(spectrum, sound.shape[1]).astype(np.float32), RATE_HZ))["tone_db"] > 1
