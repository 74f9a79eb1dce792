"""The ride of a voice."""

import numpy as np
import pytest

from tests.sounds import RATE_HZ, sine
from tonmeister.processing.leveller import Leveller, LevellerStream, is_neutral, level

RIDE = Leveller(points=((0.0, 0.0), (0.5, 6.0), (1.0, -6.0)))


def test_between_points_the_gain_runs_along_a_straight_line_in_decibels() -> None:
    tone = sine(duration_s=1)
    gain = level(tone, RIDE).samples[0] / np.where(np.abs(tone.samples[0]) > 0.01, tone.samples[0], np.nan)
    for time_s, wanted_db in ((0.25, 3.0), (0.5, 6.0), (0.75, 0.0)):
        near = gain[round(time_s * RATE_HZ) - 20 : round(time_s * RATE_HZ) + 20]
        assert 20 * np.log10(np.nanmean(near)) == pytest.approx(wanted_db, abs=0.05)


def test_blocks_change_no_byte_and_a_start_moves_the_ride() -> None:
    tone = sine(duration_s=1)
    whole = level(tone, RIDE).samples
    stream = LevellerStream(RIDE, sample_rate_hz=RATE_HZ, channels=1)
    parts = [stream.process(np.ascontiguousarray(part)) for part in np.split(tone.samples, [100, 7000], axis=1)]
    assert np.array_equal(np.concatenate(parts, axis=1), whole)
    late = LevellerStream(RIDE.model_copy(update={"start_s": 2.0}), sample_rate_hz=RATE_HZ, channels=1)
    late.start_at(2 * RATE_HZ)
    assert np.allclose(late.process(tone.samples), whole, atol=1e-6)


def test_a_ride_of_nothing_returns_the_input() -> None:
    assert is_neutral(Leveller())
    assert is_neutral(RIDE.model_copy(update={"amount": 0.0}))
    assert np.array_equal(level(sine(), Leveller()).samples, sine().samples)
