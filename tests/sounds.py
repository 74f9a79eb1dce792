"""Sounds for tests, made by code; the same arguments give the same samples."""

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Audio

RATE_HZ = 48_000
"""Sample rate of a sound that asks for none."""


def silence(*, duration_s: float = 1.0, sample_rate_hz: int = RATE_HZ, channels: int = 1) -> Audio:
    """Return digital silence."""
    return Audio(np.zeros((channels, round(duration_s * sample_rate_hz)), np.float32), sample_rate_hz)


def impulse(*, duration_s: float = 1.0, at_s: float = 0.0, sample_rate_hz: int = RATE_HZ, channels: int = 1) -> Audio:
    """Return one sample of full scale in silence."""
    audio = silence(duration_s=duration_s, sample_rate_hz=sample_rate_hz, channels=channels)
    audio.samples[:, round(at_s * sample_rate_hz)] = 1.0
    return audio


def sine(
    *,
    frequency_hz: float = 997.0,
    peak_db: float = -6.0,
    duration_s: float = 1.0,
    sample_rate_hz: int = RATE_HZ,
    channels: int = 1,
) -> Audio:
    """Return a sine of the given peak, equal in all channels; RMS is 3.01 dB below the peak."""
    time_s = np.arange(round(duration_s * sample_rate_hz)) / sample_rate_hz
    wave = np.sin(2 * np.pi * frequency_hz * time_s) * 10 ** (peak_db / 20)
    return _same_in_all(wave, sample_rate_hz, channels)


def noise(
    *,
    rms_db: float = -20.0,
    duration_s: float = 1.0,
    sample_rate_hz: int = RATE_HZ,
    channels: int = 1,
    seed: int = 0,
) -> Audio:
    """Return white noise (normal distribution) of the given RMS, independent in each channel."""
    generator = np.random.default_rng(seed)
    return _at_rms(generator.standard_normal((channels, round(duration_s * sample_rate_hz))), rms_db, sample_rate_hz)


def pink_noise(
    *,
    rms_db: float = -20.0,
    duration_s: float = 1.0,
    sample_rate_hz: int = RATE_HZ,
    channels: int = 1,
    seed: int = 0,
) -> Audio:
    """Return noise of equal power in every octave (−3 dB per octave above 10 Hz), independent in each channel."""
    frames = round(duration_s * sample_rate_hz)
    white = np.random.default_rng(seed).standard_normal((channels, frames))
    slope = 1 / np.sqrt(np.maximum(np.fft.rfftfreq(frames, 1 / sample_rate_hz), 10.0))
    return _at_rms(np.fft.irfft(np.fft.rfft(white) * slope, frames), rms_db, sample_rate_hz)


def drums(
    *,
    beats_per_minute: float = 120.0,
    peak_db: float = -3.0,
    duration_s: float = 4.0,
    sample_rate_hz: int = RATE_HZ,
    channels: int = 1,
    seed: int = 0,
) -> Audio:
    """Return a beat: a falling 60 Hz thump on each beat, a burst of noise on every second, −40 dB after 0.2 s."""
    frames = round(duration_s * sample_rate_hz)
    time_s = np.arange(round(0.4 * sample_rate_hz)) / sample_rate_hz
    decay = 10 ** (-2 * time_s / 0.2)
    kick = np.sin(2 * np.pi * 60 * time_s + 4 * np.exp(-time_s / 0.02)) * decay
    snare = np.random.default_rng(seed).standard_normal(time_s.size) * 0.25 * decay
    wave = np.zeros(frames + time_s.size)
    for beat, start_s in enumerate(np.arange(0, duration_s, 60 / beats_per_minute)):
        start = round(start_s * sample_rate_hz)
        wave[start : start + time_s.size] += kick + (snare if beat % 2 else 0)
    wave = wave[:frames] / np.max(np.abs(wave[:frames])) * 10 ** (peak_db / 20)
    return _same_in_all(wave, sample_rate_hz, channels)


def _same_in_all(wave: NDArray[np.float64], sample_rate_hz: int, channels: int) -> Audio:
    return Audio(np.ascontiguousarray(np.tile(wave.astype(np.float32), (channels, 1))), sample_rate_hz)


def _at_rms(waves: NDArray[np.float64], rms_db: float, sample_rate_hz: int) -> Audio:
    rms = np.sqrt(np.mean(np.square(waves), axis=1, keepdims=True))
    return Audio((waves / rms * 10 ** (rms_db / 20)).astype(np.float32), sample_rate_hz)
