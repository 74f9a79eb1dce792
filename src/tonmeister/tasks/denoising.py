"""How much noise to take out: settings of the denoiser from what was learnt about the noise, or none."""

from tonmeister.analysis.noise_profile import STEADY_DB, NoiseProfile
from tonmeister.model import Db
from tonmeister.processing.denoiser import Denoiser

INAUDIBLE_DB = 55.0
"""Noise so far below the sound is left alone."""
LEAST_OVER_DB = 2.0
"""What stands no higher over its own quietest parts has no pauses: it is no sound with noise."""
VOICE_WANDER_DB, VOICE_OVER_DB, VOICE_SPREAD_DB = 10.0, 22.0, 5.0
"""Voices pause, so that noise which changes may be learnt too, if it is loud and the pauses agree on it."""
MOST_SILENT, LEAST_PAUSES_S = 0.25, 0.5
"""With more digital silence than this a recording has no pauses but those: noise that changes is then the voice's own echo, and steady
noise must last so long, or it is the fading of a few sounds (echoes of a choir, 77 % silent, and claps, 96 %, were taken for noise)."""
MODEL_OVER_DB = 18.0
"""With less noise than this the spectral gains alone come nearer to the clean voice."""
MODEL_SHARE = 0.9
"""Part of the voice model where it serves."""
MODEL_HARM_DB, MODEL_DISTANCE_DB = -10.0, 6.0
"""A model that takes so much of the voice, or differs so much more than there is noise, did not understand it."""
CHANGING_TRUST_DB = 20.0
"""Where the noise changes, the model is the better judge of how strong it is; where it is steady, the profile is."""


def choose_denoiser(noise: NoiseProfile | None, *, voice: bool) -> Denoiser | None:
    """Return the settings that take this noise out by spectral gains; None where there is nothing to do."""
    if noise is None or not LEAST_OVER_DB <= noise.over_noise_db <= INAUDIBLE_DB:
        return None
    gated = noise.silent_share > MOST_SILENT
    if gated and (noise.wander_db > STEADY_DB or noise.pauses_s < LEAST_PAUSES_S):
        return None
    if noise.wander_db <= STEADY_DB:
        return Denoiser(profile=noise.points, wander_db=0.0)
    agreed = noise.spread_db <= VOICE_SPREAD_DB and noise.wander_db <= VOICE_WANDER_DB
    if voice and agreed and noise.over_noise_db <= VOICE_OVER_DB:
        return Denoiser(profile=noise.points, wander_db=6.0)
    return None


def add_voice_model(settings: Denoiser, noise: NoiseProfile, *, harm_db: Db, distance_db: Db) -> Denoiser:
    """Return the settings with the voice model beside the spectral gains, or as they are where it would not serve.

    Args:
        settings: What the spectral gains do.
        noise: What was learnt.
        harm_db: Voice in what the model takes away (`estimate_harm_db`).
        distance_db: How much further the model is from the spectral result than that is from the input.
    """
    steady = noise.wander_db <= STEADY_DB
    lost = harm_db > MODEL_HARM_DB or (distance_db > MODEL_DISTANCE_DB and not steady)
    if noise.over_noise_db > MODEL_OVER_DB or lost:
        return settings
    return settings.model_copy(update={"voice": MODEL_SHARE, "voice_trust_db": 0.0 if steady else CHANGING_TRUST_DB})
