"""Takes clicks away: the marked samples are told anew from their neighbours by an autoregressive model.

Godsill and Rayner, Digital Audio Restoration (1998), chapter 5: least-squares interpolation.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.model import Hz, Model, Ms, Seconds, Share
from tonmeister.processing.autoregression import interpolate
from tonmeister.processing.regions import Region, RegionStream, find_places
from tonmeister.processing.stream import run_stream

_CONTEXT_S = 0.03
_ORDER_S = 0.0025
"""Length of the model: 110 coefficients at 44.1 kHz."""
_SPLIT_S = 0.0015
_ROUNDS = 2


class Declick(Model):
    """Settings of a click remover."""

    kind: Literal["declick"] = "declick"
    regions: tuple[Region, ...] = ()
    """The clicks; none changes nothing."""
    margin_ms: Ms = Field(default=0.12, ge=0, le=5)
    """How much more is mended on both sides of each."""
    lowest_hz: Hz = Field(default=0.0, ge=0, le=10000)
    """Only what is above is mended: mouth clicks have nothing below 1 kHz, where the voice is."""
    start_s: Seconds = 0.0
    """Where in the song the sound begins to which the regions refer."""
    amount: Share = 1.0
    """Share of each click that is taken away."""


def is_neutral(settings: Declick) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.amount == 0 or not settings.regions


def declick(audio: Audio, settings: Declick) -> Audio:
    """Return the audio without its clicks."""
    stream = DeclickStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream)


class DeclickStream(RegionStream):
    """A click remover at work."""

    def __init__(self, settings: Declick, *, sample_rate_hz: int, channels: int) -> None:
        rate = sample_rate_hz
        margin = round(settings.margin_ms * rate / 1000)
        regions = () if is_neutral(settings) else settings.regions
        places = find_places(regions, start_s=settings.start_s, sample_rate_hz=rate, margin_frames=margin)
        self._low = _low_pass(settings.lowest_hz, rate)
        self._order, self._amount = round(_ORDER_S * rate), np.float32(settings.amount)
        self._clicks = [(first, last, regions[index].channel) for first, last, index in places]
        numbered = [(first, last, number) for number, (first, last, _) in enumerate(places)]
        longest = max((last - first for first, last, _ in places), default=0)
        context = max(round(_CONTEXT_S * rate), 2 * longest)
        super().__init__(self._mend_click, numbered, context_frames=context, channels=channels)

    def _mend_click(self, part: Samples, first: int, last: int, number: int) -> None:
        origin = self._clicks[number][0] - first
        own = self._clicks[number][2]
        for channel in range(part.shape[0]) if own is None else (min(own, part.shape[0] - 1),):
            missing = np.zeros(part.shape[1], np.bool_)
            for start, end, other in self._clicks[number:]:  # those to come are no witnesses yet
                if start - origin >= part.shape[1] + self._order:
                    break
                if other is None or other == channel:
                    missing[max(0, start - origin) : max(0, end - origin)] = True
            missing[: self._order] = missing[-self._order :] = False
            whole = part[channel].astype(np.float64)
            window = whole - np.convolve(whole, self._low, "same") if self._low.size else whole.copy()
            there = window[first:last].copy()
            interpolate(window, missing, order=self._order, rounds=_ROUNDS)
            part[channel, first:last] += (self._amount * (window[first:last] - there)).astype(np.float32)


def _low_pass(frequency_hz: float, rate: int) -> NDArray[np.float64]:
    """Return a windowed sinc of 3 ms; empty for 0 Hz."""
    if frequency_hz == 0:
        return np.zeros(0)
    half = round(_SPLIT_S * rate)
    taps = np.sinc(2 * frequency_hz / rate * np.arange(-half, half + 1)) * np.hanning(2 * half + 3)[1:-1]
    return np.asarray(taps / taps.sum())
