"""The equaliser against scipy, and what every stream must hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy import signal

from tests.sounds import noise, silence
from tonmeister.audio import Audio
from tonmeister.processing.band import Band
from tonmeister.processing.biquads import BiquadStream
from tonmeister.processing.equaliser import Equaliser, EqualiserStream, equalise, is_neutral
from tonmeister.processing.filter_design import design_sections

BANDS = (
    Band(shape="high_pass", frequency_hz=40, slope_db_per_octave=24),
    Band(frequency_hz=250, q=1.2, gain_db=-3),
    Band(frequency_hz=900, q=1.5, gain_db=-2),
    Band(frequency_hz=3200, q=1, gain_db=2.5),
    Band(shape="notch", frequency_hz=6500, q=8),
    Band(shape="high_shelf", frequency_hz=10_000, gain_db=2),
    Band(shape="low_pass", frequency_hz=18_000),
    Band(shape="low_shelf", frequency_hz=120, gain_db=3),
)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("count", range(1, 9))
def test_it_filters_as_scipy_does_in_float64(channels: int, count: int) -> None:
    """-140 dB is the bar of the issue; rounding the output to float32 alone is about -150 dB."""
    audio = noise(duration_s=0.2, channels=channels)
    got = equalise(audio, Equaliser(bands=BANDS[:count])).samples
    sections = design_sections(BANDS[:count], 48_000)
    sos = np.insert(sections, 3, 1.0, axis=1)
    wanted = signal.sosfilt(sos, audio.samples.astype(np.float64), axis=1)
    assert 20 * np.log10(np.std(got - wanted) / np.std(wanted)) < -140


@given(cuts=st.lists(st.integers(0, 6000), max_size=6), channels=st.sampled_from([1, 2]), count=st.integers(1, 8))
@hypothesis_settings(max_examples=40)
def test_cuts_never_change_a_byte(cuts: list[int], channels: int, count: int) -> None:
    audio = noise(duration_s=0.125, channels=channels)
    whole = equalise(audio, Equaliser(bands=BANDS[:count])).samples
    stream = EqualiserStream(Equaliser(bands=BANDS[:count]), sample_rate_hz=48_000, channels=channels)
    pieces = np.split(audio.samples, sorted(cuts), axis=1)
    assert np.array_equal(np.hstack([stream.process(np.ascontiguousarray(piece)) for piece in pieces]), whole)


def test_neutral_settings_return_the_same_bytes() -> None:
    audio = noise(duration_s=0.1, channels=2)
    settings = Equaliser(bands=(Band(frequency_hz=100), Band(shape="low_shelf", frequency_hz=100)))
    assert is_neutral(settings)
    assert not is_neutral(Equaliser(bands=BANDS[:1]))
    assert equalise(audio, settings).samples.tobytes() == audio.samples.tobytes()


def test_silence_stays_silent_and_the_input_is_untouched() -> None:
    assert not equalise(silence(channels=2), Equaliser(bands=BANDS)).samples.any()
    audio = noise(duration_s=0.1)
    before = audio.samples.copy()
    equalise(audio, Equaliser(bands=BANDS))
    assert np.array_equal(audio.samples, before)


def test_state_that_has_faded_below_minus_400_db_becomes_zero() -> None:
    """Denormal state would make long silences slow."""
    stream = EqualiserStream(Equaliser(bands=BANDS), sample_rate_hz=48_000, channels=1)
    stream.process(np.ones((1, 1000), np.float32))
    for _ in range(30):
        last = stream.process(np.zeros((1, 48_000), np.float32))
    assert isinstance(stream._filter, BiquadStream)
    assert not stream._filter._state.any()
    assert not last.any()


def test_the_tail_ends_within_what_was_declared() -> None:
    """-100 dB of a full-scale impulse is the definition of decay_frames; poles of two sections add up to 20 dB."""
    stream = EqualiserStream(Equaliser(bands=BANDS), sample_rate_hz=48_000, channels=1)
    sound = np.zeros((1, stream.tail_frames * 2), np.float32)
    sound[0, 0] = 1
    out = equalise(Audio(sound, 48_000), Equaliser(bands=BANDS)).samples
    assert np.max(np.abs(out[0, stream.tail_frames :])) < 1e-4
