"""Turns hissed consonants down one by one, each by its own amount: all above a border, while it hisses, and nothing else."""

from typing import Literal

from pydantic import Field

from tonmeister.audio import Audio
from tonmeister.model import Db, Hz, Model, Ms, Seconds, Share
from tonmeister.processing.band_regions import BandRegionStream, Clock, Turned, high_pass
from tonmeister.processing.decibels import to_gain
from tonmeister.processing.regions import Region
from tonmeister.processing.stream import run_stream

_PERIODS = 10.0


class Hiss(Region):
    """A hissed consonant and what becomes of it."""

    gain_db: Db = Field(default=-6.0, ge=-24, le=0)
    """How far it is turned down above the border."""


class Desibilance(Model):
    """Settings of a remover of sibilance by places (linear-phase split); what a live de-esser guesses is known here."""

    kind: Literal["desibilance"] = "desibilance"
    hisses: tuple[Hiss, ...] = ()
    """The consonants; none changes nothing."""
    frequency_hz: Hz = Field(default=4800.0, ge=2000, le=12000)
    """The border: the −6 dB point of the upper band."""
    fade_ms: Ms = Field(default=5.0, ge=1, le=50)
    """How long it takes to come and go, before and after each."""
    start_s: Seconds = 0.0
    """Where in the song the sound begins to which the places refer."""
    amount: Share = 1.0
    """Share of each gain, in decibels."""


def is_neutral(settings: Desibilance) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.amount == 0 or not any(hiss.gain_db for hiss in settings.hisses)


def desibilance(audio: Audio, settings: Desibilance) -> Audio:
    """Return the audio with its hissed consonants turned down."""
    stream = DesibilanceStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream)


class DesibilanceStream(BandRegionStream):
    """A remover of sibilance at work."""

    def __init__(self, settings: Desibilance, *, sample_rate_hz: int, channels: int) -> None:
        hisses = () if is_neutral(settings) else settings.hisses
        taps = high_pass(settings.frequency_hz, sample_rate_hz=sample_rate_hz, periods=_PERIODS)
        turned = [Turned(taps, 1 - to_gain(settings.amount * hiss.gain_db)) for hiss in hisses]
        clock = Clock(settings.start_s, settings.fade_ms, sample_rate_hz)
        super().__init__(hisses, turned, clock, channels=channels)
