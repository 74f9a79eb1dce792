"""Lanes as Ardour plays them; its laws here are those that test_real.py measures on a real Ardour."""

from itertools import pairwise
from math import log10

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import lfilter

from tests.render.songs import lane
from tonmeister.daw.ardour.lanes import (
    SUPERCLOCK_HZ,
    Points,
    azimuth_of,
    gain_points,
    linear_points,
    mono_pan_correction,
    plugin_points,
)
from tonmeister.daw.ardour.plugins import RIDE_PORT, SILENT_PORT, carry_inserts
from tonmeister.daw.ardour.rides import FLOOR_DB, ride_of
from tonmeister.daw.lanes import Way, gain_value, plain_stray, plain_value, straight
from tonmeister.document.lane import Lane, Point, constant
from tonmeister.document.strip import Insert
from tonmeister.processing import Band, Equaliser
from tonmeister.processing.fader import fade_pan, plain_curve

times = st.lists(st.integers(0, 20), min_size=2, max_size=5, unique=True).map(sorted)
"""In tenths of a second: steeper ramps than these ask for more than a fader has."""
levels = st.lists(st.floats(-20, 0), min_size=5, max_size=5)


def _fader_position(gain: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(((6 * np.log2(np.maximum(gain, 1e-7)) + 192) / 198) ** 8)


def _play(points: Points, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the gain that Ardour plays: straight lines on its fader's scale, then a one-pole of 25 Hz, frame after frame."""
    at, values = np.array(points).T
    position = np.interp(times_s * SUPERCLOCK_HZ, at, _fader_position(values))
    asked = 2 ** ((position ** (1 / 8) * 198 - 192) / 6)
    share = 156.825 * (times_s[1] - times_s[0])
    return np.asarray(lfilter([0, share], [1, share - 1], asked, zi=asked[:1])[0])


def _sides(pan: float, channels: int) -> tuple[float, float]:
    block = np.ones((channels, 1), np.float32)
    made = fade_pan(block, start_frame=0, gains=(), pan=plain_curve([0], [pan]))
    return float(made[0, 0]), float(made[1, 0])


def _fader(points: list[tuple[float, float]], law: str) -> Lane:
    return Lane.model_validate({"law": law, "points": [{"time_s": time_s, "value": value} for time_s, value in points]})


@settings(max_examples=30)
@given(times, levels, st.sampled_from(["linear_db", "linear_gain"]))
def test_what_ardour_plays_stays_as_near_to_the_lane_as_asked(tenths: list[int], dbs: list[float], law: str) -> None:
    """Smoothed as Ardour smooths, not merely between the points; the frames of its grid take the rest of the tolerance."""
    fader = _fader([(t / 10, level) for t, level in zip(tenths, dbs, strict=False)], law)
    value = gain_value(fader)
    times_s = np.arange(2 * 48_000) / 48_000
    played = _play(gain_points(value, [fader], error_db=0.002), times_s)[::97]
    wanted = np.array([value(float(time_s), "at") for time_s in times_s[::97]])
    assert np.max(np.abs(played - wanted) / wanted) < 0.0006  # 0.002 dB is 0.00023


def test_a_small_ride_is_its_own_points_with_a_small_step_at_each() -> None:
    """A slope is asked for 6.4 ms ahead: -1.5 dB/s are 0.0096 dB."""
    fader = lane((0, 0), (1, -1.5), (2, -1.5), (3, 0))
    points = gain_points(gain_value(fader), [fader], error_db=0.015)
    assert [round(at / SUPERCLOCK_HZ, 6) for at, _ in points] == [0, 0, 1, 1, 2, 2, 3, 3]
    steps_db = [20 * log10(after / before) for (_, before), (_, after) in list(pairwise(points))[::2]]
    assert steps_db == pytest.approx([-0.0096, 0.0096, 0.0096, -0.0096], abs=0.0001)


def test_a_step_is_two_points_one_superclock_apart() -> None:
    fader = lane((0, 0), (1, -6), law="hold")
    points = gain_points(gain_value(fader), [fader], error_db=0.02)
    assert [at for at, _ in points] == [0, SUPERCLOCK_HZ - 1, SUPERCLOCK_HZ]
    assert [value for _, value in points] == pytest.approx([1, 1, 10 ** (-6 / 20)])


def test_no_fader_is_asked_for_more_than_it_has() -> None:
    fader = lane((0, -20), (0.01, 6), (1, 6), (1.01, -80))
    gains = [gain for _, gain in gain_points(gain_value(fader), [fader], error_db=0.02)]
    assert (min(gains), max(gains)) == (0, 2)


def test_a_fader_that_is_off_needs_no_points_in_between() -> None:
    fader = lane((0, 0), (1, -120), (5, -120), law="hold")
    assert len(gain_points(gain_value(fader), [fader], error_db=0.02)) == 4


@given(st.floats(-1, 1))
def test_a_mono_pan_has_our_levels_at_the_azimuth_and_the_correction(pan: float) -> None:
    scale = 2 - 4 * 10 ** (-3 / 20)
    right = azimuth_of(pan, channels=1)
    correction = mono_pan_correction(pan)
    sides = [x * (scale * x + 1 - scale) * correction for x in (1 - right, right)]
    assert sides == pytest.approx(_sides(pan, 1), abs=1e-6)  # float32
    assert 0.998 < correction < 1.011  # never more than 0.1 dB on the fader


@given(st.floats(-1, 1))
def test_a_stereo_balance_has_our_levels_at_the_azimuth(pan: float) -> None:
    azimuth = azimuth_of(pan, channels=2)
    assert (min(1, 2 - 2 * azimuth), min(1, 2 * azimuth)) == pytest.approx(_sides(pan, 2), abs=1e-6)


def test_a_pan_that_crosses_the_centre_gets_the_points_its_law_needs() -> None:
    """At both ends and in the middle the straight line is right, so only the quarters show that it is not."""
    pan = lane((0, -1), (1, 1), law="linear_gain")
    value = plain_value(pan)
    points = linear_points(lambda t, side: azimuth_of(value(t, side), channels=2), [pan], error=0.002)
    got = np.interp(0.25 * SUPERCLOCK_HZ, *np.array(points).T)
    assert got == pytest.approx(azimuth_of(-0.5, channels=2), abs=0.002)


def test_a_share_of_a_processor_that_moves_is_said_to_be_lost_with_its_settings() -> None:
    """A session that ignored it would sound wrong in every other section."""
    shelf = Equaliser(bands=(Band(shape="high_shelf", frequency_hz=5000, gain_db=-2),))
    amount = Lane(law="linear_gain", points=(Point(time_s=0, value=1.0), Point(time_s=8, value=0.0)))
    insert = Insert(id="scene-tone", slot="tone", processor=shelf, amount=amount)
    chain = carry_inserts((insert,), channels=2, sample_rate_hz=48_000)
    assert not chain.plugins
    assert "scene-tone" in chain.lost[0]
    assert "100% at 0.0 s, 0% at 8.0 s" in chain.lost[0]


def _width_way(width: Lane) -> Way:
    return Way(plain_value(width), straight, plain_stray(0.001))


def test_a_plugins_parameter_has_short_runs_behind_each_bend_that_tell_it_the_slope() -> None:
    width = lane((0, 1), (1, 0.5), (1.0002, 0.6), (2, 0.6), law="linear_gain")
    points = plugin_points(_width_way(width), [width], sample_rate_hz=48_000)
    frame = SUPERCLOCK_HZ // 48_000
    assert [at / frame for at, _ in points] == [
        0,
        1,
        17,
        48_000,
        48_001,
        48_010,
        48_011,
        48_027,
        96_000,
        96_001,
        96_017,
    ]
    assert points[1][1] == pytest.approx(1 - 0.5 / 48_000)


def _played(points: Points, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the ride in decibels as Ardour tells it."""
    at, values = np.array(points).T
    return np.asarray(np.interp(times_s * SUPERCLOCK_HZ, at, values))


@settings(max_examples=30)
@given(times, levels, st.sampled_from(["linear_db", "linear_gain"]))
def test_a_fader_and_its_ride_are_the_lane(tenths: list[int], dbs: list[float], law: str) -> None:
    """A straight way of decibels needs no points in between but where it is steep: one a decibel."""
    fader = _fader([(t / 10, level) for t, level in zip(tenths, dbs, strict=False)], law)
    value, times_s = gain_value(fader), np.arange(2 * 48_000)[::97] / 48_000
    ride = ride_of([fader], [value], constant(0.0, law="hold"), sample_rate_hz=48_000)
    played = ride.gain * 10 ** (_played(ride.points[RIDE_PORT], times_s) / 20) if ride.points else np.full(1, ride.gain)
    wanted = np.array([value(float(time_s), "at") for time_s in times_s])
    assert (
        np.max(np.abs(played - wanted) / wanted) < 1e-4
    )  # 0.0003 dB is 3.5e-5; a knot between two frames takes the rest
    steps = [
        abs(b - a) for (t, a), (u, b) in pairwise(ride.points.get(RIDE_PORT, [])) if u - t > 6 * SUPERCLOCK_HZ // 48_000
    ]
    slow = [abs(b - a) for a, b in pairwise(dbs)]
    assert max(steps, default=0) <= max(1.01, *slow)


def test_a_ride_goes_down_to_silence_and_a_mute_that_steps_is_a_switch_of_its_own() -> None:
    fader, mute = lane((0, -6), (1, -120)), lane((0, 0), (2, 1), (3, 0), law="hold")
    ride = ride_of([fader], [gain_value(fader)], mute, sample_rate_hz=48_000)
    assert ride.gain == pytest.approx(10 ** (-6 / 20))
    assert ride.points[RIDE_PORT][-1][1] == FLOOR_DB
    assert [(at / SUPERCLOCK_HZ, on) for at, on in ride.points[SILENT_PORT]] == [(0, 0), (2, 1), (3, 0)]


def test_a_song_that_begins_in_silence_has_its_fader_within_the_reach_of_the_ride() -> None:
    fader = lane((0, -120), (1, -120), (1.001, 4))
    ride = ride_of([fader], [gain_value(fader)], constant(0.0, law="hold"), sample_rate_hz=48_000)
    assert 20 * log10(ride.gain) == pytest.approx(4 - 12)
    assert [value for _, value in ride.points[RIDE_PORT]][-1] == pytest.approx(12)
    assert ride.points[RIDE_PORT][0][1] == FLOOR_DB
