"""A pass filter whose corner moves over the song: the build-up of a DJ's filter, at places of the song."""

from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from tonmeister.audio import Audio, Samples
from tonmeister.model import Hz, Model, Seconds
from tonmeister.processing.state_variable import StateVariableStream
from tonmeister.processing.stream import run_stream

_TAIL_S = 0.1
_OPEN_HZ = {"high_pass": 20.0, "low_pass": 20_000.0}
"""Where such a filter takes nothing that is heard."""


class Sweep(Model):
    """Settings of a filter that moves; in octaves, straight from point to point, before the first and after the last it stays."""

    kind: Literal["sweep"] = "sweep"
    shape: Literal["high_pass", "low_pass"] = "high_pass"
    """What it takes: everything below its corner, or above; 12 dB an octave."""
    points: tuple[tuple[Seconds, Hz], ...] = Field(default=((0.0, 20.0),), min_length=1)
    """Times of the song in seconds, rising, and the corner there, in Hz."""
    q: float = Field(default=0.71, ge=0.3, le=4)
    """Sharpness at the corner; 0.71 has no peak."""

    @field_validator("points")
    @classmethod
    def _rises(cls, points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
        if any(later[0] <= earlier[0] for earlier, later in pairwise(points)):
            raise ValueError("times of a sweep must rise from point to point")
        if not all(10 <= hz <= 22_000 for _, hz in points):
            raise ValueError("corners of a sweep lie between 10 Hz and 22 kHz")
        return points


def is_neutral(settings: Sweep) -> bool:
    """Say whether these settings return the input as it is: never, a filter that is open turns phases, too."""
    del settings
    return False


def sweep(audio: Audio, settings: Sweep) -> Audio:
    """Return the audio, filtered; its first frame is the start of the song."""
    return run_stream(audio, SweepStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels))


class SweepStream:
    """A sweep at work on one signal; cuts never change a byte."""

    latency_frames = 0

    def __init__(self, settings: Sweep, *, sample_rate_hz: int, channels: int) -> None:
        self.tail_frames = round(_TAIL_S * sample_rate_hz)
        self._filter = StateVariableStream(settings.shape, sample_rate_hz=sample_rate_hz, channels=channels)
        self._frames = np.array([time_s * sample_rate_hz for time_s, _ in settings.points])
        self._octaves = np.log2([hz for _, hz in settings.points])
        self._q, self._position = settings.q, 0

    def start_at(self, frame: int) -> None:
        """Say which frame of the song comes first."""
        self._position = frame

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return as many frames as came in."""
        del key
        places = self._position + np.arange(block.shape[1], dtype=np.float64)
        self._position += block.shape[1]
        corner_hz: NDArray[np.float64] = np.exp2(np.interp(places, self._frames, self._octaves))
        return self._filter.process(block, frequency_hz=corner_hz, q=self._q)


def open_hz(shape: Literal["high_pass", "low_pass"]) -> Hz:
    """Return the corner at which a sweep takes nothing that is heard."""
    return _OPEN_HZ[shape]
