"""Turns down gusts of wind and the rustle and thumps of handling: a high-pass that comes and goes with each of them."""

from typing import Literal

from pydantic import Field

from tonmeister.audio import Audio
from tonmeister.model import Db, Hz, Model, Ms, Seconds, Share
from tonmeister.processing.band_regions import BandRegionStream, Clock, Turned, low_pass
from tonmeister.processing.decibels import to_gain
from tonmeister.processing.regions import Region
from tonmeister.processing.stream import run_stream

_BEYOND, _PERIODS = 1.2, 4.0


class Gust(Region):
    """A gust or thump."""

    frequency_hz: Hz = Field(default=120.0, ge=40, le=400)
    """Up to where it reaches."""
    reduction_db: Db = Field(default=24.0, ge=0, le=60)
    """How far all below is turned down."""


class Dewind(Model):
    """Settings of a remover of wind and handling noise (a linear-phase split for each gust)."""

    kind: Literal["dewind"] = "dewind"
    gusts: tuple[Gust, ...] = ()
    """The gusts and thumps; none changes nothing."""
    fade_ms: Ms = Field(default=30.0, ge=1, le=200)
    """How long it takes to come and go, before and after each."""
    start_s: Seconds = 0.0
    """Where in the song the sound begins to which the gusts refer."""
    amount: Share = 1.0
    """Share of each reduction."""


def is_neutral(settings: Dewind) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.amount == 0 or not any(gust.reduction_db for gust in settings.gusts)


def dewind(audio: Audio, settings: Dewind) -> Audio:
    """Return the audio with its gusts and thumps turned down."""
    stream = DewindStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream)


class DewindStream(BandRegionStream):
    """A remover of wind at work."""

    def __init__(self, settings: Dewind, *, sample_rate_hz: int, channels: int) -> None:
        gusts = () if is_neutral(settings) else settings.gusts
        turned = [
            Turned(
                low_pass(_BEYOND * gust.frequency_hz, sample_rate_hz=sample_rate_hz, periods=_PERIODS),
                settings.amount * (1 - to_gain(-gust.reduction_db)),
            )
            for gust in gusts
        ]
        clock = Clock(settings.start_s, settings.fade_ms, sample_rate_hz)
        super().__init__(gusts, turned, clock, channels=channels)
