"""Fills marked gaps from what is on both sides and from what is alike within some seconds."""

from typing import Literal

import numpy as np

from tonmeister.audio import Audio, Samples
from tonmeister.model import Model, Seconds, Share
from tonmeister.processing.gap_filling import fill_gap
from tonmeister.processing.regions import Region, RegionStream, find_places
from tonmeister.processing.stream import run_stream

CONTEXT_S = 4.0
"""So far before and after it is looked for what is alike; the stream is late by as much."""


class Inpaint(Model):
    """Settings of a filler of gaps."""

    kind: Literal["inpaint"] = "inpaint"
    regions: tuple[Region, ...] = ()
    """What is lost, up to a tenth of a second each; none changes nothing."""
    start_s: Seconds = 0.0
    """Where in the song the sound begins to which the regions refer."""
    amount: Share = 1.0
    """Share of the filling, the rest is what was there."""


def is_neutral(settings: Inpaint) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.amount == 0 or not settings.regions


def inpaint(audio: Audio, settings: Inpaint) -> Audio:
    """Return the audio with its gaps filled."""
    stream = InpaintStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream)


class InpaintStream(RegionStream):
    """A filler of gaps at work."""

    def __init__(self, settings: Inpaint, *, sample_rate_hz: int, channels: int) -> None:
        regions = () if is_neutral(settings) else settings.regions
        places = find_places(regions, start_s=settings.start_s, sample_rate_hz=sample_rate_hz)
        self._gaps = [(first, last, regions[index].channel) for first, last, index in places]
        self._rate, self._amount = sample_rate_hz, np.float32(settings.amount)
        numbered = [(first, last, number) for number, (first, last, _) in enumerate(places)]
        super().__init__(
            self._fill, numbered, context_frames=round(CONTEXT_S * sample_rate_hz) if places else 0, channels=channels
        )

    def _fill(self, part: Samples, first: int, last: int, number: int) -> None:
        own = self._gaps[number][2]
        for channel in range(part.shape[0]) if own is None else (min(own, part.shape[0] - 1),):
            lost = np.zeros(part.shape[1], np.bool_)
            origin = self._gaps[number][0] - first
            for start, end, other in self._gaps[number:]:  # those before are filled
                if other is None or other == channel:
                    lost[max(0, start - origin) : max(0, end - origin)] = True
            lost[:first] = False
            filling = fill_gap(part[channel].astype(np.float64), lost, self._rate)[: last - first].astype(np.float32)
            there = part[channel, first:last]
            part[channel, first:last] = there + self._amount * (filling - there)
