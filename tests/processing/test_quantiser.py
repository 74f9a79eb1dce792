"""Dither for files: blanked in silence, shaped to the ear, the same bytes whatever the blocks."""

from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.sounds import sine
from tonmeister.audio import Samples
from tonmeister.knowledge.hearing import threshold_db
from tonmeister.processing.dither import quantise_block
from tonmeister.processing.quantiser import SILENT_FRAMES, DitherKind, Quantiser, shaping_taps

KINDS: tuple[DitherKind, ...] = ("tpdf", "shaped", "none")
RATE_HZ = 44_100


def quantised(samples: Samples, kind: DitherKind, cuts: list[int], bits: Literal[16, 24] = 16) -> NDArray[np.int32]:
    quantiser = Quantiser(bits=bits, kind=kind, sample_rate_hz=RATE_HZ, channels=len(samples))
    parts = [quantiser.take(np.ascontiguousarray(part)) for part in np.split(samples, cuts, axis=1)]
    return np.concatenate([*parts, quantiser.finish()], axis=1)


def with_pauses() -> Samples:
    samples = sine(duration_s=0.2, peak_db=-60, sample_rate_hz=RATE_HZ, channels=2).samples + np.float32(1e-5)
    samples[:, :300] = 0
    samples[:, 2000:3000] = 0
    samples[:, 5000 : 5000 + SILENT_FRAMES - 1] = 0
    samples[:, -20:] = 0
    return samples


@pytest.mark.parametrize("kind", KINDS)
def test_digital_silence_stays_silent_at_the_start_in_a_pause_and_at_the_end(kind: DitherKind) -> None:
    whole = quantised(with_pauses(), kind, [])
    for part in (whole[:, :300], whole[:, 2000:3000], whole[:, -20:]):
        assert not part.any()


def test_a_moment_of_zeros_within_the_sound_is_dithered_as_all_of_it() -> None:
    whole = quantised(with_pauses(), "tpdf", [])
    assert whole[:, 5000 : 5000 + SILENT_FRAMES - 1].any()


@given(st.lists(st.integers(0, 8820), max_size=6), st.sampled_from(KINDS))
def test_cutting_into_blocks_changes_no_byte(cuts: list[int], kind: DitherKind) -> None:
    assert np.array_equal(quantised(with_pauses(), kind, sorted(cuts)), quantised(with_pauses(), kind, []))


def test_without_silence_plain_dither_is_that_of_the_master() -> None:
    samples = sine(duration_s=0.1, sample_rate_hz=RATE_HZ).samples + np.float32(1e-5)
    assert np.array_equal(quantised(samples, "tpdf", [], 24), quantise_block(samples, 24, 0, 0))


def test_shaped_noise_is_softer_to_the_ear_than_plain_dither_although_there_is_more_of_it() -> None:
    """Gerzon and Craven 1989; weighted by the threshold of hearing of ISO 226. Measured 10.6 dB; half of that is asked for."""
    tone = sine(duration_s=4, sample_rate_hz=RATE_HZ, peak_db=-12).samples + np.float32(1e-5)
    frequency = np.fft.rfftfreq(tone.shape[1], 1 / RATE_HZ)
    weight = 10 ** (-threshold_db(np.maximum(frequency, 20.0)) / 10)
    heard, power = {}, {}
    for kind in ("tpdf", "shaped"):
        error = quantised(tone, kind, [])[0] / 32_768 - tone[0].astype(np.float64)
        spectrum = np.abs(np.fft.rfft(error * np.hanning(error.size))) ** 2
        heard[kind], power[kind] = 10 * np.log10((spectrum * weight).sum()), np.square(error).mean()
    assert heard["tpdf"] - heard["shaped"] > 5
    assert power["shaped"] > power["tpdf"]


@pytest.mark.parametrize("rate_hz", [32_000, 44_100, 48_000, 88_200, 96_000, 192_000])
def test_the_shaping_filter_has_its_zeros_inside_the_circle_at_every_rate(rate_hz: int) -> None:
    """Else the error would grow without bound; a whitening filter by linear prediction is minimum-phase."""
    assert np.abs(np.roots(np.r_[1.0, -shaping_taps(rate_hz)])).max() < 1


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_over_full_scale_is_held_there_and_the_shaper_recovers(kind: DitherKind) -> None:
    samples = np.full((1, 4000), 1.5, np.float32)
    samples[:, 2000:] = 0.25
    whole = quantised(samples, kind, [])
    assert whole[0, :2000].min() >= 32_760
    assert whole[0, :2000].max() == 32_767
    assert abs(whole[0, 2100:].mean() - 8192) < 1
