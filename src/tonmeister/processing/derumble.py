"""Takes rumble away below the lowest note: a linear-phase high-pass, so that microphones of one source stay in step."""

from typing import Literal

import numpy as np
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.model import Db, Hz, Model, Share
from tonmeister.processing.band_regions import low_pass
from tonmeister.processing.decibels import to_gain
from tonmeister.processing.segments import SegmentStream
from tonmeister.processing.stream import run_stream

SEGMENT_S = 2.0
_PERIODS, _CROSSFADE_S = 4.0, 0.02


class Derumble(Model):
    """Settings of a remover of rumble."""

    kind: Literal["derumble"] = "derumble"
    frequency_hz: Hz = Field(default=40.0, ge=10, le=200)
    """The −6 dB point; a quarter above it all is as it was."""
    reduction_db: Db = Field(default=30.0, ge=0, le=60)
    """How far all below is turned down."""
    amount: Share = 1.0
    """Share of the reduction."""


def is_neutral(settings: Derumble) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.amount == 0 or settings.reduction_db == 0


def derumble(audio: Audio, settings: Derumble) -> Audio:
    """Return the audio without its rumble."""
    stream = DerumbleStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream)


class DerumbleStream(SegmentStream):
    """A remover of rumble at work."""

    def __init__(self, settings: Derumble, *, sample_rate_hz: int, channels: int) -> None:
        from scipy import fft  # noqa: PLC0415 - costs a third of a second; rendering without repairs needs none

        self._fft = fft
        self._share = 0.0 if is_neutral(settings) else settings.amount * (1 - to_gain(-settings.reduction_db))
        taps = low_pass(settings.frequency_hz, sample_rate_hz=sample_rate_hz, periods=_PERIODS)
        self._half = taps.size // 2
        segment, fade = round(SEGMENT_S * sample_rate_hz), round(_CROSSFADE_S * sample_rate_hz)
        self._length = fft.next_fast_len(segment + fade + 4 * self._half + 1, real=True)
        self._taps = fft.rfft(taps, self._length)
        super().__init__(
            self._clean, segment_frames=segment, context_frames=self._half, crossfade_frames=fade, channels=channels
        )

    def _clean(self, samples: Samples, start: int) -> Samples:
        if self._share == 0:
            return samples
        low = self._fft.irfft(self._fft.rfft(samples.astype(np.float64), self._length) * self._taps, self._length)
        taken: Samples = (self._share * low[:, self._half : self._half + samples.shape[1]]).astype(np.float32)
        return samples - taken
