"""Takes the room out: late reverberation is predicted from the past and subtracted, what is left of it turned down."""

from typing import Literal

import numpy as np
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.model import Db, Model, Seconds, Share
from tonmeister.processing.decibels import to_gain
from tonmeister.processing.late_reverb import estimate_late_power, predict_late
from tonmeister.processing.noise_gain import gains_over
from tonmeister.processing.segments import SegmentStream
from tonmeister.processing.spectra import OVERLAP, analyse, frames_of, synthesise
from tonmeister.processing.stream import run_stream

SEGMENT_S = 6.0
"""Length of a segment."""
CONTEXT_S = 2.0
"""Sound on both sides: the prediction learns the room from ten seconds."""
PREDICT_HOP_S = 0.0213
"""Step of the frames of the prediction."""
SKIPPED = 2
"""Newest frames that the prediction may not use, 43 ms: so long a sound is its own."""
LATE_FRAMES = 4
"""Steps of 10.7 ms after which a decay counts as late."""
DECAYS_S, FED, OVER = (0.7, 0.94), (0.12, 0.25), (1.6, 2.5)
"""From short to long rooms: share of a frame's power that feeds the room, and how far the power found is raised. A long room
holds more beside the direct sound; chosen on the shared rooms."""
PREDICT_UP_TO_HZ = 8000.0
"""Above, rooms are short and the gains suffice."""
_LONGEST_TAPS = 20


class Dereverb(Model):
    """Settings of a dereverberation for recordings in rooms that are too live."""

    kind: Literal["dereverb"] = "dereverb"
    amount: Share = 1.0
    """Part of the late reverberation found that is taken away; 0 returns the input."""
    decay_s: Seconds = Field(default=0.5, ge=0, le=5)
    """Reverberation time of the room (to −60 dB); 0 is no room."""
    reduction_db: Db = Field(default=18.0, ge=0, le=40)
    """How far it turns down where nothing but the room is."""
    predict: bool = True
    """Whether prediction from the past comes before the spectral gains."""


def is_neutral(settings: Dereverb) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.amount == 0 or settings.decay_s == 0 or (settings.reduction_db == 0 and not settings.predict)


def dereverberate(audio: Audio, settings: Dereverb) -> Audio:
    """Return the audio with less of its room."""
    stream = DereverbStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream)


class DereverbStream(SegmentStream):
    """A dereverberation at work."""

    def __init__(self, settings: Dereverb, *, sample_rate_hz: int, channels: int) -> None:
        self._settings = settings
        self._frames = frames_of(sample_rate_hz)
        self._long_frames = frames_of(sample_rate_hz, hop_s=PREDICT_HOP_S)
        super().__init__(
            self._clean,
            segment_frames=round(SEGMENT_S * sample_rate_hz),
            context_frames=round(CONTEXT_S * sample_rate_hz),
            crossfade_frames=OVERLAP * self._long_frames.hop,
            channels=channels,
        )

    def _clean(self, samples: Samples, start: int) -> Samples:
        settings = self._settings
        if is_neutral(settings):
            return samples
        late = self._predict(samples) if settings.predict else np.zeros_like(samples)
        if settings.reduction_db > 0:
            late += self._find_decaying(samples - late)
        return samples - np.float32(settings.amount) * late

    def _predict(self, samples: Samples) -> Samples:
        """Return what the past predicts."""
        frames, channels = self._long_frames, samples.shape[0]
        taps = int(np.clip(0.6 * self._settings.decay_s / frames.hop_s, 8, _LONGEST_TAPS))
        taps = taps if channels == 1 else (3 * taps) // 4  # the cost rises with the square of all taps together
        spectra = analyse(samples, frames)
        bins = min(frames.bins, round(PREDICT_UP_TO_HZ / frames.bin_hz))
        late = predict_late(np.ascontiguousarray(spectra[:, :, :bins].transpose(2, 0, 1)), SKIPPED, taps)
        spectra[:, :, :bins] = late.transpose(1, 2, 0)
        spectra[:, :, bins:] = 0
        return synthesise(spectra, frames, length=samples.shape[1])

    def _find_decaying(self, samples: Samples) -> Samples:
        """Return what the spectral gains take away as decaying."""
        frames = self._frames
        spectra = analyse(samples, frames)
        power = np.square(np.abs(spectra)).mean(axis=0)
        step = 10 ** (-6 * frames.hop_s / self._settings.decay_s)
        fed, over = (float(np.interp(self._settings.decay_s, DECAYS_S, ends)) for ends in (FED, OVER))
        late = estimate_late_power(power, LATE_FRAMES, step, fed) * np.float32(over)
        spectra *= 1 - gains_over(power, late, hop_s=frames.hop_s, least=to_gain(-self._settings.reduction_db))
        return synthesise(spectra, frames, length=samples.shape[1])
