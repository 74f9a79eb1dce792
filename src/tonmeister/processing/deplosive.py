"""Turns the low end down while a plosive hits the microphone, and only then."""

from typing import Literal

from pydantic import Field

from tonmeister.audio import Audio
from tonmeister.model import Db, Hz, Model, Ms, Seconds, Share
from tonmeister.processing.band_regions import BandRegionStream, Clock, Turned, low_pass
from tonmeister.processing.decibels import to_gain
from tonmeister.processing.regions import Region
from tonmeister.processing.stream import run_stream

_BEYOND = 1.35
"""Half-gain point of the split over frequency_hz, so that all below is taken in full."""
_PERIODS = 4.0
"""Half length of the split in periods of its half-gain point."""


class Deplosive(Model):
    """Settings of a plosive remover (linear-phase split)."""

    kind: Literal["deplosive"] = "deplosive"
    regions: tuple[Region, ...] = ()
    """The plosives; none changes nothing."""
    frequency_hz: Hz = Field(default=120.0, ge=40, le=400)
    """Below this it works."""
    reduction_db: Db = Field(default=20.0, ge=0, le=60)
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


class DeplosiveStream(BandRegionStream):
    """A plosive remover at work."""

    def __init__(self, settings: Deplosive, *, sample_rate_hz: int, channels: int) -> None:
        regions = () if is_neutral(settings) else settings.regions
        taps = low_pass(_BEYOND * settings.frequency_hz, sample_rate_hz=sample_rate_hz, periods=_PERIODS)
        turned = Turned(taps, settings.amount * (1 - to_gain(-settings.reduction_db)))
        clock = Clock(settings.start_s, settings.fade_ms, sample_rate_hz)
        super().__init__(regions, [turned] * len(regions), clock, channels=channels)
