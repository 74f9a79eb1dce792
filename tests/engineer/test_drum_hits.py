"""The hit of a reinforcement and its places, on hits of which everything is known."""

import numpy as np
import pytest

from tonmeister.audio import Samples
from tonmeister.engineer.drum_hits import with_hit
from tonmeister.processing import Reinforcer
from tonmeister.processing.reinforcer import unpack_hit

RATE_HZ = 48_000
TIMES_S = (0.5, 1.0, 1.5, 2.25)


def sound(*, with_other_at_s: float | None = None) -> Samples:
    """Return four hits of one drum, each a little softer, perhaps with something else at one more place."""
    hit = np.exp(-np.arange(9600) / 900) * np.sin(2 * np.pi * 190 * np.arange(9600) / RATE_HZ)
    wave = np.random.default_rng(0).standard_normal(3 * RATE_HZ) * 1e-4
    for place, time_s in enumerate(TIMES_S):
        start = round(time_s * RATE_HZ)
        wave[start : start + hit.size] += 0.6 * 0.8**place * hit
    if with_other_at_s is not None:
        start = round(with_other_at_s * RATE_HZ)
        wave[start : start + 4800] += 0.2 * np.random.default_rng(1).standard_normal(4800)
    return wave[None].astype(np.float32)


def filled(samples: Samples, times_s: tuple[float, ...]) -> Reinforcer:
    settings = Reinforcer(places=tuple((time_s, 0.4) for time_s in times_s), from_s=0.49)
    return with_hit(settings, lambda first, frames: samples[:, first : first + frames])


@pytest.mark.parametrize("off_ms", [-10.0, -3.0, 4.0, 9.0])
def test_layers_are_put_on_their_hits_to_the_sample(off_ms: float) -> None:
    """The hit was taken 10 ms before its onset, so a layer begins 10 ms before each; steps of 10 ms only say about where."""
    made = filled(sound(), tuple(time_s - 0.01 + off_ms / 1000 for time_s in TIMES_S))
    got = [time_s for time_s, _ in made.places]
    np.testing.assert_allclose(got, np.array(TIMES_S) - 0.01, atol=1 / RATE_HZ)


def test_the_hit_is_the_files_own_sound() -> None:
    samples = sound()
    hit = unpack_hit(filled(samples, (0.49,)).hit)
    start = round(0.49 * RATE_HZ)
    np.testing.assert_allclose(hit[:, :9000], samples[:, start : start + 9000], atol=1 / 30_000)


def test_a_place_where_something_else_sounds_gets_no_layer() -> None:
    made = filled(sound(with_other_at_s=2.6), (0.49, 2.59))
    assert [round(time_s, 2) for time_s, _ in made.places] == [0.49]
