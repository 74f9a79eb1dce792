"""Dither: its statistics, and that no block changes a byte."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.sounds import noise, silence, sine
from tonmeister.processing.dither import Dither, dither, is_neutral, quantise_block

RATE_HZ = 48_000


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("offset", [0.0, 0.25, 0.5])
def test_mean_and_power_of_the_error_do_not_depend_on_the_sound(bits: int, offset: float) -> None:
    """TPDF of 2 LSB: mean 0, variance 1/4 LSB² (Lipshitz et al. 1992); 200,000 draws give 0.0011 and 0.0008 by chance."""
    level = np.float32((1000 + offset) * 0.5 ** (bits - 1))
    error = quantise_block(np.full((1, 200_000), level, np.float32), bits, 0, 3) - (1000 + offset)
    assert np.mean(error) == pytest.approx(0, abs=0.005)
    assert np.var(error) == pytest.approx(0.25, abs=0.005)


def test_the_noise_is_triangular() -> None:
    """Silence becomes −1, 0, +1 LSB with 1/8, 3/4, 1/8; four deviations of 200,000 draws are 0.004."""
    whole = quantise_block(silence(duration_s=200_000 / RATE_HZ).samples, 16, 0, 0)
    shares = [np.mean(whole == k) for k in (-1, 0, 1)]
    assert shares == pytest.approx([0.125, 0.75, 0.125], abs=0.004)
    assert np.abs(whole).max() == 1


def test_a_tone_below_one_step_has_no_harmonics() -> None:
    """Without dither a tone of half a step is a square: −10 dB at its third harmonic. With it only noise is left."""
    tone = sine(frequency_hz=1000, peak_db=-96.3, duration_s=10)
    spectrum = np.abs(np.fft.rfft(quantise_block(tone.samples, 16, 0, 1)[0]))
    assert spectrum[10_000] == pytest.approx(0.5 * RATE_HZ * 10 / 2, rel=0.05)
    floor = np.sqrt(np.mean(spectrum[20_000:60_000] ** 2))
    for harmonic in (2, 3, 5, 7):
        assert spectrum[harmonic * 10_000] < 4 * floor


def test_the_noise_is_white_and_different_in_each_channel() -> None:
    """Correlations of 480,000 draws are under 0.006 (four deviations)."""
    error = quantise_block(silence(duration_s=10, channels=2).samples, 16, 0, 9).astype(np.float64)
    assert abs(np.corrcoef(error[0], error[1])[0, 1]) < 0.006
    for lag in (1, 2, 7, 64):
        assert abs(np.mean(error[0, lag:] * error[0, :-lag])) / np.var(error[0]) < 0.006


@given(
    cut=st.integers(0, 4000),
    start=st.integers(0, 2**40),
    bits=st.sampled_from([16, 24]),
    seed=st.integers(0, 2**32 - 1),
)
@hypothesis_settings(max_examples=20)
def test_cutting_changes_no_byte(cut: int, start: int, bits: int, seed: int) -> None:
    block = noise(duration_s=4000 / RATE_HZ, channels=2).samples
    whole = quantise_block(block, bits, start, seed)
    parts = quantise_block(block[:, :cut], bits, start, seed), quantise_block(block[:, cut:], bits, start + cut, seed)
    assert np.array_equal(whole, np.concatenate(parts, axis=1))


def test_the_seed_picks_the_noise() -> None:
    block = silence(duration_s=0.1).samples
    assert np.array_equal(quantise_block(block, 16, 0, 5), quantise_block(block, 16, 0, 5))
    assert not np.array_equal(quantise_block(block, 16, 0, 5), quantise_block(block, 16, 0, 6))


def test_beyond_full_scale_it_clips() -> None:
    loud = np.array([[2.0, -2.0]], np.float32)
    assert quantise_block(loud, 24, 0, 0).tolist() == [[8_388_607, -8_388_608]]
    assert quantise_block(loud, 16, 0, 0).tolist() == [[32_767, -32_768]]


def test_the_stream_gives_what_the_file_would_hold() -> None:
    audio = noise(duration_s=0.2, channels=2)
    out = dither(audio, Dither(bits=16, seed=2)).samples
    assert np.array_equal(np.round(out * 32_768).astype(np.int32), quantise_block(audio.samples, 16, 0, 2))
    assert np.abs(out - audio.samples).max() <= 1.5 / 32_768
    assert not is_neutral(Dither())
