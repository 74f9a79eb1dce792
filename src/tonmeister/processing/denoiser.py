"""Takes broadband noise out: spectral gains from a learnt profile, for voices mixed with what a network hears."""

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.model import Db, Hz, Model, Share
from tonmeister.processing.decibels import to_gain
from tonmeister.processing.noise_gain import denoising_gains
from tonmeister.processing.segments import SegmentStream
from tonmeister.processing.spectra import OVERLAP, Frames, analyse, frames_of, synthesise
from tonmeister.processing.stream import run_stream
from tonmeister.processing.voice_model import estimate_voice

SEGMENT_S = 4.0
"""Length of a segment; twice as long with the voice model, which must start anew in each."""
CONTEXT_S = 1.0
"""Sound on both sides of a segment: noise and network have settled after it."""

NoisePoint = Annotated[
    tuple[Annotated[Hz, Field(gt=0)], Annotated[Db, Field(ge=-240, le=0)]],
    Field(description="Frequency in Hz, power density there in dB of full scale squared per Hz."),
]


class Denoiser(Model):
    """Settings of a denoiser for steady broadband noise: hiss, air, fans, a hall."""

    kind: Literal["denoiser"] = "denoiser"
    amount: Share = 1.0
    """Part of the noise found that is taken away; 0 returns the input."""
    profile: tuple[NoisePoint, ...] = ()
    """The noise as learnt, by rising frequency; between the points it is read in a straight line; none is no noise."""
    reduction_db: Db = Field(default=15.0, ge=0, le=40)
    """How far it turns down where nothing but noise is; what is left hides the rest."""
    wander_db: Db = Field(default=6.0, ge=0, le=20)
    """How far the noise may move around its profile; 0 for a machine's hiss."""
    voice: Share = 0.0
    """Part of the voice model in the result, for voices only; needs the extra `voice`."""


def is_neutral(settings: Denoiser) -> bool:
    """Say whether these settings return the input as it is."""
    spectral = settings.profile and settings.reduction_db > 0
    return settings.amount == 0 or not (spectral or settings.voice > 0)


def denoise(audio: Audio, settings: Denoiser) -> Audio:
    """Return the audio with less noise; all channels share one gain.

    Raises:
        MissingExtraError: If the settings ask for the voice model and the extra is not there.
    """
    stream = DenoiserStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream)


class DenoiserStream(SegmentStream):
    """A denoiser at work."""

    def __init__(self, settings: Denoiser, *, sample_rate_hz: int, channels: int) -> None:
        self._settings, self._rate = settings, sample_rate_hz
        self._frames = frames_of(sample_rate_hz)
        self._profile = read_profile(settings.profile, self._frames)
        seconds = SEGMENT_S * (2 if settings.voice > 0 else 1)
        hop = self._frames.hop
        super().__init__(
            self._clean,
            segment_frames=round(seconds * sample_rate_hz / hop) * hop,
            context_frames=round(CONTEXT_S * sample_rate_hz / hop) * hop,
            crossfade_frames=OVERLAP * hop,
            channels=channels,
        )

    def _clean(self, samples: Samples, start: int) -> Samples:
        settings = self._settings
        if is_neutral(settings):
            return samples
        noise = np.float32(settings.amount * (1 - settings.voice)) * self._find_noise(samples)
        if settings.voice > 0:
            noise += np.float32(settings.amount * settings.voice) * (samples - estimate_voice(samples, self._rate))
        return samples - noise

    def _find_noise(self, samples: Samples) -> Samples:
        """Return what the spectral gains take away."""
        if self._profile is None:
            return np.zeros_like(samples)
        spectra = analyse(samples, self._frames)
        gains = denoising_gains(
            np.square(np.abs(spectra)).mean(axis=0),
            self._profile,
            hop_s=self._frames.hop_s,
            least=to_gain(-self._settings.reduction_db),
            wander=10 ** (self._settings.wander_db / 10),
        )
        spectra *= 1 - gains
        return synthesise(spectra, self._frames, length=samples.shape[1])


def read_profile(profile: tuple[NoisePoint, ...], frames: Frames) -> NDArray[np.float32] | None:
    """Return the power that a noise of this profile has in the bins of our spectra; None without a profile."""
    if not profile:
        return None
    frequency, density_db = np.array(profile).T
    density = 10 ** (np.interp(np.arange(frames.bins) * frames.bin_hz, frequency, density_db) / 10)
    window_power = 0.375 * frames.size  # sum of the squares of a Hann window
    return np.asarray(density * (0.5 * frames.sample_rate_hz * window_power), dtype=np.float32)
