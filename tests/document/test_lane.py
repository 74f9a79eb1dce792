from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.documents import lane
from tonmeister.document.lane import Lane, Law, Point, add_lanes, constant, louder_of
from tonmeister.document.strip import Strip
from tonmeister.processing.fader import gain_curve

RATE_HZ = 48_000
STEP_S = 0.005
"""A step that is added to a ramp becomes a ramp of this length, which ends at the step."""

times = st.lists(st.integers(0, 2_000), min_size=1, max_size=5, unique=True).map(sorted)
decibels = st.floats(-40, 12).map(lambda value: round(value, 2))


@st.composite
def lanes(draw: st.DrawFn, laws: tuple[Law, ...] = ("hold", "linear_db")) -> Lane:
    points = tuple(Point(time_s=place / 100, value=draw(decibels)) for place in draw(times))
    return Lane(law=draw(st.sampled_from(laws)), points=points)


@given(lanes(), lanes(), st.floats(0, 25))
def test_the_sum_of_two_lanes_is_the_sum_of_their_values_at_every_time(
    first: Lane, second: Lane, time_s: float
) -> None:
    total = add_lanes(first, second)
    steps = [p.time_s for lane_ in (first, second) if lane_.law == "hold" for p in lane_.points]
    if total.law != "hold" and any(0 < step - time_s <= STEP_S + 1e-6 for step in steps):
        return  # inside the ramp that a step becomes
    assert total.at(time_s) == pytest.approx(first.at(time_s) + second.at(time_s), abs=1e-6)


@given(lanes(), lanes())
def test_adding_lanes_is_the_same_in_either_order_and_survives_the_rounding_of_the_document(
    first: Lane, second: Lane
) -> None:
    total, other = add_lanes(first, second), add_lanes(second, first)
    for time_s in np.linspace(0, 21, 22):
        assert total.at(time_s) == pytest.approx(other.at(time_s), abs=1e-9)
    rounded = [round(p.time_s, 5) for p in total.points]
    assert all(later > earlier for earlier, later in pairwise(rounded))


def test_a_ramp_of_gain_added_to_a_ride_is_what_the_fader_would_play() -> None:
    """Between its points the sum bends by less than 0.02 of the gain: 32 straight pieces of a ramp over 12 dB."""
    fade, ride = lane((0, -12), (4, 0), law="linear_gain"), lane((1, 0), (3, -6))
    total = add_lanes(fade, ride)
    frames = np.arange(0, 5 * RATE_HZ, 997)
    gains = [_gain(one, frames) for one in (total, fade, ride)]
    np.testing.assert_allclose(gains[0], gains[1] * gains[2], atol=0.001)


def test_two_lanes_that_hold_are_added_without_a_ramp() -> None:
    total = add_lanes(lane((0, 0), (1, -6), law="hold"), lane((0, 1), (0.5, 2), law="hold"))
    assert total == lane((0, 1), (0.5, 2), (1, -4), law="hold")


def test_adding_a_constant_keeps_law_and_times() -> None:
    ride = lane((1, 0), (3, -6), law="hold")
    assert add_lanes(constant(2.0), ride) == add_lanes(ride, constant(2.0)) == lane((1, 2), (3, -4), law="hold")


@pytest.mark.parametrize(("law", "value"), [("hold", 0.0), ("linear_db", -3.0), ("linear_gain", -3.0)])
def test_a_lane_holds_outside_its_points_and_follows_its_law_between_them(law: Law, value: float) -> None:
    one = lane((1, 0), (3, -6), law=law)
    assert (one.at(0), one.at(1), one.at(2), one.at(3), one.at(99)) == (0, 0, value, -6, -6)


@pytest.mark.parametrize("points", [[(1, 0), (1, 2)], [(2, 0), (1, 0)], [(-1, 0)], []])
def test_times_rise_from_zero(points: list[tuple[float, float]]) -> None:
    with pytest.raises(ValidationError):
        lane(*points)


def _gain(one: Lane, frames: np.ndarray) -> np.ndarray:
    curve = gain_curve([p.time_s * RATE_HZ for p in one.points], [p.value for p in one.points], law=one.law)
    return np.array([curve.at(int(frame))[0] for frame in frames])


def test_a_width_that_stands_still_is_read_and_written_as_a_number() -> None:
    """Documents from before widths could move say a number; they are read, and what stands still is written alike."""
    strip = Strip.model_validate({"width": 0.5})
    assert strip.width.at(3.0) == 0.5
    assert strip.model_dump(mode="json")["width"] == 0.5
    moving = Lane(law="linear_gain", points=(Point(time_s=0, value=1.0), Point(time_s=2, value=1.2)))
    told = Strip(width=moving).model_dump(mode="json")
    assert Strip.model_validate(told).width == moving


@pytest.mark.parametrize("value", [-0.1, 2.5])
def test_a_width_outside_its_range_is_refused(value: float) -> None:
    with pytest.raises(ValidationError, match="between 0 and 2"):
        Strip.model_validate({"width": value})


def test_the_louder_of_two_sends_is_heard_at_each_time() -> None:
    """A thrown word over a send that stands still, and over another throw: the renderer ramps gain between these points."""
    rest, word = (
        constant(-20.0),
        Lane(
            law="linear_gain",
            points=tuple(
                Point(time_s=t, value=v)
                for t, v in ((0.0, -120.0), (1.0, -120.0), (1.1, -6.0), (2.0, -6.0), (2.1, -120.0))
            ),
        ),
    )
    opened = louder_of(rest, word)
    assert opened.law == "linear_gain"
    assert [round(opened.at(t), 2) for t in (0.5, 1.5, 3.0)] == [-20.0, -6.0, -20.0]
    crossing = next(point for point in opened.points if 1.0 < point.time_s < 1.1)
    assert crossing.value == pytest.approx(-20.0, abs=0.01)
    assert 10 ** (-6 / 20) * (crossing.time_s - 1.0) / 0.1 == pytest.approx(0.1, abs=1e-3)
    alone = louder_of(word, constant(-120.0))
    assert [p.time_s for p in alone.points] == [p.time_s for p in word.points]
    assert [p.value for p in alone.points] == pytest.approx([p.value for p in word.points])
