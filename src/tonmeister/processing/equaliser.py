"""Parametric equaliser: up to eight bands on both channels, or on their middle or side alone; minimum or linear phase."""

from typing import Literal

import numpy as np
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.model import Model
from tonmeister.processing.band import Band
from tonmeister.processing.biquads import BiquadStream, decay_frames
from tonmeister.processing.filter_design import Floats, design_sections
from tonmeister.processing.linear_phase import LinearPhaseStream
from tonmeister.processing.stream import run_stream

Phase = Literal["minimum", "linear"]
"""minimum is late by nothing; linear keeps the phase, is late by 0.26 s and rings before as well as after."""


class Equaliser(Model):
    """Settings of a parametric equaliser."""

    kind: Literal["equaliser"] = "equaliser"
    bands: tuple[Band, ...] = Field(default=(), max_length=8)
    """The bands, in the order in which they run."""
    channels: Literal["stereo", "mid", "side"] = "stereo"
    """What they work on: both channels, what these have in common, or how they differ; one channel is all middle."""
    phase: Phase = "minimum"
    """minimum is without latency; linear delays all frequencies alike, by about a quarter of a second, which is made up for."""


def is_neutral(settings: Equaliser) -> bool:
    """Say whether these settings return the input as it is."""
    return all(band.is_neutral for band in settings.bands)


def equalise(audio: Audio, settings: Equaliser, *, key: Audio | None = None) -> Audio:
    """Return the audio, equalised; a key changes nothing."""
    stream = EqualiserStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream, key=key)


class EqualiserStream:
    """An equaliser at work on one signal; its filters come from `filter_design`."""

    def __init__(self, settings: Equaliser, *, sample_rate_hz: int, channels: int) -> None:
        sections = design_sections(settings.bands, sample_rate_hz)
        self._part = settings.channels if channels == 2 else "stereo"
        passes = not len(sections) or (settings.channels == "side" and channels == 1)
        self._filter: BiquadStream | LinearPhaseStream | None = None
        self.tail_frames, self.latency_frames = 0, 0
        if passes:
            return
        if settings.phase == "linear":
            self._start_linear(sections, sample_rate_hz, channels)
        else:
            self._filter = BiquadStream(sections)
            self.tail_frames = decay_frames(sections)

    def _start_linear(self, sections: Floats, sample_rate_hz: int, channels: int) -> None:
        """Make the filter; the untouched half of middle and side waits for it in one of its own that changes nothing."""
        halves = channels if self._part == "stereo" else 1
        linear = LinearPhaseStream(sections, sample_rate_hz=sample_rate_hz, channels=halves)
        self._filter, self.latency_frames, self.tail_frames = linear, linear.latency_frames, linear.tail_frames
        self._waiting = np.zeros((1, linear.latency_frames), np.float32)

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the block (channels, frames), filtered."""
        del key
        if self._filter is None:
            return block.copy()
        if self._part == "stereo":
            return self._filter.process(block)
        half = np.float32(0.5)
        mid, side = (block[:1] + block[1:]) * half, (block[:1] - block[1:]) * half
        if self._part == "mid":
            mid, side = self._filter.process(np.ascontiguousarray(mid)), self._late(side)
        else:
            mid, side = self._late(mid), self._filter.process(np.ascontiguousarray(side))
        return np.concatenate([mid + side, mid - side])

    def _late(self, part: Samples) -> Samples:
        """Return the untouched half, as late as the filtered one."""
        if not self.latency_frames:
            return part
        line = np.concatenate([self._waiting, part], axis=1)
        self._waiting = line[:, part.shape[1] :]
        return np.ascontiguousarray(line[:, : part.shape[1]])
