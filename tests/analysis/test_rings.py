"""Narrow peaks over time: always there, now and then, or never."""

import numpy as np
import pytest

from tests.sounds import RATE_HZ, pink_noise
from tonmeister.analysis.rings import follow_rings
from tonmeister.audio import Audio

SECONDS = 8


def ringing(share: float, *, level_db: float = -30.0, hz: float = 2500.0) -> Audio:
    """Return noise with a tone that is there for the first part of each second."""
    bed = pink_noise(rms_db=-30, duration_s=SECONDS, seed=3).samples[0].astype(np.float64)
    time = np.arange(bed.size) / RATE_HZ
    tone = np.sin(2 * np.pi * hz * time) * 10 ** (level_db / 20) * (time % 1 < share)
    return Audio((bed + tone)[None].astype(np.float32), RATE_HZ)


@pytest.mark.parametrize("share", [0.3, 0.6, 1.0])
def test_a_tone_is_followed_with_its_level_and_the_time_that_it_is_there(share: float) -> None:
    """Windows of 0.17 s that hold only a part of it count where that part is still strong: a window before it and one behind."""
    (ring,) = follow_rings(ringing(share), (2500.0,))
    assert share - 0.02 <= ring.share <= min(1.0, share + 0.2)
    assert ring.ringing_dbfs == pytest.approx(-30, abs=1.5)
    assert ring.over_db > 15
    assert ring.resting_dbfs < ring.ringing_dbfs - 10


def test_noise_rings_nowhere_and_neither_does_silence_or_a_blink() -> None:
    bare = follow_rings(ringing(0.0), (400.0, 2500.0))
    assert all(ring.share < 0.1 for ring in bare)
    assert follow_rings(Audio(np.zeros((1, RATE_HZ), np.float32), RATE_HZ), (2500.0,)) == ()
    assert follow_rings(Audio(np.ones((2, 100), np.float32), RATE_HZ), (2500.0,)) == ()
    assert follow_rings(ringing(1.0), (RATE_HZ * 0.49,)) == ()
