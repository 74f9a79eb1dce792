"""The saturator against its definition, its aliasing, and what every stream must hold."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import signal

from tests.sounds import noise, silence, sine
from tonmeister.audio import Audio
from tonmeister.processing.saturator import LATENCY_FRAMES, Saturator, SaturatorStream, is_neutral, saturate

Floats = NDArray[np.float64]
BIAS = 0.35


def soft_clip(x: Floats) -> Floats:
    u = np.clip((np.abs(x) - 0.5) / 0.5, 0, 1.5)
    return np.asarray(np.sign(x) * (np.minimum(np.abs(x), 0.5) + 0.5 * (u - 4 / 27 * u**3)))


CURVES: dict[str, Callable[[Floats], Floats]] = {
    "tanh": np.tanh,
    "tape": lambda x: x / np.sqrt(1 + x * x),
    "tube": lambda x: (np.tanh(x + BIAS) - np.tanh(BIAS)) / (1 - np.tanh(BIAS) ** 2),
    "soft_clip": soft_clip,
    "hard_clip": lambda x: np.clip(x, -1, 1),
}


def reference(sound: Floats, settings: Saturator) -> Floats:
    """Up, curve, down, by scipy in float64; as late as the stream."""
    n = np.arange(-2 * LATENCY_FRAMES, 2 * LATENCY_FRAMES + 1)
    taps = np.sinc(n / 4) * np.kaiser(len(n), 10.06)
    into = 10 ** ((settings.drive_db - settings.ceiling_db) / 20)
    fast = CURVES[settings.shape](into * signal.upfirdn(taps, sound, up=4)) / into
    wet = signal.upfirdn(taps / 4, fast, down=4)
    if settings.shape == "tube":
        wet = signal.lfilter([1, -1], [1, -(1 - 2 * np.pi * 5 / 48_000)], wet)
    wet = wet[LATENCY_FRAMES : LATENCY_FRAMES + len(sound)]
    return np.asarray((1 - settings.mix) * sound + settings.mix * 10 ** (settings.output_db / 20) * wet)


@pytest.mark.parametrize("shape", list(CURVES))
@pytest.mark.parametrize("mix", [1.0, 0.4])
def test_it_is_the_curve_at_four_times_the_rate(shape: str, mix: float) -> None:
    """-115 dB: filters of 52 taps in float32, twice."""
    audio = noise(duration_s=0.2, channels=2)
    settings = Saturator.model_validate({"shape": shape, "drive_db": 9, "ceiling_db": -10, "output_db": 3, "mix": mix})
    got = saturate(audio, settings).samples
    wanted = np.stack([reference(channel, settings) for channel in audio.samples.astype(np.float64)])
    assert 20 * np.log10(np.std(got - wanted) / np.std(wanted)) < -115


def aliases_db(out: Floats, frequency_bin: int) -> float:
    """Largest spectral line below 16 kHz that is no harmonic, against the fundamental."""
    spectrum = np.abs(np.fft.rfft(out * signal.windows.blackmanharris(len(out))))
    harmonic = np.abs((np.arange(len(spectrum)) + frequency_bin / 2) % frequency_bin - frequency_bin / 2) < 6
    audible = np.arange(len(spectrum)) < len(out) / 3
    return float(20 * np.log10(spectrum[~harmonic & audible].max() / spectrum[frequency_bin]))


@pytest.mark.parametrize(("shape", "limit_db"), [("tanh", -90), ("tape", -90), ("tube", -90), ("soft_clip", -80), ("hard_clip", -60)])  # fmt: skip
def test_oversampling_keeps_aliases_down(shape: str, limit_db: float) -> None:
    """A 3 kHz sine driven by 12 dB. At the plain rate all curves alias above -55 dB; a corner falls off slowly even at 4 x."""
    frames, line = 48_000, 3001  # a prime number of periods: no alias falls on a harmonic
    audio = sine(frequency_hz=line, peak_db=-3, duration_s=3.0)
    into = 10 ** (12 / 20)
    plain = CURVES[shape](into * audio.samples[0].astype(np.float64)) / into
    settings = Saturator.model_validate({"shape": shape, "drive_db": 12})
    got = saturate(audio, settings).samples[0].astype(np.float64)
    assert aliases_db(got[-frames - 4800 : -4800], line) < limit_db
    assert aliases_db(plain[-frames - 4800 : -4800], line) > limit_db + 20


def test_quiet_sound_keeps_level_and_place() -> None:
    """At -60 dB tanh bends by 1e-6; below 18 kHz the filters are flat to their 100 dB, so -95 dB is left."""
    audio = sine(frequency_hz=1000, peak_db=-60, duration_s=0.2)
    got = saturate(audio, Saturator(drive_db=0)).samples
    inner = slice(200, -200)
    difference = got[0, inner] - audio.samples[0, inner]
    assert 20 * np.log10(np.max(np.abs(difference)) / 1e-3) < -95


def test_the_hard_clip_holds_its_ceiling_but_for_the_band_limit() -> None:
    """Gibbs: a band-limited corner overshoots by at most 9 % (0.75 dB); 15 dB come off."""
    audio = sine(frequency_hz=997, peak_db=0, duration_s=0.5)
    got = saturate(audio, Saturator(shape="hard_clip", drive_db=12, ceiling_db=-3)).samples
    assert np.max(np.abs(got[:, 1000:-1000])) < 10 ** (-14.25 / 20)


@given(cuts=st.lists(st.integers(0, 5000), max_size=6), shape=st.sampled_from(list(CURVES)))
@hypothesis_settings(max_examples=40)
def test_cuts_never_change_a_byte(cuts: list[int], shape: str) -> None:
    sound = noise(duration_s=5000 / 48_000, channels=2, rms_db=-10).samples
    settings = Saturator.model_validate({"shape": shape, "mix": 0.7})
    whole = SaturatorStream(settings, sample_rate_hz=48_000, channels=2).process(sound)
    stream = SaturatorStream(settings, sample_rate_hz=48_000, channels=2)
    pieces = [stream.process(np.ascontiguousarray(piece)) for piece in np.split(sound, sorted(cuts), axis=1)]
    assert np.array_equal(np.hstack(pieces), whole)


def test_no_mix_returns_the_same_bytes_without_latency() -> None:
    audio, settings = noise(duration_s=0.1), Saturator(mix=0)
    assert is_neutral(settings)
    assert not is_neutral(Saturator())
    assert SaturatorStream(settings, sample_rate_hz=48_000, channels=1).latency_frames == 0
    assert saturate(audio, settings).samples.tobytes() == audio.samples.tobytes()


@pytest.mark.parametrize("shape", list(CURVES))
def test_silence_stays_silent_and_offsets_fade(shape: str) -> None:
    settings = Saturator.model_validate({"shape": shape, "drive_db": 20})
    assert not saturate(silence(channels=2), settings).samples.any()
    tone = sine(peak_db=0, duration_s=1.0).samples
    out = saturate(Audio(tone, 48_000), settings).samples
    assert abs(np.mean(out[0, 24_000:].astype(np.float64))) < 1e-3
