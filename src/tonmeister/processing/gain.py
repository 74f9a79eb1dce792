"""Constant gain and polarity."""

from typing import Literal

import numpy as np
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.model import Db, Model
from tonmeister.processing.stream import run_stream


class Gain(Model):
    """Settings of a constant gain."""

    kind: Literal["gain"] = "gain"
    gain_db: Db = Field(default=0.0, ge=-120, le=60)
    """Gain, in dB."""
    inverted: bool = False
    """Whether the polarity is turned over."""


def is_neutral(settings: Gain) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.gain_db == 0 and not settings.inverted


def apply_gain(audio: Audio, settings: Gain, *, key: Audio | None = None) -> Audio:
    """Return the audio, louder or softer, or turned over; a key changes nothing."""
    stream = GainStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream, key=key)


class GainStream:
    """A gain at work on one signal."""

    latency_frames = 0
    tail_frames = 0

    def __init__(self, settings: Gain, *, sample_rate_hz: int, channels: int) -> None:
        del sample_rate_hz, channels
        self._gain = np.float32(10 ** (settings.gain_db / 20) * (-1 if settings.inverted else 1))

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the block (channels, frames) times the gain."""
        del key
        return block * self._gain
