"""Turns breaths down, each by its own amount, with soft edges inside the breath, so that the words beside it keep theirs."""

from typing import Literal

import numpy as np
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.model import Db, Model, Ms, Seconds, Share
from tonmeister.processing.regions import Region, RegionStream, find_places
from tonmeister.processing.stream import run_stream


class Breath(Region):
    """A breath and what becomes of it."""

    gain_db: Db = Field(default=-9.0, ge=-24, le=0)
    """How far it is turned down; who sets it keeps it at or above a natural level."""


class Debreath(Model):
    """Settings of a breath reducer."""

    kind: Literal["debreath"] = "debreath"
    breaths: tuple[Breath, ...] = ()
    """The breaths; none changes nothing."""
    edge_ms: Ms = Field(default=40.0, ge=1, le=200)
    """How long the gain takes to come and go, inside each breath."""
    start_s: Seconds = 0.0
    """Where in the song the sound begins to which the breaths refer."""
    amount: Share = 1.0
    """Share of each gain, in decibels."""


def is_neutral(settings: Debreath) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.amount == 0 or not any(breath.gain_db for breath in settings.breaths)


def debreath(audio: Audio, settings: Debreath) -> Audio:
    """Return the audio with its breaths turned down."""
    stream = DebreathStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream)


class DebreathStream(RegionStream):
    """A breath reducer at work."""

    def __init__(self, settings: Debreath, *, sample_rate_hz: int, channels: int) -> None:
        self._breaths = () if is_neutral(settings) else settings.breaths
        self._amount = settings.amount
        self._edge = max(1, round(settings.edge_ms * sample_rate_hz / 1000))
        places = find_places(self._breaths, start_s=settings.start_s, sample_rate_hz=sample_rate_hz)
        super().__init__(self._turn_down, places, context_frames=1, channels=channels)

    def _turn_down(self, part: Samples, first: int, last: int, index: int) -> None:
        breath = self._breaths[index]
        size = min(self._edge, (last - first) // 2)
        depth_db = np.full(last - first, breath.gain_db * self._amount)
        if size:
            ramp = np.sin(np.pi / 2 * (np.arange(size) + 0.5) / size) ** 2
            depth_db[:size] *= ramp
            depth_db[-size:] *= ramp[::-1]
        gain = np.array(10 ** (depth_db / 20), np.float32)
        rows = slice(None) if breath.channel is None else slice(breath.channel, breath.channel + 1)
        part[rows, first:last] *= gain
