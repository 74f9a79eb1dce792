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
MODEL_OVER_DB = 18.0
"""With less noise than this the spectral gains alone come nearer to the clean voice."""
LOUD_OVER_DB = 10.0
"""With more steady noise than this the voice model leads."""
MODEL_HARM_DB = -12.0
"""A model that takes so much of the voice did not understand it."""
STEADY_DISTANCE_DB, CHANGING_DISTANCE_DB = -3.5, 6.0
"""Nor did one that is so far from the spectral result; which is less sure where the noise changes."""


def choose_denoiser(noise: NoiseProfile | None, *, voice: bool) -> Denoiser | None:
    """Return the settings that take this noise out by spectral gains; None where there is nothing to do."""
    if noise is None or not LEAST_OVER_DB <= noise.over_noise_db <= INAUDIBLE_DB:
        return None
    if noise.wander_db <= STEADY_DB:
        return Denoiser(profile=noise.points, wander_db=0.0)
    agreed = noise.spread_db <= VOICE_SPREAD_DB and noise.wander_db <= VOICE_WANDER_DB
    if voice and agreed and noise.over_noise_db <= VOICE_OVER_DB:
        return Denoiser(profile=noise.points, wander_db=6.0)
    return None


def choose_voice_share(noise: NoiseProfile, *, harm_db: Db, distance_db: Db) -> float:
    """Return the part of the voice model that serves best, 0 for none.

    Args:
        noise: What was learnt.
        harm_db: Voice in what the model takes away (`estimate_harm_db`).
        distance_db: How much further the model is from the spectral result than that is from the input.
    """
    steady = noise.wander_db <= STEADY_DB
    most_db = STEADY_DISTANCE_DB if steady else CHANGING_DISTANCE_DB
    if noise.over_noise_db > MODEL_OVER_DB or harm_db > MODEL_HARM_DB or distance_db > most_db:
        return 0.0
    if not steady:
        return 0.9
    return 0.8 if noise.over_noise_db < LOUD_OVER_DB else 0.5
