"""Planted delays and polarities are found to the sample."""

import numpy as np
import pytest
from scipy import signal

from tests.sounds import drums, noise, pink_noise, sine
from tonmeister.analysis.alignment import find_common_excerpt, measure_alignment
from tonmeister.audio import Audio
from tonmeister.errors import AudioFormatError, AudioTooShortError

RATE_HZ = 48_000


def pair(*, delay: int, polarity: int, rate_hz: int = RATE_HZ) -> tuple[Audio, Audio]:
    """Return drums in two microphones: the second later, duller, in a room, with its own noise."""
    dry = drums(duration_s=6, sample_rate_hz=rate_hz).samples[0].astype(np.float64)
    room = np.random.default_rng(1).standard_normal(rate_hz // 5) * np.exp(-np.arange(rate_hz // 5) / (0.03 * rate_hz))
    room = 0.05 * room
    room[0] = 1
    far = signal.lfilter(*signal.butter(1, 6000, fs=rate_hz), signal.fftconvolve(dry, room)[: dry.size])
    far = polarity * 0.4 * np.roll(far, delay)
    hiss = noise(duration_s=6, rms_db=-60, sample_rate_hz=rate_hz, channels=2, seed=2).samples
    first, second = ((wave + h).astype(np.float32)[None] for wave, h in zip((dry, far), hiss, strict=True))
    return Audio(first.copy(), rate_hz), Audio(second.copy(), rate_hz)


@pytest.mark.parametrize("polarity", [1, -1])
@pytest.mark.parametrize("delay", [0, 1, -1, 37, 480, -480, 1400])
def test_delay_and_polarity_between_two_microphones_are_found(delay: int, polarity: int) -> None:
    """To the sample: the duller microphone's own filter adds one at most (its group delay)."""
    found = measure_alignment(*pair(delay=delay, polarity=polarity))
    assert abs(found.delay_frames - delay) <= 1
    assert found.polarity == polarity
    assert found.confidence > 0.3
    assert found.delay_ms == pytest.approx(found.delay_frames / 48, abs=1e-4)


@pytest.mark.parametrize("delay", [0, 12, -700])
def test_a_shifted_copy_is_found_to_the_sample(delay: int) -> None:
    """No filter, no room: exact."""
    wave = pink_noise(duration_s=4, seed=3).samples
    found = measure_alignment(Audio(wave, RATE_HZ), Audio(np.roll(wave, delay, axis=1), RATE_HZ))
    assert (found.delay_frames, found.polarity) == (delay, 1)
    assert found.confidence > 0.9


def test_unrelated_sounds_give_no_confidence() -> None:
    """A delay is always returned; its confidence says that it means nothing."""
    first, second = (pink_noise(duration_s=6, seed=seed) for seed in (4, 5))
    assert measure_alignment(first, second).confidence < 0.05


def test_a_single_tone_gives_little_confidence() -> None:
    """Every period fits as well."""
    tone, hiss = sine(frequency_hz=440, duration_s=4), noise(duration_s=4, rms_db=-60, channels=2, seed=6).samples
    first, second = (Audio(tone.samples + part[None], RATE_HZ) for part in hiss)
    assert measure_alignment(first, second).confidence < 0.1


def test_the_excerpt_is_where_both_are_loud() -> None:
    """From 20 to 25 s."""
    first, second = np.full(4000, 0.01, np.float32), np.full(4000, 0.01, np.float32)
    first[:2500] = 0.5
    second[2000:] = 0.5
    excerpt = find_common_excerpt(first, second, length_s=5)
    assert (excerpt.start_s, excerpt.end_s) == (20.0, 25.0)


def test_other_rates_and_short_sounds_are_refused() -> None:
    """With their numbers."""
    long = noise(duration_s=2)
    with pytest.raises(AudioFormatError, match="48000 and 44100"):
        measure_alignment(long, noise(duration_s=2, sample_rate_hz=44_100))
    with pytest.raises(AudioTooShortError) as caught:
        measure_alignment(long, noise(duration_s=0.5))
    assert caught.value.got_s == pytest.approx(0.5)
