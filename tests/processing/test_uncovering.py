"""Sound under a ringing."""

import numpy as np
import pytest

from tonmeister.processing.uncovering import Ringing, uncover

RATE = 48_000
COUNT, FIRST, LENGTH, ORDER = 2400, 1200, 240, 80
TIME = np.arange(COUNT) / RATE
BELL = np.hanning(27)[1:-1] / np.hanning(27).sum()


def voice() -> np.ndarray:
    """Tones below and in the band of a ringing, with a little noise."""
    wave = sum(a * np.sin(2 * np.pi * f * TIME + f) for a, f in ((0.3, 220.0), (0.1, 660.0), (0.02, 3100.0)))
    return np.asarray(wave + 1e-4 * np.random.default_rng(0).standard_normal(COUNT))


def ringing() -> np.ndarray:
    out = np.zeros(COUNT)
    time = TIME[:LENGTH]
    out[FIRST : FIRST + LENGTH] = 0.2 * np.exp(-time / 0.0006) * np.sin(2 * np.pi * 4000 * time)
    return out


def mend(sound: np.ndarray, power: np.ndarray) -> np.ndarray:
    lost = np.zeros(COUNT, np.bool_)
    lost[FIRST : FIRST + LENGTH] = True
    return uncover(sound, lost, FIRST, Ringing(power, BELL, RATE), order=ORDER)


def test_a_ringing_goes_and_what_is_under_it_stays() -> None:
    """Ten decibels are what counts as removed; the power handed in is only roughly that of the ringing."""
    clean, click = voice(), ringing()
    power = np.convolve(np.square(click), BELL, "same")[FIRST : FIRST + LENGTH]
    out = mend(clean + click, power)
    assert np.square(out - clean[FIRST : FIRST + LENGTH]).sum() < 0.1 * np.square(click).sum()


def test_where_nothing_rings_the_sound_stays() -> None:
    """A thousandth of the power is white noise at most, 30 dB down."""
    clean = voice()
    out = mend(clean, np.zeros(LENGTH))
    assert out == pytest.approx(clean[FIRST : FIRST + LENGTH], abs=0.001)


def test_a_ringing_in_silence_leaves_silence() -> None:
    click = ringing()
    assert not mend(click, np.square(click[FIRST : FIRST + LENGTH])).any()


def test_without_neighbours_the_sound_stays_as_it_is() -> None:
    clean = voice()
    out = uncover(clean, np.ones(COUNT, np.bool_), FIRST, Ringing(np.ones(LENGTH), BELL, RATE), order=ORDER)
    assert np.array_equal(out, clean[FIRST : FIRST + LENGTH])
