"""What is to be done about the noise and the room of one recording: measured, chosen, tried, stopped where it would harm."""

import numpy as np

from tonmeister.analysis.harm import estimate_harm_db
from tonmeister.analysis.noise_profile import NoiseProfile, learn_noise
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio, Samples
from tonmeister.processing.denoiser import Denoiser, denoise
from tonmeister.processing.dereverb import Dereverb
from tonmeister.processing.segments import take_residual
from tonmeister.processing.voice_model import estimate_voice, is_installed
from tonmeister.tasks.denoising import add_voice_model, choose_denoiser
from tonmeister.tasks.dereverberation import choose_dereverb

TRIAL_S = 10.0
"""So much of a recording, around its loudest second, is tried before the whole is done."""


def prepare_noise_and_room(
    audio: Audio, *, voice: bool, with_model: bool = True
) -> tuple[Denoiser | None, Dereverb | None]:
    """Return the settings for the noise and for the room of a recording, None for each that there is nothing to do about.

    Args:
        audio: The recording.
        voice: Whether a voice speaks or sings alone.
        with_model: Whether the voice model may take part, if it is installed and found to serve.
    """
    noise = learn_noise(audio)
    settings = choose_denoiser(noise, voice=voice)
    if noise is not None and settings is not None:
        settings = _try(_excerpt(audio), settings, noise, with_model=voice and with_model and is_installed())
    room = choose_dereverb(measure_track(audio).figures.defects, voice=voice) if voice else None
    return settings, room


def _try(audio: Audio, settings: Denoiser, noise: NoiseProfile, *, with_model: bool) -> Denoiser | None:
    """Return the settings with the share of the voice model; None if they would take more performance than noise."""
    spectral = denoise(audio, settings)
    if estimate_harm_db(spectral, take_residual(audio, spectral)) > -noise.over_noise_db:
        return None
    if not with_model:
        return settings
    model = Audio(estimate_voice(audio.samples, audio.sample_rate_hz), audio.sample_rate_hz)
    return add_voice_model(
        settings,
        noise,
        harm_db=estimate_harm_db(model, take_residual(audio, model)),
        distance_db=_level_db(model.samples - spectral.samples) - _level_db(audio.samples - spectral.samples),
    )


def _excerpt(audio: Audio) -> Audio:
    """Return the part that is tried."""
    size, second = round(TRIAL_S * audio.sample_rate_hz), audio.sample_rate_hz
    if audio.frames <= size:
        return audio
    whole = audio.samples[:, : audio.frames // second * second]
    power = np.square(whole).sum(axis=0).reshape(-1, second).sum(axis=1)
    start = int(np.clip(int(np.argmax(power)) * second - size // 2, 0, audio.frames - size))
    return Audio(np.ascontiguousarray(audio.samples[:, start : start + size]), audio.sample_rate_hz)


def _level_db(samples: Samples) -> float:
    return float(10 * np.log10(np.square(samples, dtype=np.float64).mean() + 1e-20))
