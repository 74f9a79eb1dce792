"""Polynomials against NumPy's float64, and that cutting changes nothing."""

import numpy as np
import pytest

from tonmeister.processing.decibels import exp2_in_place, log2_in_place, smoothing_coefficient, to_db, to_gain


def test_log2_is_right_to_the_rounding_of_float32() -> None:
    """The fit errs by 4.8e-8; a result near 30 rounds by 1e-6, one near 0 by 1e-7."""
    values = np.geomspace(1e-10, 1e5, 200_001).astype(np.float32)
    got = values.copy()
    log2_in_place(got, got.size)
    wanted = np.log2(values.astype(np.float64))
    assert np.all(np.abs(got - wanted) < 2e-7 + 1.2e-7 * np.abs(wanted))


def test_exp2_is_right_to_the_rounding_of_float32() -> None:
    """One step of float32 is 1.2e-7; the fit errs by 2e-9."""
    values = np.linspace(-60, 20, 200_001).astype(np.float32)
    got = values.copy()
    exp2_in_place(got, got.size)
    assert np.max(np.abs(got / np.exp2(values.astype(np.float64)) - 1)) < 1.5e-7


def test_powers_of_two_are_exact() -> None:
    whole = np.arange(-20, 20).astype(np.float32)
    got = whole.copy()
    exp2_in_place(got, got.size)
    assert np.array_equal(got, np.exp2(whole))
    log2_in_place(got, got.size)
    assert np.array_equal(got, whole)


@pytest.mark.parametrize("kernel", [log2_in_place, exp2_in_place])
def test_a_value_does_not_depend_on_its_neighbours(kernel: object) -> None:
    """The vector body of a loop and its scalar rest must round alike, else blocks would show."""
    values = np.random.default_rng(0).uniform(0.01, 9, 1001).astype(np.float32)
    whole, single = values.copy(), values.copy()
    assert callable(kernel)
    kernel(whole, whole.size)
    for i in range(values.size):
        kernel(single[i : i + 1], 1)
    assert np.array_equal(whole, single)


def test_gain_and_level_are_inverse() -> None:
    assert to_db(to_gain(-7.5)) == pytest.approx(-7.5, abs=1e-12)


def test_no_time_is_no_smoothing() -> None:
    assert smoothing_coefficient(0, 48_000) == 0
    assert smoothing_coefficient(10, 48_000) ** 480 == pytest.approx(np.exp(-1))
