"""Planted faults are the faults that they are called."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.plants import MIC_DELAYS_MS, SINGLE, clean_scene, plant_pairs, plant_singles

RATE = 48000


def stems(count: int = 10) -> tuple[dict[str, NDArray[np.float32]], dict[str, int]]:
    rng = np.random.default_rng(1)
    sounds = {f"stem {n}": (0.2 * rng.standard_normal((2, RATE * 3))).astype(np.float32) for n in range(count)}
    return sounds, dict.fromkeys(sounds, RATE)


def test_every_single_fault_lands_in_a_stem_of_its_own() -> None:
    scene = plant_singles(clean_scene(*stems()), seed=1)
    assert sorted(fault for _, fault in scene.planted) == sorted(SINGLE)
    assert len({name for name, _ in scene.planted}) == len(SINGLE)


def test_planting_is_the_same_for_the_same_seed() -> None:
    first, second = (plant_singles(clean_scene(*stems()), seed=5) for _ in range(2))
    assert first.planted == second.planted
    assert all(np.array_equal(first.sounds[name], second.sounds[name]) for name in first.sounds)


def test_an_offset_is_dc_and_hum_is_where_the_mains_are() -> None:
    rng = np.random.default_rng(0)
    quiet = np.zeros((1, RATE * 2), np.float32)
    assert SINGLE["dc_offset"](quiet, RATE, rng).mean() == pytest.approx(0.02)
    hum = SINGLE["hum_50"](quiet, RATE, rng)[0]
    assert int(np.argmax(np.abs(np.fft.rfft(hum)))) == 100  # bins are 0.5 Hz apart
    assert 20 * np.log10(hum.std()) == pytest.approx(-45, abs=0.1)


@pytest.mark.parametrize("delay_ms", MIC_DELAYS_MS)
def test_a_second_microphone_hears_it_later_by_what_was_planted(delay_ms: float) -> None:
    """The delay is read from the phase of the cross spectrum; a tenth of a frame is far below the smallest delay."""
    scene = plant_pairs(clean_scene(*stems()), seed=2)
    (name,) = [name for name in scene.sounds if name.endswith(f" mic {delay_ms:g} ms")]
    first = scene.sounds[name.removesuffix(f" mic {delay_ms:g} ms")].mean(axis=0)
    cross = np.fft.irfft(np.fft.rfft(scene.sounds[name][0]) * np.conj(np.fft.rfft(first)), 16 * first.size)
    assert np.argmax(cross) / 16 == pytest.approx(delay_ms * RATE / 1000, abs=0.1)


def test_pairs_hold_a_copy_a_twin_a_turned_mic_and_a_header_that_lies() -> None:
    scene = plant_pairs(clean_scene(*stems()), seed=2)
    assert sorted(fault for _, fault in scene.planted) == sorted(
        ["delay"] * len(MIC_DELAYS_MS) + ["polarity", "duplicate", "dual_mono", "rough_mix", "wrong_rate"]
    )
    (twin,) = [name for name, fault in scene.planted if fault == "dual_mono"]
    assert np.array_equal(scene.sounds[twin][0], scene.sounds[twin][1])
    assert "Gesang – Übung ♪ «2»" in scene.sounds
    assert list(scene.written_rates.values()) == [44100]
