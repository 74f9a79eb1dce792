"""Pitch correction of one voice, only where its settings say so: stretches with the pitch as sung and what is added to it."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from tonmeister.audio import Audio, Samples
from tonmeister.model import Model, Ms, Seconds, Share
from tonmeister.processing.pitch_shift import shift_voice
from tonmeister.processing.regions import Region, RegionStream, find_places
from tonmeister.processing.stream import run_stream

_CONTEXT_S = 0.05


class TunedStretch(Region):
    """A voiced stretch; both lists have a value each 10 ms."""

    hz: tuple[Annotated[float, Field(ge=40, le=2000)], ...] = Field(min_length=1)
    """The pitch as sung."""
    cents: tuple[Annotated[float, Field(ge=-200, le=200)], ...] = Field(min_length=1)
    """By how much it is raised."""

    @model_validator(mode="after")
    def _alike(self) -> "TunedStretch":
        if len(self.hz) != len(self.cents):
            raise ValueError("a stretch has as many cents as pitches")
        return self


class Tuner(Model):
    """Settings of a pitch corrector."""

    kind: Literal["tuner"] = "tuner"
    regions: tuple[TunedStretch, ...] = ()
    """What is corrected; none changes nothing."""
    tonic: Literal["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"] = "C"
    """Home note of the key whose notes it was corrected to."""
    mode: Literal["major", "minor"] = "major"
    """Major or natural minor."""
    amount: Share = 0.8
    """Part of the distance to the note that was taken."""
    speed_ms: Ms = Field(default=80.0, ge=0, le=1000)
    """How slowly the correction follows; slower than a vibrato leaves it."""
    start_s: Seconds = 0.0
    """Where in the song the sound begins to which the stretches refer."""


def is_neutral(settings: Tuner) -> bool:
    """Say whether these settings return the input as it is."""
    return not any(any(stretch.cents) for stretch in settings.regions)


def tune_voice(audio: Audio, settings: Tuner, *, key: Audio | None = None) -> Audio:
    """Return the audio with its pitch corrected; a key changes nothing."""
    del key
    return run_stream(audio, TunerStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels))


class TunerStream(RegionStream):
    """A pitch corrector at work."""

    def __init__(self, settings: Tuner, *, sample_rate_hz: int, channels: int) -> None:
        stretches = () if is_neutral(settings) else settings.regions
        places = find_places(stretches, start_s=settings.start_s, sample_rate_hz=sample_rate_hz)
        self._curves = [(np.array(s.hz), np.array(s.cents)) for s in stretches]
        self._rate = sample_rate_hz
        context = round(_CONTEXT_S * sample_rate_hz) if places else 0
        super().__init__(self._shift, places, context_frames=context, channels=channels)

    def _shift(self, part: Samples, first: int, last: int, index: int) -> None:
        shift_voice(part, first, last, self._curves[index], self._rate)
