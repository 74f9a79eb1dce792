"""Takes broadband noise out: spectral gains from a learnt profile, for voices mixed with what a network hears."""

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.model import Db, Hz, Model, Share
from tonmeister.processing.decibels import to_gain
from tonmeister.processing.noise_gain import gains_over, noise_of, smooth_bins, smooth_frames
from tonmeister.processing.segments import SegmentStream
from tonmeister.processing.spectra import OVERLAP, Frames, Spectra, analyse, frames_of, synthesise
from tonmeister.processing.stream import run_stream
from tonmeister.processing.voice_model import estimate_voice

SEGMENT_S = 4.0
"""Length of a segment; twice as long with the voice model, which must start anew in each."""
CONTEXT_S = 1.0
"""Sound on both sides of a segment, in which the noise estimate settles; twice as long for the voice model."""
_AROUND = 2  # frames and bins on each side over which trust is formed

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
    voice_trust_db: Db = Field(default=0.0, ge=0, le=40)
    """How much stronger than the noise the model's step away from the spectral result may be; more where noise changes fast."""


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
        longer = 2 if settings.voice > 0 else 1
        hop = self._frames.hop
        super().__init__(
            self._clean,
            segment_frames=round(longer * SEGMENT_S * sample_rate_hz / hop) * hop,
            context_frames=round(longer * CONTEXT_S * sample_rate_hz / hop) * hop,
            crossfade_frames=OVERLAP * hop,
            channels=channels,
        )

    def _clean(self, samples: Samples, start: int) -> Samples:
        settings = self._settings
        if is_neutral(settings):
            return samples
        noise = synthesise(self._find_noise(samples), self._frames, length=samples.shape[1])
        return samples - np.float32(settings.amount) * noise

    def _find_noise(self, samples: Samples) -> Spectra:
        """Return the spectra of what is to be taken away."""
        settings, spectra = self._settings, analyse(samples, self._frames)
        if self._profile is None:
            return np.float32(settings.voice) * (spectra - self._hear_voice(samples))
        power = np.square(np.abs(spectra)).mean(axis=0)
        noise = noise_of(power, self._profile, hop_s=self._frames.hop_s, wander=10 ** (settings.wander_db / 10))
        gains = gains_over(power, noise, hop_s=self._frames.hop_s, least=to_gain(-settings.reduction_db))
        taken = spectra * (1 - gains)
        if settings.voice > 0:
            further = self._hear_voice(samples) - (spectra - taken)
            trust = trust_in(further, noise * np.float32(10 ** (settings.voice_trust_db / 10)))
            taken -= np.float32(settings.voice) * trust * further
        return taken

    def _hear_voice(self, samples: Samples) -> Spectra:
        return analyse(estimate_voice(samples, self._rate), self._frames)


def trust_in(further: Spectra, noise: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how much of a step to take from one estimate to another, (frames, bins): 1 while it is no larger than the noise.

    A true estimate differs from another by what either leaves of the noise; a larger step is likely to be the sound.
    """
    step = np.square(np.abs(further)).mean(axis=0)
    around = smooth_frames(smooth_bins(step, _AROUND), _AROUND)
    allowed = smooth_frames(smooth_bins(noise, _AROUND), _AROUND)
    return np.asarray(np.sqrt(np.minimum(1.0, allowed / (around + np.float32(1e-20)))), dtype=np.float32)


def read_profile(profile: tuple[NoisePoint, ...], frames: Frames) -> NDArray[np.float32] | None:
    """Return the power that a noise of this profile has in the bins of our spectra; None without a profile."""
    if not profile:
        return None
    frequency, density_db = np.array(profile).T
    density = 10 ** (np.interp(np.arange(frames.bins) * frames.bin_hz, frequency, density_db) / 10)
    window_power = 0.375 * frames.size  # sum of the squares of a Hann window
    return np.asarray(density * (0.5 * frames.sample_rate_hz * window_power), dtype=np.float32)
