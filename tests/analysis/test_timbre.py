"""The row of numbers that tells one sound from another."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tonmeister.analysis.timbre import NAMES, SHAPE_COLUMNS, describe_timbre
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio

RATE_HZ = 48_000


def _timbre(sound: NDArray[np.float64], *, gain: float = 1.0) -> dict[str, float]:
    samples = np.atleast_2d(sound * gain).astype(np.float32)
    return dict(zip(NAMES, measure_track(Audio(samples, RATE_HZ)).curves.timbre.tolist(), strict=True))


def _tone(semitones: NDArray[np.float64]) -> NDArray[np.float64]:
    hz = 330 * 2 ** (semitones / 12)
    phase = 2 * np.pi * np.cumsum(hz) / RATE_HZ
    return np.asarray(0.1 * np.sum([np.sin(k * phase) / k for k in range(1, 7)], axis=0))


@pytest.fixture(scope="module")
def time_s() -> NDArray[np.float64]:
    return np.arange(4 * RATE_HZ) / RATE_HZ


def test_a_held_note_is_held_and_a_sliding_one_slides(time_s: NDArray[np.float64]) -> None:
    held, sliding = _timbre(_tone(np.zeros(time_s.size))), _timbre(_tone(5 * time_s))
    assert held["line_held"] > 0.95
    # 5 semitones a second are 0.21 a frame of 42.7 ms: wavering reaches to 0.25.
    assert sliding["line_wavering"] > 0.9


def test_noise_has_no_lines_and_a_tone_has(time_s: NDArray[np.float64]) -> None:
    noise = _timbre(np.random.default_rng(1).standard_normal(time_s.size) * 0.1)
    tone = _timbre(_tone(np.zeros(time_s.size)))
    # Bins of noise are exponential: their mean square is twice their squared mean, 0.3 in powers of ten.
    assert noise["lines_mid_middle"] == pytest.approx(np.log10(2), abs=0.03)
    assert tone["lines_low_middle"] > noise["lines_low_middle"] + 0.5


def test_the_level_does_not_matter(time_s: NDArray[np.float64]) -> None:
    breath = np.random.default_rng(2).standard_normal(time_s.size) * 0.003  # all ranges hold more than rounding
    sound = (_tone(np.sin(2 * np.pi * 5 * time_s) * 0.4) + breath) * (0.2 + (time_s % 1 < 0.5))
    loud, quiet = _timbre(sound), _timbre(sound, gain=0.03)
    for name in NAMES:  # float32 rounding of 30 dB, no more
        assert loud[name] == pytest.approx(quiet[name], abs=2e-3), name


def test_silence_and_a_click_give_zeros() -> None:
    assert not describe_timbre(
        np.zeros((9, 40), np.float32), np.zeros((9, SHAPE_COLUMNS), np.float32), frames_per_s=23.4
    ).any()
    click = np.zeros((9, 40), np.float32)
    click[4] = 1
    assert not describe_timbre(click, np.zeros((9, SHAPE_COLUMNS), np.float32), frames_per_s=23.4).any()
    assert describe_timbre(
        np.zeros((0, 40), np.float32), np.zeros((0, SHAPE_COLUMNS), np.float32), frames_per_s=23.4
    ).size == len(NAMES)
