"""Filters in series: the sums of the textbook, however many there are and wherever a block is cut."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import sosfilt

from tonmeister.processing.biquads import CHUNK, BiquadStream

FRAMES = 3 * CHUNK + 77


def peaks(count: int) -> NDArray[np.float64]:
    """Return (count, 5) peaking filters between 80 Hz and 12 kHz at 48 kHz, up and down by 6 dB (Audio EQ Cookbook)."""
    turn = 2 * np.pi * np.geomspace(80, 12000, count) / 48000
    gain = 10 ** (np.where(np.arange(count) % 2, -6.0, 6.0) / 40)
    width = np.sin(turn) / 2
    rows = [1 + width * gain, -2 * np.cos(turn), 1 - width * gain, -2 * np.cos(turn), 1 - width / gain]
    return np.stack(rows, axis=1) / (1 + width / gain)[:, None]


@pytest.mark.parametrize("count", [1, 2, 4, 5, 8, 9, 13])
@pytest.mark.parametrize("channels", [1, 2])
def test_each_section_does_the_sums_of_its_difference_equation(count: int, channels: int) -> None:
    """Against scipy's own filters in float64: what is left is the rounding of float32 blocks, 2^-24 of the largest sample."""
    sections = peaks(count)
    block = np.random.default_rng(count).normal(0, 0.2, (channels, FRAMES)).astype(np.float32)
    whole = np.insert(sections, 3, 1.0, axis=1)
    expected = sosfilt(whole, block.astype(np.float64), axis=1)
    found = BiquadStream(sections).process(block)
    assert np.abs(found - expected).max() <= 1.01 * 2.0**-24 * np.abs(expected).max()


@pytest.mark.parametrize("count", [1, 4, 6, 11])
def test_cuts_change_no_byte(count: int) -> None:
    """Blocks of 1, 2, 3, 7 and more frames are shorter than the way through all sections."""
    block = np.random.default_rng(1).normal(0, 0.2, (2, FRAMES)).astype(np.float32)
    cuts = np.cumsum([1, 2, 3, 7, 8, 15, 500, CHUNK, 1])
    stream = BiquadStream(peaks(count))
    parts = [stream.process(np.ascontiguousarray(part)) for part in np.split(block, cuts, axis=1)]
    assert np.array_equal(np.concatenate(parts, axis=1), BiquadStream(peaks(count)).process(block))


def test_what_has_faded_is_silence() -> None:
    """Two seconds after a click the state is exactly zero, so that no denormal number is ever worked with."""
    stream = BiquadStream(peaks(5))
    click = np.zeros((2, 2 * 48000), np.float32)
    click[:, 0] = 1
    stream.process(click)
    assert not stream._state.any()
