"""What is compared when two mixes are compared."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from bench.feature_set import SCALES, distances, held_spectrum, lag_s, measure_features

RATE = 24000


def music(*, seed: int = 0, seconds: float = 20.0) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    steps = np.repeat(rng.uniform(0.02, 0.3, round(seconds * 4)), RATE // 4)
    return (rng.standard_normal((2, steps.size)) * steps).astype(np.float32)


def test_a_mix_is_no_distance_from_itself_at_any_level() -> None:
    """Level matching: 0.02 clear differences is what the blocks near the gate may move."""
    sound = music()
    found = distances(measure_features(sound * np.float32(0.25), RATE), measure_features(sound, RATE), same_song=True)
    assert found == pytest.approx(dict.fromkeys(SCALES, 0.0), abs=0.02)


def test_one_channel_2_db_down_is_one_clear_difference_of_panning() -> None:
    sound = music()
    tilted = sound * np.array([[1.0], [10 ** (-2 / 20)]], np.float32)
    found = distances(measure_features(tilted, RATE), measure_features(sound, RATE), same_song=True)
    assert found["panning"] == pytest.approx(1.0, abs=0.02)


def test_a_narrower_mix_is_apart_in_width_and_a_quieter_second_half_in_the_course() -> None:
    sound = music()
    middle = sound.mean(axis=0, keepdims=True)
    narrow = measure_features(middle + (sound - middle) * np.float32(0.5), RATE)
    assert distances(narrow, measure_features(sound, RATE), same_song=True)["width"] == pytest.approx(1.0, abs=0.05)
    ramp = np.where(np.arange(sound.shape[1]) < sound.shape[1] // 2, 1.0, 0.5).astype(np.float32)
    ridden = distances(measure_features(sound * ramp, RATE), measure_features(sound, RATE), same_song=True)
    assert ridden["loudness"] > 0.5
    assert ridden["spectrum"] < 0.2


def test_what_a_codec_has_cut_from_the_truth_is_held_against_nobody() -> None:
    sound = music()
    cut = signal.sosfiltfilt(signal.cheby2(16, 60, 9200, fs=RATE, output="sos"), sound).astype(np.float32)
    mine, truth = measure_features(sound, RATE), measure_features(cut, RATE)
    assert distances(mine, truth, same_song=True)["spectrum"] > 0.3
    assert held_spectrum(mine, truth) < 0.1
    tilted = measure_features(signal.lfilter([1.0, -0.5], [1.0], sound).astype(np.float32), RATE)
    whole = measure_features(sound, RATE)
    assert held_spectrum(tilted, whole) == pytest.approx(distances(tilted, whole, same_song=True)["spectrum"])


@pytest.mark.parametrize("late_s", [0.0, 1.25, -0.75])
def test_the_lag_between_stems_and_a_louder_master_is_found(late_s: float) -> None:
    """The levels are compared every 10 ms."""
    sound = music(seed=4)
    shift = round(abs(late_s) * RATE)
    stems, master = (sound, sound[:, shift:]) if late_s >= 0 else (sound[:, shift:], sound)
    assert lag_s(stems, np.tanh(master * np.float32(3)), RATE) == pytest.approx(late_s, abs=0.011)
