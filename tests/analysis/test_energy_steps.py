"""Powers in steps, quiet levels, the busiest part."""

import numpy as np
import pytest

from tests.sounds import RATE_HZ, noise, silence
from tonmeister.analysis.energy_steps import LOWEST_DBFS, busiest_excerpt_s, quiet_level_dbfs, step_powers
from tonmeister.audio import Audio

STEPPED = Audio(
    noise(rms_db=-20, duration_s=4).samples * np.repeat(np.array([1, 0.01, 1, 1], np.float32), RATE_HZ), RATE_HZ
)


def test_the_quiet_tenth_is_the_quiet_part() -> None:
    assert quiet_level_dbfs(STEPPED, share=0.1) == pytest.approx(-60, abs=0.5)
    assert quiet_level_dbfs(STEPPED, share=1.0) == pytest.approx(-21.2, abs=0.3)
    assert quiet_level_dbfs(silence(), share=0.5) == LOWEST_DBFS


def test_the_busiest_excerpt_is_where_most_is() -> None:
    sound = silence(duration_s=10)
    sound.samples[:, 6 * RATE_HZ : 7 * RATE_HZ] = 0.1
    start_s, end_s = busiest_excerpt_s(sound, length_s=2.0)
    assert start_s <= 6.0
    assert end_s >= 7.0
    assert end_s - start_s == pytest.approx(2.0)
    assert busiest_excerpt_s(sound, length_s=20.0) == (0.0, 10.0)
    assert step_powers(Audio(np.ones((1, 1), np.float32), RATE_HZ)).tolist() == [1.0]
