"""How sounds begin, die away and repeat."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tonmeister.analysis.gesture import NAMES, describe_gesture
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio

RATE_HZ = 44_100
SECONDS = 6


def _describe(sound: NDArray[np.float64]) -> dict[str, float]:
    numbers = describe_gesture(measure_track(Audio(sound[None].astype(np.float32), RATE_HZ)).curves)
    return dict(zip(NAMES, numbers.tolist(), strict=True))


def _strike(at_s: list[float], fall_per_s: float, hz: float = 330.0) -> NDArray[np.float64]:
    t = np.arange(SECONDS * RATE_HZ) / RATE_HZ
    out = np.zeros(t.size)
    for start in at_s:
        since = t - start
        out += np.where(since >= 0, np.sin(2 * np.pi * hz * since) * np.exp(-np.maximum(since, 0) * fall_per_s), 0)
    return out * 0.3


EVEN = [0.25 + 0.5 * i for i in range(11)]


def test_plucked_notes_have_died_away_where_held_ones_have_not() -> None:
    plucked, held = _describe(_strike(EVEN, 25.0)), _describe(_strike(EVEN, 1.0))
    # 25 per second is 217 dB per second: 200 ms after the loudest nothing is left; 1 per second is 8.7 dB per second.
    assert plucked["all_left_after_200_ms"] < -30
    assert held["all_left_after_200_ms"] > -6


def test_even_strokes_repeat_and_uneven_ones_do_not() -> None:
    uneven = np.cumsum(np.random.default_rng(3).uniform(0.17, 0.9, 11)).tolist()
    even, random = _describe(_strike(EVEN, 20.0)), _describe(_strike(uneven, 20.0))
    assert even["onset_repeats_beat"] > 0.7
    assert random["onset_repeats_beat"] < even["onset_repeats_beat"] - 0.2


def test_a_tone_has_a_clear_pitch_and_hiss_has_none() -> None:
    hiss = np.random.default_rng(1).standard_normal(SECONDS * RATE_HZ) * 0.1
    assert _describe(_strike(EVEN, 2.0))["pitch_clear"] > 0.8
    assert _describe(hiss)["pitch_clear"] < 0.3


def test_the_level_does_not_matter() -> None:
    sound = _strike(EVEN, 8.0)
    loud, quiet = _describe(sound), _describe(sound * 0.03)
    assert [quiet[name] for name in NAMES] == pytest.approx([loud[name] for name in NAMES], abs=0.02)


@pytest.mark.parametrize("sound", [np.zeros(RATE_HZ * 3), np.zeros(100), np.full(5000, 0.1)])
def test_silence_and_what_is_too_short_say_nothing(sound: NDArray[np.float64]) -> None:
    assert set(_describe(sound).values()) == {0.0}
