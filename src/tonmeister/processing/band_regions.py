"""A band turned down in marked places and nowhere else: a linear-phase split with soft borders in time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Samples
from tonmeister.model import Hz, Ms, Seconds
from tonmeister.processing.regions import Region, RegionStream, find_places


@dataclass(frozen=True, slots=True, eq=False)
class Turned:
    """What becomes of one place."""

    taps: NDArray[np.float64]
    """Linear-phase filter that passes the band, of odd length."""
    share: float
    """Part of the band that is taken away."""


def low_pass(frequency_hz: Hz, *, sample_rate_hz: int, periods: float) -> NDArray[np.float64]:
    """Return a windowed sinc whose −6 dB point is the frequency, so many periods long on each side."""
    half = round(periods / frequency_hz * sample_rate_hz)
    place = np.arange(-half, half + 1)
    taps = np.sinc(2 * min(frequency_hz / sample_rate_hz, 0.5) * place) * np.hamming(2 * half + 1)
    return np.asarray(taps / taps.sum())


def high_pass(frequency_hz: Hz, *, sample_rate_hz: int, periods: float) -> NDArray[np.float64]:
    """Return what the low pass leaves."""
    taps = -low_pass(frequency_hz, sample_rate_hz=sample_rate_hz, periods=periods)
    taps[taps.size // 2] += 1
    return taps


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the sound stands and how softly places begin and end."""

    start_s: Seconds
    fade_ms: Ms
    sample_rate_hz: int


class BandRegionStream(RegionStream):
    """Turns bands down in places."""

    def __init__(self, regions: Sequence[Region], turned: Sequence[Turned], clock: Clock, *, channels: int) -> None:
        from scipy import fft  # noqa: PLC0415 - costs a third of a second; rendering without repairs needs none

        self._fft = fft
        self._regions, self._turned = regions, turned
        self._fade = max(1, round(clock.fade_ms * clock.sample_rate_hz / 1000))
        places = find_places(
            regions, start_s=clock.start_s, sample_rate_hz=clock.sample_rate_hz, margin_frames=self._fade
        )
        longest = max((what.taps.size for what in turned), default=1)
        super().__init__(self._turn_down, places, context_frames=longest, channels=channels)

    def _turn_down(self, part: Samples, first: int, last: int, index: int) -> None:
        what = self._turned[index]
        ramp = np.sin(np.pi / 2 * (np.arange(self._fade) + 0.5) / self._fade) ** 2
        share = np.full(last - first, what.share)
        size = min(self._fade, share.size)
        share[:size] *= ramp[:size]
        share[-size:] *= ramp[:size][::-1]
        half = what.taps.size // 2
        length = self._fft.next_fast_len(last - first + 4 * half + 1, real=True)
        taps = self._fft.rfft(what.taps, length)
        own = self._regions[index].channel
        for channel in range(part.shape[0]) if own is None else (min(own, part.shape[0] - 1),):
            near = part[channel, first - half : last + half].astype(np.float64)
            band = self._fft.irfft(self._fft.rfft(near, length) * taps, length)[2 * half : 2 * half + last - first]
            part[channel, first:last] -= (share * band).astype(np.float32)
