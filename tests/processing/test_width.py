"""Stereo width against its definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from tests.sounds import noise, silence
from tonmeister.processing.band import Band
from tonmeister.processing.filter_design import design_sections
from tonmeister.processing.width import Width, WidthStream, is_neutral, widen


@pytest.mark.parametrize("width", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("mono_below_hz", [None, 150.0])
def test_it_scales_the_side_and_leaves_the_mid(width: float, mono_below_hz: float | None) -> None:
    """Four float32 roundings of sums below 1: 2.4e-7."""
    audio = noise(duration_s=0.3, channels=2)
    left, right = audio.samples.astype(np.float64)
    mid, side = (left + right) / 2, (left - right) / 2
    if mono_below_hz is not None:
        sections = design_sections((Band(shape="high_pass", frequency_hz=mono_below_hz),), 48_000)
        side = signal.sosfilt(np.insert(sections, 3, 1.0, axis=1), side)
    got = widen(audio, Width(width=width, mono_below_hz=mono_below_hz)).samples
    assert np.max(np.abs(got - np.stack([mid + width * side, mid - width * side]))) < 2.4e-7


@given(cuts=st.lists(st.integers(0, 5000), max_size=5), mono_below_hz=st.sampled_from([None, 100.0]))
def test_cuts_never_change_a_byte(cuts: list[int], mono_below_hz: float | None) -> None:
    audio = noise(duration_s=0.1, channels=2)
    settings = Width(width=1.3, mono_below_hz=mono_below_hz)
    stream = WidthStream(settings, sample_rate_hz=48_000, channels=2)
    pieces = [stream.process(np.ascontiguousarray(piece)) for piece in np.split(audio.samples, sorted(cuts), axis=1)]
    assert np.array_equal(np.hstack(pieces), widen(audio, settings).samples)


def test_width_1_and_mono_sound_return_the_same_bytes() -> None:
    stereo, mono = noise(duration_s=0.1, channels=2), noise(duration_s=0.1)
    assert is_neutral(Width())
    assert not is_neutral(Width(mono_below_hz=100))
    assert widen(stereo, Width()).samples.tobytes() == stereo.samples.tobytes()
    assert widen(mono, Width(width=2, mono_below_hz=100)).samples.tobytes() == mono.samples.tobytes()


def test_silence_stays_silent() -> None:
    assert not widen(silence(channels=2), Width(width=2, mono_below_hz=100)).samples.any()
