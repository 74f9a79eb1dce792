"""Turns the low end down while a plosive hits the microphone, and only then."""

from typing import Literal

import numpy as np
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.model import Db, Hz, Model, Ms, Seconds, Share
from tonmeister.processing.decibels import to_gain
from tonmeister.processing.regions import Region, RegionStream, find_places
from tonmeister.processing.stream import run_stream

_BEYOND = 1.35
"""Half-gain point of the split over frequency_hz, so that all below is taken in full."""
_PERIODS = 3.0
"""Half length of the split in periods of frequency_hz."""


class Deplosive(Model):
    """Settings of a plosive remover (linear-phase split)."""

    kind: Literal["deplosive"] = "deplosive"
    regions: tuple[Region, ...] = ()
    """The plosives; none changes nothing."""
    frequency_hz: Hz = Field(default=120.0, ge=40, le=400)
    """Below this it works."""
    reduction_db: Db = Field(default=18.0, ge=0, le=60)
    """How far it turns the low end down there."""
    fade_ms: Ms = Field(default=15.0, ge=1, le=100)
    """How long it takes to come and go, before and after each region."""
    start_s: Seconds = 0.0
    """Where in the song the sound begins to which the regions refer."""
    amount: Share = 1.0
    """Share of the reduction."""


def is_neutral(settings: Deplosive) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.amount == 0 or settings.reduction_db == 0 or not settings.regions


def deplosive(audio: Audio, settings: Deplosive) -> Audio:
    """Return the audio with its plosives turned down."""
    stream = DeplosiveStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream)


class DeplosiveStream(RegionStream):
    """A plosive remover at work."""

    def __init__(self, settings: Deplosive, *, sample_rate_hz: int, channels: int) -> None:
        regions = () if is_neutral(settings) else settings.regions
        self._regions = regions
        self._fade = max(1, round(settings.fade_ms * sample_rate_hz / 1000))
        half = round(_PERIODS / settings.frequency_hz * sample_rate_hz)
        place = np.arange(-half, half + 1)
        taps = np.sinc(2 * _BEYOND * settings.frequency_hz / sample_rate_hz * place) * np.hamming(2 * half + 1)
        self._taps = taps / taps.sum()
        self._share = settings.amount * (1 - to_gain(-settings.reduction_db))
        places = find_places(regions, start_s=settings.start_s, sample_rate_hz=sample_rate_hz, margin_frames=self._fade)
        super().__init__(self._turn_down, places, context_frames=2 * half, channels=channels)

    def _turn_down(self, part: Samples, first: int, last: int, index: int) -> None:
        ramp = np.sin(np.pi / 2 * (np.arange(self._fade) + 0.5) / self._fade) ** 2
        share = np.full(last - first, self._share)
        size = min(self._fade, share.size)
        share[:size] *= ramp[:size]
        share[-size:] *= ramp[:size][::-1]
        own = self._regions[index].channel
        for channel in range(part.shape[0]) if own is None else (min(own, part.shape[0] - 1),):
            low = np.convolve(part[channel].astype(np.float64), self._taps, "same")[first:last]
            part[channel, first:last] -= (share * low).astype(np.float32)
