"""Power spectra of single frames."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tonmeister.analysis.power_transform import LEAST_FRAME, make_tables, transform_power

LENGTHS = [LEAST_FRAME << k for k in range(8)]
"""128 to 16,384: every kind of last pass, and the windows of all rates up to 192 kHz."""


def transform(frame: NDArray[np.float32], window: NDArray[np.float32]) -> NDArray[np.float32]:
    tables = make_tables(window)
    power = np.full(window.size // 2 + 1, np.nan, np.float32)
    transform_power(frame, tables.window, tables.turns, tables.work, power)
    return power


@pytest.mark.parametrize("length", LENGTHS)
def test_every_bin_is_that_of_the_transform_in_double_precision(length: int) -> None:
    """Float32 rounds each of log2(n) sums by 6e-8, so magnitudes are off by a few times that of the largest."""
    rng = np.random.default_rng(length)
    frame = rng.standard_normal(length).astype(np.float32)
    window = np.hanning(length).astype(np.float32)
    wanted = np.abs(np.fft.rfft(frame.astype(np.float64) * window))
    assert np.sqrt(transform(frame, window)) == pytest.approx(wanted, rel=0, abs=4e-7 * float(wanted.max()))


@pytest.mark.parametrize("length", LENGTHS)
def test_one_line_is_in_its_bin_and_120_db_lower_everywhere_else(length: int) -> None:
    """A cosine with whole periods and no window has one line, wherever it lies: an index gone wrong moves it."""
    window = np.ones(length, np.float32)
    for line in (0, 1, 7, 8, 9, length // 4, length // 2 - 8, length // 2 - 1, length // 2):
        frame = np.cos(2 * np.pi * line * np.arange(length) / length).astype(np.float32)
        power = transform(frame, window)
        size = length if line in (0, length // 2) else length / 2
        assert power[line] == pytest.approx(size**2, rel=1e-5)
        assert float(np.delete(power, line).max()) < 1e-12 * float(power[line])


def test_silence_has_no_power_at_all() -> None:
    """Whatever the work still holds of the frame before."""
    window = np.ones(4096, np.float32)
    tables = make_tables(window)
    power = np.zeros(2049, np.float32)
    for frame in (np.random.default_rng(1).standard_normal(4096).astype(np.float32), np.zeros(4096, np.float32)):
        transform_power(frame, tables.window, tables.turns, tables.work, power)
    assert not power.any()
