"""The reverb: decay, density, level, width, and no ringing."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from tests.sounds import impulse, noise
from tonmeister.audio import Audio
from tonmeister.processing.reverb import Reverb, ReverbStream, is_neutral, reverberate

RATE_HZ = 48_000
OPEN = Reverb(pre_delay_ms=0, low_cut_hz=10, high_cut_hz=22_000, early_db=-60, damping=0)


def response(settings: Reverb, *, duration_s: float | None = None) -> NDArray[np.float64]:
    """Return both channels' answer to a click on the left."""
    audio = impulse(duration_s=duration_s or max(1.0, 1.5 * settings.decay_s), channels=2)
    audio.samples[1] = 0
    return reverberate(audio, settings).samples.astype(np.float64)


def decay_s(channel: NDArray[np.float64]) -> float:
    """T30 by Schroeder's backward integration (ISO 3382): the slope from −5 to −35 dB."""
    energy = np.cumsum(channel[::-1] ** 2)[::-1]
    level_db = 10 * np.log10(energy / energy[0] + 1e-30)
    part = (level_db < -5) & (level_db > -35)
    return float(-60 / np.polyfit(np.flatnonzero(part) / RATE_HZ, level_db[part], 1)[0])


@pytest.mark.parametrize(
    ("wanted_s", "size", "modulation"),
    [(0.3, 0.1, 0.3), (0.8, 0.5, 0.0), (1.8, 0.5, 1.0), (4.0, 1.0, 0.3), (10.0, 0.7, 0.3)],
)
def test_the_decay_is_what_was_asked(wanted_s: float, size: float, modulation: float) -> None:
    """10 % is the bar of the issue."""
    settings = OPEN.model_copy(update={"decay_s": wanted_s, "size": size, "modulation": modulation})
    for channel in response(settings):
        assert decay_s(channel) == pytest.approx(wanted_s, rel=0.1)


def test_damping_shortens_the_highs_and_keeps_the_middle() -> None:
    """In octaves: 500 Hz as asked within 10 %, the bar of the issue; 8 kHz at least a fifth shorter."""
    wet = response(OPEN.model_copy(update={"decay_s": 2.0, "damping": 0.6}))
    octaves = {}
    for centre in (500, 8000):
        sos = signal.butter(3, [centre / 2**0.5, centre * 2**0.5], "bandpass", fs=RATE_HZ, output="sos")
        octaves[centre] = np.mean([decay_s(signal.sosfilt(sos, channel)) for channel in wet])
    assert octaves[500] == pytest.approx(2.0, rel=0.1)
    assert octaves[8000] < 0.8 * octaves[500]


@pytest.mark.parametrize("size", [0.2, 0.5, 1.0])
def test_the_tail_is_as_dense_as_noise(size: float) -> None:
    """Echo density of Abel and Huang 2006: the share beyond one deviation, 1 for noise, after 150 ms of the middle size."""
    tail = response(OPEN.model_copy(update={"decay_s": 3.0, "size": size}))[0]
    start, width = round((0.05 + 0.2 * size) * RATE_HZ), round(0.02 * RATE_HZ)
    shares = []
    for at in range(start, start + 20 * width, width):
        part = tail[at : at + width]
        shares.append(np.mean(np.abs(part) > np.std(part)) / 0.3173)
    assert np.mean(shares) > 0.9


def test_the_tail_does_not_ring_or_flutter() -> None:
    """Noise's autocorrelation stays under 0.15 at every lag of 5 to 200 ms over a second of tail (1/√N is 0.005)."""
    tail = response(OPEN.model_copy(update={"decay_s": 3.0}))[0][12_000:60_000]
    tail = tail * 10 ** (3 * np.arange(tail.size) / RATE_HZ / 3.0)  # without its decay
    spectrum = np.abs(np.fft.rfft(tail, 2 * tail.size)) ** 2
    correlation = np.fft.irfft(spectrum)[: tail.size]
    assert np.abs(correlation[240:9600]).max() < 0.15 * correlation[0]


def test_there_is_no_dc_in_the_tail() -> None:
    """A second-order cut of 150 Hz takes DC out altogether; what remains is rounding."""
    wet = response(Reverb())
    assert np.abs(wet.sum(axis=1)).max() < 1e-4 * np.abs(wet).sum(axis=1).max()


@pytest.mark.parametrize(
    "settings", [{"decay_s": 0.6}, {"decay_s": 1.8}, {"decay_s": 5.0}, {"size": 0.1}, {"size": 1.0}]
)
def test_the_wet_level_is_about_the_dry_level(settings: dict[str, float]) -> None:
    """So that a send level means the same for each room; 3 dB is what damping and build-up move."""
    audio = noise(duration_s=6, channels=2)
    wet = reverberate(audio, Reverb(**settings)).samples[:, -2 * RATE_HZ :]
    assert 20 * np.log10(np.std(wet) / np.std(audio.samples)) == pytest.approx(0, abs=3)


def test_the_pre_delay_and_the_early_reflections_come_first() -> None:
    wet = response(Reverb(pre_delay_ms=50, early_db=0))
    first = np.flatnonzero(np.abs(wet[0]) > 1e-4)[0]
    assert first / 48 == pytest.approx(50 + 3.1, abs=0.2)


def test_width_0_is_mono_and_width_1_is_wide() -> None:
    audio = noise(duration_s=2, channels=2)
    narrow = reverberate(audio, OPEN.model_copy(update={"width": 0.0})).samples
    assert np.array_equal(narrow[0], narrow[1])
    wide = reverberate(audio, OPEN).samples
    assert abs(np.corrcoef(wide[0, RATE_HZ:], wide[1, RATE_HZ:])[0, 1]) < 0.2


def test_mono_stays_mono() -> None:
    out = reverberate(impulse(), Reverb())
    assert out.channels == 1
    assert np.any(out.samples)


@pytest.mark.parametrize("sample_rate_hz", [8000, 192_000])
def test_it_works_at_any_rate(sample_rate_hz: int) -> None:
    audio = noise(duration_s=0.5, sample_rate_hz=sample_rate_hz, channels=2)
    out = reverberate(audio, Reverb(size=0)).samples
    assert np.all(np.isfinite(out))
    assert 0.1 < np.std(out) / np.std(audio.samples) < 3


def test_the_tail_ends_when_it_says() -> None:
    """At tail_frames the sound has fallen by 90 dB."""
    settings = Reverb(decay_s=1.0)
    stream = ReverbStream(settings, sample_rate_hz=RATE_HZ, channels=2)
    wet = response(settings, duration_s=3)
    assert np.abs(wet[:, stream.tail_frames :]).max() < np.abs(wet).max() * 10 ** (-80 / 20)


def test_after_the_tail_comes_digital_silence() -> None:
    """Nothing hums on and no denormals stay."""
    wet = response(Reverb(decay_s=0.2, size=0.2), duration_s=3)
    assert not np.any(wet[:, -RATE_HZ // 4 :])


def test_no_mix_returns_the_input_bytes() -> None:
    audio = noise(duration_s=0.1, channels=2)
    assert is_neutral(Reverb(mix=0))
    assert np.array_equal(reverberate(audio, Reverb(mix=0)).samples, audio.samples)


def test_mix_adds_the_dry_sound() -> None:
    audio = noise(duration_s=0.3, channels=2)
    wet, half = reverberate(audio, Reverb()).samples, reverberate(audio, Reverb(mix=0.5)).samples
    np.testing.assert_allclose(half, 0.5 * audio.samples + 0.5 * wet, atol=1e-7)


def test_a_stereo_click_answers_on_both_sides() -> None:
    for channel in response(OPEN):
        assert np.sum(channel**2) > 0.05
    assert Audio(response(OPEN).astype(np.float32), RATE_HZ).channels == 2
