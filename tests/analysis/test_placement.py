"""Late tracks and wrong rates show in the attacks; tracks in time raise no alarm."""

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.placement import find_late_start, find_stretch, sum_rises
from tonmeister.analysis.rough_mix import find_rough_mixes

RNG = np.random.default_rng(3)


def attacks(seed: int, *, steps: int = 4000) -> NDArray[np.float32]:
    """Return rises on an eighth-note grid of 23 steps, with gaps and a little scatter."""
    rng = np.random.default_rng(seed)
    rises = np.zeros(steps, np.float32)
    for place in range(0, steps - 30, 23):
        if rng.random() < 0.6:
            rises[place + int(rng.integers(0, 2))] = rng.uniform(8, 20)
    return rises


OTHERS = sum_rises([attacks(seed) for seed in (1, 2, 3)])


def test_a_track_that_starts_late_is_found_with_how_much() -> None:
    """Half a second is no multiple of the grid; the file begins with sound without it."""
    late = np.concatenate([np.zeros(50, np.float32), attacks(4)])[:4000]
    found = find_late_start(late, OTHERS, 0.5)
    assert found is not None
    assert found.late_s == 0.5
    assert found.fit > found.fit_now + 0.3


def test_a_track_that_enters_in_time_is_left_alone() -> None:
    """It is silent for the first 1.15 s, five eighths."""
    entering = attacks(5)
    entering[:115] = 0
    assert find_late_start(entering, OTHERS, 1.15) is None
    assert find_late_start(attacks(5), OTHERS, 0.0) is None


def test_a_track_at_another_rate_is_found_with_its_speed() -> None:
    steps = np.arange(4000)
    own = sum_rises([attacks(1)]).astype(np.float32) * 4
    slow = np.interp(steps * 44_100 / 48_000, steps, own).astype(np.float32)
    assert find_stretch(slow, OTHERS) == 48_000 / 44_100
    assert find_stretch(attacks(1), OTHERS) is None


def stems(count: int) -> list[NDArray[np.float32]]:
    """Return (60, 40) band powers of stems that sound in their own bands at their own times."""
    rng = np.random.default_rng(7)
    shapes = (
        rng.uniform(-40, 0, (count, 1, 40)) + rng.uniform(-20, 0, (count, 60, 1)) + rng.uniform(-6, 0, (count, 60, 40))
    )
    return [np.asarray(10 ** (shape / 10), dtype=np.float32) for shape in shapes]


def test_a_mix_of_the_stems_is_named_with_what_it_holds() -> None:
    parts = stems(6)
    gains = 10 ** (RNG.uniform(-6, 6, 6) / 10)
    mix = np.asarray(sum(gain * part for gain, part in zip(gains, parts, strict=True)), dtype=np.float32)
    (found,) = find_rough_mixes([*parts, mix])
    assert found.place == 6
    assert found.explained > 0.99
    assert len(found.holds) >= 4


def test_stems_copies_and_second_microphones_are_no_mixes() -> None:
    parts = stems(6)
    dull = parts[0] * np.linspace(1, 0.2, 40, dtype=np.float32)
    assert find_rough_mixes([*parts, parts[1] * np.float32(0.5), dull]) == ()
    assert find_rough_mixes([]) == ()


def test_a_mix_that_holds_a_missing_track_is_one_and_a_noisy_second_microphone_is_none() -> None:
    """A sixth of the mix stands in no other track; the microphone has hiss 60 dB below the source, as loud as other stems."""
    parts = stems(7)
    mix = np.asarray(np.sum(parts, axis=0), dtype=np.float32)
    far = parts[0] * np.linspace(1, 0.2, 40, dtype=np.float32) + np.float32(1e-6)
    (found,) = find_rough_mixes([*parts[:6], mix, far])
    assert found.place == 6


def test_a_track_that_is_silent_for_long_enters_on_purpose() -> None:
    late = np.concatenate([np.zeros(50, np.float32), attacks(5)])[:4000]
    late[:520] = 0
    assert find_late_start(late, OTHERS, 5.2) is None


def test_chance_alone_makes_no_track_late() -> None:
    """Attacks at random places, in time with nothing, fit badly everywhere."""
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        loose = np.where(rng.random(4000) < 0.03, rng.uniform(8, 20, 4000), 0).astype(np.float32)
        loose[:300] = 0
        found.append(find_late_start(loose, OTHERS, 3.0))
    assert sum(one is not None for one in found) <= 1
