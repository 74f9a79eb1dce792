"""Spectra of sounds whose spectrum is known."""

import numpy as np
import pytest

from tests.sounds import noise, pink_noise, silence, sine
from tonmeister.analysis.bands import (
    ERB_CENTRES_HZ,
    ERB_EDGES_HZ,
    THIRD_OCTAVE_CENTRES_HZ,
    from_cam,
    share_bins,
    sum_bins,
    to_cam,
)
from tonmeister.analysis.chunks import look_at
from tonmeister.analysis.spectrum import SpectrumMeter
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio

RATE_HZ = 48_000


@pytest.mark.parametrize("frequency_hz", [200, 400, 1000, 5000, 12_500])
def test_a_sine_is_loud_in_its_third_octave_only(frequency_hz: float) -> None:
    """0.2 dB for the window's skirts beside the band, 46 Hz wide; neighbours but one are 40 dB down."""
    levels = measure_track(sine(frequency_hz=frequency_hz, peak_db=-17, duration_s=4)).curves.third_octave_db
    band = int(np.argmin(np.abs(np.log(THIRD_OCTAVE_CENTRES_HZ / frequency_hz))))
    assert int(np.argmax(levels)) == band
    assert levels[band] == pytest.approx(-20.01, abs=0.2)
    if frequency_hz >= 400:
        assert max(levels[: band - 1].max(), levels[band + 2 :].max(initial=-120)) < levels[band] - 40


def test_pink_noise_is_flat_in_third_octaves_and_falls_by_3_db_per_octave() -> None:
    """0.7 dB is three times the spread of 20 s of noise in the narrowest band from 100 Hz."""
    found = measure_track(pink_noise(duration_s=20, seed=1))
    levels = found.curves.third_octave_db[(THIRD_OCTAVE_CENTRES_HZ > 90) & (THIRD_OCTAVE_CENTRES_HZ < 17_000)]
    np.testing.assert_allclose(levels, levels.mean(), atol=0.7)
    assert found.figures.spectrum.slope_db_per_octave == pytest.approx(-3.01, abs=0.1)


def test_white_noise_is_flat_and_centred_at_a_quarter_of_the_rate() -> None:
    """2 % and 0.2 dB per octave: the spread of 5 s of noise."""
    spectrum = measure_track(noise(duration_s=5, seed=2)).figures.spectrum
    assert spectrum.centroid_hz == pytest.approx(12_000, rel=0.02)
    assert spectrum.slope_db_per_octave == pytest.approx(0, abs=0.2)
    assert spectrum.flatness_db == pytest.approx(0, abs=0.1)
    assert spectrum.low_edge_hz == pytest.approx(240, abs=25)


def test_only_the_active_part_sets_the_level() -> None:
    """Two seconds of noise in twenty of silence: the same third octaves as without; 0.5 dB for the cut edges."""
    sound = pink_noise(duration_s=2, seed=3)
    padded = np.concatenate([sound.samples, silence(duration_s=18).samples], axis=1)
    alone, long = (measure_track(audio).curves.third_octave_db for audio in (sound, Audio(padded, RATE_HZ)))
    np.testing.assert_allclose(long[8:], alone[8:], atol=0.5)


@pytest.mark.parametrize("kind", ["mono", "equal", "opposite", "left"])
def test_the_power_of_both_channels_counts_whatever_their_polarity(kind: str) -> None:
    """Half the sum of the channel powers. Side is measured in 47 frames: 0.5 dB per narrow band, here 2.5 times that."""
    one = pink_noise(duration_s=8, seed=4).samples[0]
    other = {"mono": one, "equal": one, "opposite": -one, "left": 0 * one}[kind]
    audio = Audio(one[None].copy() if kind == "mono" else np.stack([one, other]), RATE_HZ)
    power = measure_track(audio).curves.erb_power.mean(axis=0)
    expected = measure_track(Audio(one[None].copy(), RATE_HZ)).curves.erb_power.mean(axis=0)
    gain = 0.5 if kind == "left" else 1.0
    np.testing.assert_allclose(10 * np.log10(power[2:] / expected[2:] / gain), 0, atol=1.3)
    assert 10 * np.log10(power.sum() / expected.sum() / gain) == pytest.approx(0, abs=0.15)


def test_band_powers_over_time_follow_the_sound() -> None:
    """A sine in the third and fourth half second only; 20 dB for the frames that overlap."""
    wave = sine(duration_s=1.0, peak_db=-10).samples
    gap = np.zeros((1, RATE_HZ), np.float32)
    power = measure_track(Audio(np.concatenate([gap, wave, gap], axis=1), RATE_HZ)).curves.erb_power.sum(axis=1)
    level = 10 * np.log10(power + 1e-12)
    np.testing.assert_allclose(level[2:4], -13.01, atol=0.6)
    assert max(level[0], level[5]) < -100


def test_the_flux_peaks_where_a_sound_begins() -> None:
    """Frame k is centred on k half windows: the first frame that is centred inside."""
    wave = np.concatenate([silence(duration_s=1).samples, noise(duration_s=1, seed=5).samples], axis=1)
    flux = measure_track(Audio(wave, RATE_HZ)).curves.flux
    assert abs(int(np.argmax(flux)) * 2048 / RATE_HZ - 1.0) <= 2048 / RATE_HZ


def test_the_meter_agrees_with_a_plain_transform() -> None:
    """numpy.fft in float64 over all frames; 1e-4 is float32."""
    audio = pink_noise(duration_s=1.0, seed=6)
    meter = SpectrumMeter(RATE_HZ, 1)
    meter.take(look_at(audio.samples))
    curves = meter.result()
    padded = np.pad(audio.samples[0].astype(np.float64), 2048)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(4096) / 4096)
    frames = np.lib.stride_tricks.sliding_window_view(padded, 4096)[::2048] * window
    power = np.square(np.abs(np.fft.rfft(frames))) * 2 / (4096 * np.square(window).sum())
    power[:, [0, -1]] /= 2
    np.testing.assert_allclose(curves.mid, power.mean(axis=0), rtol=1e-3, atol=1e-12)
    ranges = share_bins(ERB_EDGES_HZ, bin_hz=RATE_HZ / 4096, bins=2049)
    first_half = np.mean([sum_bins(row, ranges) for row in power[:12]], axis=0)
    np.testing.assert_allclose(curves.erb_power[0], first_half, rtol=1e-4)


def test_bands_share_every_bin_once() -> None:
    """Contiguous bands over all bins hold all the power."""
    power = np.random.default_rng(1).random(2049)
    edges = np.array([-5.86, 30.0, 31.0, 500.0, 7000.0, 24_010.0])
    ranges = share_bins(edges, bin_hz=RATE_HZ / 4096, bins=2049)
    assert sum_bins(power, ranges).sum() == pytest.approx(power.sum(), rel=1e-6)


def test_bands_above_half_the_rate_are_empty() -> None:
    """An 8 kHz file has nothing above 4 kHz."""
    levels = measure_track(noise(duration_s=2, sample_rate_hz=8000)).curves
    assert (levels.third_octave_db[THIRD_OCTAVE_CENTRES_HZ > 5000] == -120).all()
    assert not levels.erb_power[:, ERB_CENTRES_HZ > 4500].any()


def test_the_cam_scale_goes_both_ways() -> None:
    """1 kHz lies at 15.6 Cam (Glasberg and Moore 1990)."""
    assert to_cam(np.array([1000.0]))[0] == pytest.approx(15.6, abs=0.05)
    np.testing.assert_allclose(from_cam(to_cam(ERB_CENTRES_HZ)), ERB_CENTRES_HZ, rtol=1e-12)
