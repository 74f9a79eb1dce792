"""Rides a voice to an even loudness: a slow gain in decibels, along straight lines between its points."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.model import Db, Model, Seconds, Share
from tonmeister.processing.stream import run_stream

LevelPoint = Annotated[
    tuple[Annotated[Seconds, Field(ge=0)], Annotated[Db, Field(ge=-60, le=60)]],
    Field(description="Time in seconds, gain there in dB."),
]


class Leveller(Model):
    """Settings of a leveller: the ride itself."""

    kind: Literal["leveller"] = "leveller"
    points: tuple[LevelPoint, ...] = ()
    """The ride, by rising time; before the first and after the last its value holds; none changes nothing."""
    start_s: Seconds = 0.0
    """Where in the song the sound begins to which the points refer."""
    amount: Share = 1.0
    """Share of the ride, in decibels."""


def is_neutral(settings: Leveller) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.amount == 0 or not any(gain_db for _, gain_db in settings.points)


def level(audio: Audio, settings: Leveller) -> Audio:
    """Return the audio at its ridden level."""
    stream = LevellerStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream)


class LevellerStream:
    """A leveller at work."""

    latency_frames = 0
    tail_frames = 0

    def __init__(self, settings: Leveller, *, sample_rate_hz: int, channels: int) -> None:
        self._neutral = is_neutral(settings)
        times, gains = np.array(settings.points or ((0.0, 0.0),)).T
        self._times = (times + settings.start_s) * sample_rate_hz
        self._gains_db = gains * settings.amount
        self._frame = 0
        self._channels = channels

    def start_at(self, frame: int) -> None:
        """Say that the first frame to come is this one of the song."""
        self._frame = frame

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the same frames, ridden; the key is not used."""
        if self._neutral:
            return block.copy()
        places = np.arange(self._frame, self._frame + block.shape[1], dtype=np.float64)
        self._frame += block.shape[1]
        gain = 10 ** (np.interp(places, self._times, self._gains_db) / 20)
        return np.ascontiguousarray(block * gain.astype(np.float32))
