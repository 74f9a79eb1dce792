"""The one pass over a track: the same whatever the cuts, and what it finds in planted sounds."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sounds import drums, noise, pink_noise, silence, sine
from tonmeister.analysis.loudness import measure_loudness
from tonmeister.analysis.track_meter import TrackCurves, TrackFigures, TrackMeasurement, TrackMeter, measure_track
from tonmeister.analysis.true_peak import measure_true_peak
from tonmeister.audio import Audio

RATE_HZ = 48_000


def assert_same(first: TrackMeasurement, second: TrackMeasurement) -> None:
    assert first.figures == second.figures
    for name, array in first.curves.arrays().items():
        assert np.array_equal(array, second.curves.arrays()[name]), name


def join(*parts: Audio) -> Audio:
    return Audio(np.concatenate([part.samples for part in parts], axis=1), parts[0].sample_rate_hz)


@settings(max_examples=8)
@given(
    cuts=st.lists(st.integers(1, 200_000), max_size=8),
    channels=st.sampled_from([1, 2]),
    rate_hz=st.sampled_from([44_100, 48_000]),
)
def test_blocks_never_change_a_bit(cuts: list[int], channels: int, rate_hz: int) -> None:
    """Sound, equal channels, silence, a NaN: every path, cut anywhere."""
    parts = [
        pink_noise(duration_s=1.4, channels=channels, sample_rate_hz=rate_hz, seed=1),
        silence(duration_s=1.3, channels=channels, sample_rate_hz=rate_hz),
        drums(duration_s=1.1, channels=channels, sample_rate_hz=rate_hz),
    ]
    audio = join(*parts)
    audio.samples[0, 3 * rate_hz] = np.nan
    cut = TrackMeter(rate_hz, channels)
    for part in np.split(audio.samples, sorted(min(c, audio.frames) for c in cuts), axis=1):
        cut.add(part)
    assert_same(measure_track(audio), cut.result())


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate_hz", [8000, 22_050, 44_100, 96_000])
def test_any_rate_is_measured(rate_hz: int, channels: int) -> None:
    """A −20 dB sine is a −23 dB RMS sine at every rate; 0.1 dB for the steps at its ends."""
    audio = sine(peak_db=-20, duration_s=3.2, sample_rate_hz=rate_hz, channels=channels)
    found = measure_track(audio)
    assert found.figures.levels.active_rms_dbfs == pytest.approx(-23.01, abs=0.1)
    assert found.figures.spectrum.centroid_hz == pytest.approx(997, rel=0.02)
    level = 10 * np.log10(np.sum(10 ** (found.curves.third_octave_db / 10)))
    assert level == pytest.approx(-23.01, abs=0.3)


def test_figures_are_those_of_the_single_meters() -> None:
    """One pass, the same numbers; 0.005 is the rounding."""
    audio = pink_noise(duration_s=5.3, channels=2, seed=3)
    figures = measure_track(audio).figures
    loudness, peak = measure_loudness(audio), measure_true_peak(audio)
    assert figures.loudness.integrated_lufs == pytest.approx(loudness.integrated_lufs, abs=0.0051)
    assert figures.loudness.range_lu == pytest.approx(loudness.range_lu, abs=0.0051)
    assert figures.true_peak_dbtp == pytest.approx(peak, abs=0.0051)


def test_figures_go_to_json_and_back() -> None:
    """Facts are JSON plus arrays."""
    found = measure_track(drums(duration_s=3, channels=2))
    text = found.figures.model_dump_json()
    assert TrackFigures.model_validate_json(text) == found.figures
    assert json.loads(text)["levels"]["sample_peak_dbfs"] == found.figures.levels.sample_peak_dbfs


def test_curves_go_to_arrays_and_back() -> None:
    """What numpy.savez stores comes back with its types."""
    curves = measure_track(drums(duration_s=3)).curves
    again = TrackCurves.from_arrays(curves.arrays())
    for name, array in curves.arrays().items():
        assert again.arrays()[name].dtype == array.dtype
        assert np.array_equal(again.arrays()[name], array)


def test_curves_have_the_lengths_they_state() -> None:
    """2.34 s: 23 whole tenths, 234 hundredths, five halves."""
    curves = measure_track(pink_noise(duration_s=2.34)).curves
    assert curves.energies_100ms.shape == (23,)
    assert curves.rms_10ms.shape == curves.peak_10ms.shape == curves.onset_10ms.shape == (234,)
    assert curves.erb_power.shape == (5, 40)
    assert curves.third_octave_db.shape == (31,)
    assert curves.flux.shape == (int(2.34 * RATE_HZ) // 2048 + 1,)


@pytest.mark.parametrize("duration_s", [0.0, 0.00002, 0.005, 0.05, 0.3])
@pytest.mark.parametrize("channels", [1, 2])
def test_tracks_that_are_nearly_nothing_are_measured(duration_s: float, channels: int) -> None:
    """An empty file or a click is no error; there is only little to say."""
    found = measure_track(noise(duration_s=1, channels=channels).excerpt(0, round(duration_s * RATE_HZ)))
    assert found.figures.loudness.integrated_lufs is None
    assert found.figures.frames == round(duration_s * RATE_HZ)
    assert (found.figures.levels.sample_peak_dbfs is None) == (duration_s == 0.0)


def test_a_silent_track_says_so_and_nothing_else() -> None:
    """Silence has no levels, no spectrum, one fault."""
    figures = measure_track(silence(duration_s=4, channels=2)).figures
    assert figures.loudness.integrated_lufs is None
    assert figures.levels.active_share == 0
    assert figures.spectrum.centroid_hz is None
    assert [fault.kind for fault in figures.faults] == ["silence"]


def test_samples_that_are_no_numbers_are_counted_and_taken_as_silence() -> None:
    """NaN and infinity of any sign, in any channel."""
    audio = pink_noise(duration_s=2.5, channels=2, seed=4)
    clean = Audio(audio.samples.copy(), RATE_HZ)
    for place, value in ((100, np.nan), (60_000, np.inf), (119_000, -np.inf)):
        audio.samples[1, place], clean.samples[1, place] = value, 0
    found, expected = measure_track(audio), measure_track(clean)
    first, *others = found.figures.faults
    assert (first.kind, first.count) == ("not_finite", 3)
    assert found.figures.model_copy(update={"faults": tuple(others)}) == expected.figures


def test_the_input_is_left_alone() -> None:
    """Meters read only."""
    audio = pink_noise(duration_s=1.5, channels=2, seed=5)
    before = audio.samples.copy()
    audio.samples.flags.writeable = False
    measure_track(audio)
    assert np.array_equal(audio.samples, before)
