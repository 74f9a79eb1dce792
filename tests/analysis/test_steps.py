"""Sums over 10 ms, and the sharpest bends of each millisecond, against the same sums written plainly."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from tonmeister.analysis.chunks import look_at
from tonmeister.analysis.clicks import ClickMeter, find_clicks
from tonmeister.analysis.steps import StepMeter, Steps
from tonmeister.audio import Samples

RATES_HZ = (48_000, 44_100, 22_050, 8_000, 192_000)
"""Half milliseconds of 24 and 22 or 23 samples, of fewer than eight lanes hold, and of many."""


def noise(frames: int) -> Samples:
    return np.random.default_rng(frames).standard_normal((2, frames)).astype(np.float32) * np.float32(0.2)


def plain_steps(x: NDArray[np.float64], before: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    edges = [min(x.shape[1], step * rate // 100) for step in range(-(-x.shape[1] * 100 // rate) + 1)]
    rise = np.square(np.diff(np.concatenate([before[:, None], x], axis=1), axis=1)).mean(axis=0)
    rows = []
    for a, b in pairwise(edges):
        left, right = x[:, a:b]
        power = np.square(x[:, a:b]).mean(axis=1)
        means = x[:, a:b].mean(axis=1)
        rows.append([np.abs(x[:, a:b]).max(), *power, (left * right).mean(), rise[a:b].mean(), *means])
    return np.array(rows)


@pytest.mark.parametrize("rate", RATES_HZ)
def test_steps_are_the_sums_that_they_are_called(rate: int) -> None:
    """Two seconds and a third of one; float32 sums of 480 squares are right to some parts in a million."""
    x = noise(rate * 7 // 3)
    meter, tail = StepMeter(rate), Steps(np.zeros((0, 7), np.float32), np.zeros(0, np.float32))
    for start in range(0, x.shape[1], rate):
        chunk = look_at(np.ascontiguousarray(x[:, start : start + rate]))
        steps = meter.step(chunk)
        assert steps is not None
        if chunk.samples.shape[1] == rate:
            meter.keep(chunk, steps)
        else:
            tail = steps
    found = meter.all(tail)
    seconds = [x[:, start : start + rate].astype(np.float64) for start in range(0, x.shape[1], rate)]
    befores = [np.zeros(2), *(second[:, -1] for second in seconds)]
    wanted = np.concatenate([plain_steps(s, b, rate) for s, b in zip(seconds, befores, strict=False)])
    assert found.values == pytest.approx(wanted, rel=1e-5, abs=1e-6)
    edges = np.minimum(np.arange(0, 2000 * 2 + 1) * rate // 2000, 2 * rate)
    halves = [x[:, a:b].astype(np.float64).mean() for a, b in pairwise(edges)]
    assert found.slow[:4000] == pytest.approx(np.array(halves), abs=1e-6)


def test_what_is_not_finite_is_seen_wherever_it_stands() -> None:
    """In the first sample, among the eights, in what is left of them, and in the last one."""
    for place in (0, 1, 300, 463, 44_099):
        for bad in (np.nan, np.inf, -np.inf):
            x = noise(44_100)
            x[1, place] = bad
            assert StepMeter(44_100).step(look_at(x)) is None


@pytest.mark.parametrize("rate", RATES_HZ)
def test_a_single_wild_sample_is_one_click_wherever_it_stands(rate: int) -> None:
    """A click in any sample of a millisecond, also on the seam of two seconds, bends the wave in one or two cells."""
    for shift in range(-3, 12):
        x = noise(2 * rate) * np.float32(1e-3)
        x[0, rate + shift] = 0.5
        meter = ClickMeter(rate)
        for start in (0, rate):
            meter.take(look_at(np.ascontiguousarray(x[:, start : start + rate])))
        clicks = meter.result()
        assert clicks.count == 1
        assert clicks.starts_s[0] == pytest.approx(1 + shift / rate, abs=0.0035)


def test_bends_are_second_differences() -> None:
    """Over whole cells of 48 samples from the second on, where no start of the file is near."""
    x = noise(48_000)
    meter = ClickMeter(48_000)
    meter.take(look_at(x))
    bent = np.abs(x[:, :-2] - 2 * x[:, 1:-1] + x[:, 2:]).max(axis=0)
    wanted = bent[48 - 2 : -(48 - 2) or None][: 998 * 48].reshape(998, 48).max(axis=1)
    bends = np.concatenate(meter._bends)
    assert bends[1:999, 0] == pytest.approx(wanted, rel=1e-5)
    assert find_clicks(bends).count == 0
