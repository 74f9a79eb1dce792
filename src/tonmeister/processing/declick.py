"""Takes clicks away: the marked samples are told anew from their neighbours by an autoregressive model.

Godsill and Rayner, Digital Audio Restoration (1998), chapter 5: least-squares interpolation. Ringings that are added to the sound
are subtracted as damped sines first (`ringings.py`); what is left of them is told by chapter 4: what is heard under it counts as
much as it stands out of it.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.model import Hz, Model, Ms, Seconds, Share
from tonmeister.processing.autoregression import interpolate, learn_model, uncover
from tonmeister.processing.regions import Region, RegionStream, find_places
from tonmeister.processing.ringing_grid import LONGEST_S
from tonmeister.processing.ringings import find_ringings, floor_under, still_ringing
from tonmeister.processing.stream import run_stream

_CONTEXT_S = 0.03
_ORDER_S = 0.0025
"""Length of the model: 110 coefficients at 44.1 kHz."""
_SPLIT_S = 0.0015
_ROUNDS = 2
_HEADROOM = 1.5
_LONG_CONTEXT_S, _LONG_ORDER_S = 0.03, 0.004
"""For ringings, which outlast a pulse of the voice: the model knows the pulse before, if the voice is no low one."""
_RINGS_HZ, _SMOOTH_S, _MEAN_OVER_MEDIAN = 1500.0, 0.0005, 2.2


class Declick(Model):
    """Settings of a click remover."""

    kind: Literal["declick"] = "declick"
    regions: tuple[Region, ...] = ()
    """The clicks; none changes nothing."""
    margin_ms: Ms = Field(default=0.12, ge=0, le=5)
    """How much more is mended on both sides of each."""
    ringing: bool = False
    """Whether the clicks are ringings above 1.5 kHz, as mouths make them, under which the sound is still heard."""
    lowest_hz: Hz = Field(default=0.0, ge=0, le=10000)
    """Only what is above is mended; for clicks that are lost, not for ringings."""
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
        self._rate = rate = sample_rate_hz
        margin = round(settings.margin_ms * rate / 1000)
        regions = () if is_neutral(settings) else settings.regions
        places = find_places(regions, start_s=settings.start_s, sample_rate_hz=rate, margin_frames=margin)
        self._low = _low_pass(settings.lowest_hz, rate)
        self._high, self._smooth = _high_pass(rate), _bell(rate)
        self._ringing, self._amount = settings.ringing, np.float32(settings.amount)
        self._order = round((_LONG_ORDER_S if self._ringing else _ORDER_S) * rate)
        self._clicks = [(first, last, regions[index].channel) for first, last, index in places]
        self._rings_out = round(LONGEST_S * rate) if self._ringing else 0
        numbered = [(first, last + self._rings_out, number) for number, (first, last, _) in enumerate(places)]
        longest = max((last - first for first, last, _ in numbered), default=0)
        context = max(round((_LONG_CONTEXT_S if self._ringing else _CONTEXT_S) * rate), 2 * longest)
        super().__init__(self._mend_click, numbered, context_frames=context, channels=channels)

    def _mend_click(self, part: Samples, first: int, last: int, number: int) -> None:
        own = self._clicks[number][2]
        for channel in range(part.shape[0]) if own is None else (min(own, part.shape[0] - 1),):
            missing = self._missing_from(number, self._clicks[number][0] - first, channel, part.shape[1])
            whole = part[channel].astype(np.float64)
            mend = self._uncovered if self._ringing else self._interpolated
            part[channel, first:last] += self._amount * mend(whole, missing, first, last).astype(np.float32)

    def _missing_from(self, number: int, origin: int, channel: int, frames: int) -> NDArray[np.bool_]:
        """Return which samples of a channel are hidden by this click and those to come, which are no witnesses yet."""
        missing = np.zeros(frames, np.bool_)
        for start, end, own in self._clicks[number:]:
            if start - origin >= frames + self._order:
                break
            if own is None or own == channel:
                missing[max(0, start - origin) : max(0, end - origin)] = True
        missing[: self._order] = missing[-self._order :] = False
        return missing

    def _interpolated(
        self, whole: NDArray[np.float64], missing: NDArray[np.bool_], first: int, last: int
    ) -> NDArray[np.float64]:
        """Return what to add so that the click is gone."""
        window = whole - np.convolve(whole, self._low, "same") if self._low.size else whole.copy()
        there = window[first:last].copy()
        most = _HEADROOM * np.abs(window[~missing]).max(initial=0.0)  # where much is missing a model may go astray
        interpolate(window, missing, order=self._order, rounds=_ROUNDS)
        return np.asarray(np.clip(window[first:last], -most, most) - there)

    def _uncovered(
        self, whole: NDArray[np.float64], missing: NDArray[np.bool_], first: int, last: int
    ) -> NDArray[np.float64]:
        """Return what to add so that the ringing is gone: damped sines, and what else is over the usual above 1.5 kHz."""
        unsure, floor_power = still_ringing(missing, self._rate), floor_under(whole[first : last - self._rings_out])
        learnt = learn_model(whole, unsure, order=self._order, floor_power=floor_power)
        if learnt is None:  # what stands in silence is all noise
            return -whole[first:last] * (not whole[~unsure].any())
        rest = whole - find_ringings(whole, first, last - self._rings_out, learnt, self._rate)
        high = np.square(np.convolve(rest, self._high, "same"))
        usual = _MEAN_OVER_MEDIAN * np.median(high[~missing])
        noise = np.maximum(np.convolve(high, self._smooth, "same") - usual, 0)
        noise[:first] = noise[last - self._rings_out :] = np.inf  # of other clicks, which are still to come
        return np.asarray(uncover(rest, missing, noise, learnt)[first:last] - whole[first:last])


def _low_pass(frequency_hz: float, rate: int) -> NDArray[np.float64]:
    """Return a windowed sinc of 3 ms; empty for 0 Hz."""
    return np.zeros(0) if frequency_hz == 0 else _sinc(frequency_hz, round(_SPLIT_S * rate), rate)


def _high_pass(rate: int) -> NDArray[np.float64]:
    """Return what a windowed sinc of 2 ms leaves above 1.5 kHz."""
    half = round(0.001 * rate)
    taps = -_sinc(_RINGS_HZ, half, rate)
    taps[half] += 1
    return taps


def _sinc(frequency_hz: float, half: int, rate: int) -> NDArray[np.float64]:
    taps = np.sinc(2 * frequency_hz / rate * np.arange(-half, half + 1)) * np.hanning(2 * half + 3)[1:-1]
    return np.asarray(taps / taps.sum())


def _bell(rate: int) -> NDArray[np.float64]:
    bell = np.hanning(2 * round(_SMOOTH_S * rate / 2) + 3)[1:-1]
    return np.asarray(bell / bell.sum())
