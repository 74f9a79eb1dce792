"""The rulers, against known answers."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.measures import (
    RunningLoudness,
    crest_db,
    ffmpeg_meter,
    gated_lufs,
    intermodulation_db,
    loudness_range_lu,
    true_peak_db,
)
from bench.sound import write

RATE = 48000


def sine(frequency_hz: float, *, seconds: float, level_db: float = 0.0, phase: float = 0.0) -> NDArray[np.float32]:
    time = np.arange(round(seconds * RATE)) / RATE
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * frequency_hz * time + phase)
    return wave.astype(np.float32)[None, :]


@pytest.mark.parametrize("rate", [44100, 48000, 96000])
def test_a_full_scale_997_hz_sine_in_one_channel_measures_minus_3_01_lufs(rate: int) -> None:
    """ITU-R BS.1770 calibration point, at any rate; 0.01 LU is its rounding."""
    time = np.arange(rate * 3) / rate
    assert gated_lufs(np.sin(2 * np.pi * 997 * time).astype(np.float32)[None, :], rate) == pytest.approx(
        -3.01, abs=0.01
    )


def test_silence_has_no_loudness_and_quiet_parts_are_gated() -> None:
    loud = sine(1000, seconds=10, level_db=-20)
    assert gated_lufs(np.zeros((2, RATE), np.float32), RATE) is None
    both = np.concatenate([loud, sine(1000, seconds=10, level_db=-60)], axis=1)
    assert gated_lufs(both, RATE) == pytest.approx(gated_lufs(loud, RATE), abs=0.1)  # blocks across the border count


def test_loudness_in_blocks_of_any_size_is_that_of_the_whole() -> None:
    sound = (np.random.default_rng(2).standard_normal((2, RATE * 3)) * np.linspace(0.01, 0.3, RATE * 3)).astype(
        np.float32
    )
    running = RunningLoudness(RATE, 2)
    for part in np.split(sound, [7, 5000, 5001, 77777], axis=1):
        running.add(part)
    assert running.gated_lufs() == pytest.approx(gated_lufs(sound, RATE), abs=1e-9)
    assert RunningLoudness(RATE, 2).gated_lufs() is None


def test_the_loudness_range_of_two_levels_10_db_apart_is_10_lu() -> None:
    """EBU Tech 3342 case 1: -20 and -30 LUFS, 20 s each; 1 LU is the tolerance of the document."""
    sound = np.concatenate([sine(1000, seconds=20, level_db=-20), sine(1000, seconds=20, level_db=-30)], axis=1)
    assert loudness_range_lu(np.repeat(sound, 2, axis=0), RATE) == pytest.approx(10, abs=1)


def test_a_sine_between_the_samples_shows_its_true_peak() -> None:
    """EBU Tech 3341 case 16: fs/4 at 45 degrees hides 3.01 dB from the samples; 0.02 dB is ours, the standard allows 0.2."""
    sound = sine(RATE / 4, seconds=1, level_db=-6.0, phase=np.pi / 4)
    assert 20 * np.log10(np.abs(sound).max()) == pytest.approx(-9.01, abs=0.01)
    assert true_peak_db(sound) == pytest.approx(-6.0, abs=0.02 + 0.5)  # the onset of a hard-cut sine rings above it
    faded = sound * np.hanning(sound.shape[1]).astype(np.float32)
    assert true_peak_db(faded) == pytest.approx(-6.0, abs=0.02)


def test_leaving_blocks_out_gives_the_same_peak_as_interpolating_everything() -> None:
    """Noise up to 0.88 of the Nyquist frequency against zero padding of its spectrum, which is exact for a periodic sound."""
    rng = np.random.default_rng(3)
    size = 65536
    swell = rng.standard_normal((2, size)) * np.hanning(size) ** 4
    spectrum = np.fft.rfft(swell * 0.2)
    spectrum[:, int(0.88 * size / 2) :] = 0
    exact = np.abs(np.fft.irfft(np.pad(spectrum, ((0, 0), (0, 7 * size // 2))), 8 * size) * 8).max()
    sound = np.fft.irfft(spectrum, size).astype(np.float32)
    assert true_peak_db(sound) == pytest.approx(20 * np.log10(exact), abs=0.001)
    assert true_peak_db(sound) <= true_peak_db(sound, factor=64) < true_peak_db(sound) + 0.05


def test_silence_has_a_peak_of_minus_infinity() -> None:
    assert true_peak_db(np.zeros((1, 1000), np.float32)) == -np.inf


def test_a_sine_has_a_crest_of_3_01_db() -> None:
    assert crest_db(sine(1000, seconds=1)) == pytest.approx(3.01, abs=0.01)


def test_intermodulation_of_a_modulated_tone_is_that_of_its_side_tones() -> None:
    """10 % modulation of 7 kHz by 60 Hz puts two side tones of 5 % beside it: 20 log10(0.05) + 3.01 dB together."""
    time = np.arange(RATE * 8) / RATE
    tone = (1 + 0.1 * np.sin(2 * np.pi * 60 * time)) * 0.2 * np.sin(2 * np.pi * 7000 * time)
    low = 0.8 * np.sin(2 * np.pi * 60 * time)
    found = intermodulation_db((tone + low).astype(np.float32)[None, :], RATE, low_hz=60, high_hz=7000)
    assert found == pytest.approx(20 * np.log10(0.05) + 3.01, abs=0.05)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not on PATH")
def test_our_loudness_and_that_of_ffmpeg_agree(tmp_path: Path) -> None:
    """Two independent meters of one standard; 0.05 LU is what ffmpeg's rounding to 0.1 dB steps inside may cost."""
    rng = np.random.default_rng(1)
    sound = (0.05 * rng.standard_normal((2, RATE * 8)) * np.repeat([0.3, 1.0], RATE * 4)).astype(np.float32)
    meter = ffmpeg_meter(write(tmp_path / "noise.wav", sound, RATE))
    assert meter.integrated_lufs == pytest.approx(gated_lufs(sound, RATE), abs=0.05)
    assert meter.true_peak_db == pytest.approx(
        true_peak_db(sound), abs=0.5
    )  # ffmpeg interpolates by 4 and rounds to 0.1
