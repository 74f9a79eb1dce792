"""Tone in sixth octaves: the bass is told apart, and how the sound was cut changes nothing."""

import numpy as np
import pytest

from tonmeister.analysis.fine_tone import FINE_CENTRES_HZ, FINE_EDGES_HZ, FineToneMeter, fine_difference_db

RATE_HZ = 48_000


def tone_db(samples: np.ndarray, *, block: int = RATE_HZ) -> np.ndarray:
    meter = FineToneMeter(RATE_HZ, samples.shape[0])
    for first in range(0, samples.shape[1], block):
        meter.add(samples[:, first : first + block])
    return np.array(meter.result_db())


def sine(hz: float, level_db: float = -12.0) -> np.ndarray:
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * hz * np.arange(4 * RATE_HZ) / RATE_HZ)
    return np.stack([wave, wave]).astype(np.float32)


@pytest.mark.parametrize("hz", [160.0, 1000.0, 8000.0])
def test_a_sine_has_its_mean_square_in_its_band(hz: float) -> None:
    """Parseval: a sine of -12 dBFS peak is -15.01 dB of power; 0.3 dB is what the window spreads beyond a band 18 Hz wide."""
    band = int(np.argmin(np.abs(np.log(FINE_CENTRES_HZ / hz))))
    assert tone_db(sine(hz))[band] == pytest.approx(-15.01, abs=0.3)


def test_notes_of_the_bass_a_third_apart_are_told_apart() -> None:
    """One ERB band holds both; half the power a third of an octave away would be no tone at all."""
    at = int(np.argmin(np.abs(FINE_CENTRES_HZ - 50)))
    levels = tone_db(sine(50.0))
    assert levels[at] > levels[at + 2] + 6


def test_how_the_sound_is_cut_into_blocks_changes_nothing() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, (2, 3 * RATE_HZ)).astype(np.float32)
    assert np.array_equal(tone_db(noise), tone_db(noise, block=4801))


def test_a_sound_shorter_than_a_window_has_no_fine_tone() -> None:
    assert tone_db(np.zeros((2, 1000), np.float32)).size == 0


def test_what_either_sound_does_not_hold_is_not_compared() -> None:
    loud, low = np.zeros(FINE_CENTRES_HZ.size), np.full(FINE_CENTRES_HZ.size, -3.0)
    low[0] = -90.0
    difference = fine_difference_db(tuple(loud), tuple(low), heard_db=-60)
    assert np.isnan(difference[0])
    assert difference[1:] == pytest.approx(-3.0)


def test_each_band_ends_where_the_next_begins() -> None:
    assert np.all((FINE_EDGES_HZ[:-1] < FINE_CENTRES_HZ) & (FINE_EDGES_HZ[1:] > FINE_CENTRES_HZ))
