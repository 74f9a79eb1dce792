"""Resampling: length, independence of blocks, and what a resampler may do to a sine."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sounds import noise, sine
from tonmeister.audio import Samples
from tonmeister.files.resample import regroup, resample, resample_blocks, resampled_frames

RATES_HZ = [8_000, 22_050, 24_000, 44_100, 48_000, 88_200, 96_000]


def _cut(samples: Samples, sizes: list[int]) -> list[Samples]:
    edges = np.cumsum([0, *sizes])
    parts = [samples[:, start:end] for start, end in itertools.pairwise(edges)]
    return [*parts, samples[:, edges[-1] :]]


@settings(max_examples=25)
@given(
    st.sampled_from(RATES_HZ),
    st.sampled_from(RATES_HZ),
    st.integers(0, 150_000),
    st.lists(st.integers(0, 90_000), max_size=5),
)
def test_length_is_exact_and_blocks_change_no_bit(from_hz: int, to_hz: int, frames: int, sizes: list[int]) -> None:
    samples = np.random.default_rng(0).standard_normal((2, frames)).astype(np.float32)
    whole = list(resample_blocks([samples], channels=2, from_hz=from_hz, to_hz=to_hz))
    cut = list(resample_blocks(_cut(samples, sizes), channels=2, from_hz=from_hz, to_hz=to_hz))
    joined = np.concatenate(whole, axis=1)
    assert joined.shape == (2, resampled_frames(frames, from_hz=from_hz, to_hz=to_hz))
    assert np.concatenate(cut, axis=1).tobytes() == joined.tobytes()


@pytest.mark.parametrize(
    ("frames", "from_hz", "to_hz", "expected"), [(441, 44100, 48000, 480), (1, 96000, 48000, 1), (1, 96000, 8000, 0)]
)
def test_frames_are_rounded_half_up(frames: int, from_hz: int, to_hz: int, expected: int) -> None:
    assert resampled_frames(frames, from_hz=from_hz, to_hz=to_hz) == expected


@pytest.mark.parametrize(("from_hz", "to_hz"), [(44_100, 48_000), (96_000, 44_100), (8_000, 96_000)])
def test_a_sine_stays_that_sine_in_its_place(from_hz: int, to_hz: int) -> None:
    """The filter HQ of soxr promises 20 bits (-120 dB); the ends, where the filter hangs over, are left out."""
    before = sine(frequency_hz=997, peak_db=0, sample_rate_hz=from_hz)
    after = resample(before, to_hz=to_hz)
    expected = sine(frequency_hz=997, peak_db=0, sample_rate_hz=to_hz)
    inside = slice(to_hz // 10, -to_hz // 10)
    error = after.samples[0, inside] - expected.samples[0, inside]
    assert 20 * np.log10(np.abs(error).max()) < -110


def test_the_same_rate_is_the_same_audio() -> None:
    audio = noise(duration_s=0.1)
    assert resample(audio, to_hz=audio.sample_rate_hz) is audio


@given(st.lists(st.integers(0, 40), max_size=8), st.integers(1, 17))
def test_regrouping_changes_nothing_but_the_cuts(sizes: list[int], block_frames: int) -> None:
    samples = np.arange(2 * (sum(sizes) + 3), dtype=np.float32).reshape(2, -1)
    blocks = list(regroup(_cut(samples, sizes), block_frames))
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), samples)
    assert all(block.shape[1] == block_frames and block.flags.c_contiguous for block in blocks[:-1])
