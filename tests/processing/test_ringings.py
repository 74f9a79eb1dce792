"""Ringings told from a sound by a few damped sines: how much of them goes, and what stays where there are none."""

import numpy as np
import pytest

from tests.sounds import noise, sine
from tonmeister.processing.autoregression import Learnt, learn_model
from tonmeister.processing.ringings import find_ringings, share_of_ringings

RATE_HZ = 48_000
FIRST, LAST = 3000, 3200


def voice() -> np.ndarray:
    return (sine(frequency_hz=220, peak_db=-12).samples + noise(rms_db=-60).samples)[0, :6200].astype(np.float64)


def click() -> np.ndarray:
    """Two ringings, the second 2 ms after the first."""
    out, time = np.zeros(6200), np.arange(240) / RATE_HZ
    for start, hz, decay_s in ((FIRST + 20, 2600, 5e-4), (FIRST + 116, 4700, 3e-4)):
        out[start : start + 240] += 0.05 * np.exp(-time / decay_s) * np.sin(2 * np.pi * hz * time)
    return out


def learn(window: np.ndarray) -> Learnt:
    lost = np.zeros(window.size, np.bool_)
    lost[FIRST : LAST + 240] = True
    learnt = learn_model(window, lost, order=96)
    assert learnt is not None
    return learnt


def test_two_ringings_are_told_from_the_voice_under_them() -> None:
    """Noise at -60 dB leaves five numbers of each ringing uncertain: 25 dB down is half of what that would allow."""
    window = voice() + click()
    learnt = learn(window)
    found = find_ringings(window, FIRST, LAST, learnt, RATE_HZ)
    assert np.square(found - click()).sum() < 10**-2.5 * np.square(click()).sum()
    assert share_of_ringings(window, FIRST, LAST, learnt, RATE_HZ) > 0.95


def test_where_there_is_none_nothing_is_taken() -> None:
    window = voice()
    assert not find_ringings(window, FIRST, LAST, learn(window), RATE_HZ).any()
    assert share_of_ringings(window, FIRST, LAST, learn(window), RATE_HZ) == 0


def test_a_burst_of_noise_is_no_ringing() -> None:
    """As long and as loud as the click; a damped sine explains a little of anything."""
    window = voice()
    window[FIRST + 20 : FIRST + 180] += np.random.default_rng(3).normal(0, 0.02, 160)
    assert share_of_ringings(window, FIRST, LAST, learn(window), RATE_HZ) < 0.6


@pytest.mark.parametrize("edge", [100, 6150])
def test_too_near_the_edge_nothing_is_sought(edge: int) -> None:
    window = voice() + click()
    assert not find_ringings(window, edge, edge + 40, learn(window), RATE_HZ).any()


def test_ringings_of_nearly_one_pitch_are_told_apart() -> None:
    """Found one after the other, each takes the others' place and 18 dB go; found together, all but a two-thousandth."""
    window, time, rings = voice(), np.arange(400) / RATE_HZ, np.zeros(6200)
    for start, hz, decay_s in ((FIRST + 5, 4835, 7.4e-4), (FIRST + 135, 5196, 6.1e-4), (FIRST + 158, 4492, 2.6e-4)):
        rings[start : start + 400] += 0.03 * np.exp(-time / decay_s) * np.sin(2 * np.pi * hz * time)
    found = find_ringings(window + rings, FIRST, LAST, learn(window + rings), RATE_HZ)
    assert np.square(found - rings).sum() < 10**-2.5 * np.square(rings).sum()
