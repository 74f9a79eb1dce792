"""Fills marked gaps from what is on both sides, by a long autoregressive model (Janssen's method)."""

from typing import Literal

import numpy as np

from tonmeister.audio import Audio, Samples
from tonmeister.model import Model, Seconds, Share
from tonmeister.processing.autoregression import interpolate
from tonmeister.processing.regions import Region, RegionStream, find_places
from tonmeister.processing.stream import run_stream

_ROUNDS = 4
_GAPS_OF_CONTEXT = 3
_MOST_ORDER = 512
_LEAST_CONTEXT_S = 0.04


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
        longest = max((last - first for first, last, _ in places), default=0)
        context = max(_GAPS_OF_CONTEXT * longest, round(_LEAST_CONTEXT_S * sample_rate_hz))
        self._regions, self._amount = regions, np.float32(settings.amount)
        super().__init__(self._fill, places, context_frames=context, channels=channels)

    def _fill(self, part: Samples, first: int, last: int, index: int) -> None:
        own = self._regions[index].channel
        order = min(_MOST_ORDER, first // 2)
        for channel in range(part.shape[0]) if own is None else (min(own, part.shape[0] - 1),):
            missing = np.zeros(part.shape[1], np.bool_)
            missing[first:last] = True
            window = part[channel].astype(np.float64)
            interpolate(window, missing, order=order, rounds=_ROUNDS)
            there = part[channel, first:last]
            part[channel, first:last] = there + self._amount * (window[first:last].astype(np.float32) - there)
