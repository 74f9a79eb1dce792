"""Minimum-phase parametric equaliser: up to eight bands."""

from typing import Literal

from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.model import Model
from tonmeister.processing.band import Band
from tonmeister.processing.biquads import BiquadStream, decay_frames
from tonmeister.processing.filter_design import design_sections
from tonmeister.processing.stream import run_stream


class Equaliser(Model):
    """Settings of a parametric equaliser."""

    kind: Literal["equaliser"] = "equaliser"
    bands: tuple[Band, ...] = Field(default=(), max_length=8)
    """The bands, in the order in which they run."""


def is_neutral(settings: Equaliser) -> bool:
    """Say whether these settings return the input as it is."""
    return all(band.is_neutral for band in settings.bands)


def equalise(audio: Audio, settings: Equaliser, *, key: Audio | None = None) -> Audio:
    """Return the audio, equalised; a key changes nothing."""
    stream = EqualiserStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream, key=key)


class EqualiserStream:
    """An equaliser at work on one signal; its filters come from `filter_design`."""

    latency_frames = 0

    def __init__(self, settings: Equaliser, *, sample_rate_hz: int, channels: int) -> None:
        sections = design_sections(settings.bands, sample_rate_hz)
        self._filter = BiquadStream(sections, channels=channels) if len(sections) else None
        self.tail_frames = decay_frames(sections) if len(sections) else 0

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the block (channels, frames), filtered."""
        del key
        return block.copy() if self._filter is None else self._filter.process(block)
