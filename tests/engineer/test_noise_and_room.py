"""The automatic pass over one recording: it finds planted noise and a room, and nothing where nothing is."""

import numpy as np
import pytest
from scipy.signal import fftconvolve

from tests.sounds import drums, noise, silence
from tonmeister.audio import Audio
from tonmeister.engineer.noise_and_room import prepare_noise_and_room
from tonmeister.processing import Denoiser
from tonmeister.processing.denoiser import denoise

RATE_HZ = 16_000


def test_hiss_under_a_beat_is_found_and_taken_out() -> None:
    beat = drums(duration_s=24, sample_rate_hz=RATE_HZ)
    noisy = Audio(beat.samples + noise(rms_db=-40, duration_s=24, sample_rate_hz=RATE_HZ).samples, RATE_HZ)
    settings, room = prepare_noise_and_room(noisy, voice=False)
    assert isinstance(settings, Denoiser)
    assert settings.voice == 0
    assert room is None
    before, after = (np.square(x.samples - beat.samples).mean() for x in (noisy, denoise(noisy, settings)))
    assert after < before / 4


def test_there_is_nothing_to_do_about_silence() -> None:
    assert prepare_noise_and_room(silence(duration_s=3), voice=True, with_model=False) == (None, None)


@pytest.mark.parametrize(("decay_s", "live"), [(1.0, True), (0.15, False)])
def test_a_live_room_is_found_where_a_voice_is_in_one(decay_s: float, *, live: bool) -> None:
    """Bursts of noise in the band of a voice stop at once by themselves."""
    rng, dry = np.random.default_rng(1), np.zeros(16 * RATE_HZ)
    for start in range(0, dry.size, RATE_HZ):
        dry[start : start + 3000] = rng.standard_normal(3000) * 0.1
    time_s = np.arange(round(1.2 * RATE_HZ)) / RATE_HZ
    response = rng.standard_normal(time_s.size) * 10 ** (-3 * time_s / decay_s)
    wet = fftconvolve(dry, response / np.linalg.norm(response))[: dry.size]
    _, room = prepare_noise_and_room(Audio(wet.astype(np.float32)[None], RATE_HZ), voice=True, with_model=False)
    assert (room is not None) is live
