"""Three-band compressor: Linkwitz-Riley crossovers that sum flat, a compressor on each band."""

from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from tonmeister.audio import Audio, Samples
from tonmeister.kernels import njit
from tonmeister.model import Hz, Model, Share
from tonmeister.processing.compressor import Compressor, curve_of
from tonmeister.processing.compressor import is_neutral as is_neutral_compressor
from tonmeister.processing.crossover import design_split, split_three
from tonmeister.processing.dynamics import DelayLine, Reduction, new_state, read_reduction, ride_gain
from tonmeister.processing.stream import run_stream


class Multiband(Model):
    """Settings of a three-band compressor."""

    kind: Literal["multiband"] = "multiband"
    low_crossover_hz: Hz = Field(default=150.0, ge=40, le=1000)
    """Between the low and the middle band (−6 dB point of both)."""
    high_crossover_hz: Hz = Field(default=4000.0, ge=500, le=16000)
    """Between the middle and the high band (−6 dB point of both)."""
    low: Compressor = Field(default_factory=lambda: Compressor(ratio=1))
    """The compressor of the low band."""
    mid: Compressor = Field(default_factory=lambda: Compressor(ratio=1))
    """The compressor of the middle band."""
    high: Compressor = Field(default_factory=lambda: Compressor(ratio=1))
    """The compressor of the high band."""
    mix: Share = 1.0
    """Share of the compressed sound; the rest is the bands without compression, so nothing combs."""

    @model_validator(mode="after")
    def _crossovers_ascend(self) -> Self:
        if self.high_crossover_hz < 2 * self.low_crossover_hz:
            message = "high_crossover_hz must lie at least an octave above low_crossover_hz"
            raise ValueError(message)
        return self


def is_neutral(settings: Multiband) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.mix == 0 or all(is_neutral_compressor(b) for b in (settings.low, settings.mid, settings.high))


def compress_bands(audio: Audio, settings: Multiband, *, key: Audio | None = None) -> Audio:
    """Return the audio, compressed in three bands; the key (same frames), split alike, steers them in place of the audio."""
    stream = MultibandStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream, key=key)


@njit(nogil=True, cache=True)
def _add_bands(low: Samples, mid: Samples, high: Samples, out: Samples) -> None:
    for channel in range(out.shape[0]):
        for i in range(out.shape[1]):
            out[channel, i] = (low[channel, i] + high[channel, i]) + mid[channel, i]


class _Splitter:
    """Three bands of one signal, block by block."""

    def __init__(self, settings: Multiband, *, sample_rate_hz: int, channels: int) -> None:
        self._lower = design_split(settings.low_crossover_hz, sample_rate_hz)
        self._upper = design_split(settings.high_crossover_hz, sample_rate_hz)
        self._state = np.zeros((channels, 14))
        self._frame = 0

    def process(self, block: Samples) -> tuple[Samples, Samples, Samples]:
        low, mid, high = np.empty_like(block), np.empty_like(block), np.empty_like(block)
        split_three(block, self._lower, self._upper, self._state, self._frame, low, mid, high)
        self._frame += block.shape[1]
        return low, mid, high


class _BandRider:
    """One band's compressor; its sound is as late as the latest band's, its detector looks ahead by its own time."""

    def __init__(self, band: Compressor, *, mix: float, late: int, sample_rate_hz: int, channels: int) -> None:
        settings = band.model_copy(update={"mix": band.mix * mix})
        self._neutral = is_neutral_compressor(settings)
        self._curve: NDArray[np.float64] = curve_of(settings, sample_rate_hz=sample_rate_hz).as_numbers()
        self._state = new_state()
        self._frames = 0
        self._late = late - round(band.lookahead_ms * sample_rate_hz / 1000)
        self._sound = DelayLine(late, channels)
        self._key_delay: DelayLine | None = None

    def ride(self, band: Samples, key: Samples) -> Samples:
        frames = band.shape[1]
        sound = self._sound.join(band)
        if self._neutral:
            return np.ascontiguousarray(sound[:, :frames])
        self._key_delay = self._key_delay or DelayLine(self._late, key.shape[0])
        out = np.empty_like(band)
        ride_gain(self._key_delay.join(key), sound, out, self._curve, self._state)
        self._frames += frames
        return out

    @property
    def reduction(self) -> Reduction:
        return read_reduction(self._state, frames=self._frames)


class MultibandStream:
    """A three-band compressor at work."""

    tail_frames = 0

    def __init__(self, settings: Multiband, *, sample_rate_hz: int, channels: int) -> None:
        self._neutral = is_neutral(settings)
        bands = (settings.low, settings.mid, settings.high)
        late = round(max(band.lookahead_ms for band in bands) * sample_rate_hz / 1000)
        self.latency_frames = 0 if self._neutral else late
        self._settings, self._rate = settings, sample_rate_hz
        self._split = _Splitter(settings, sample_rate_hz=sample_rate_hz, channels=channels)
        self._key_split: _Splitter | None = None
        self._riders = [
            _BandRider(band, mix=settings.mix, late=late, sample_rate_hz=sample_rate_hz, channels=channels)
            for band in bands
        ]

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the next frames, late by latency_frames."""
        if self._neutral:
            return block.copy()
        bands = self._split.process(block)
        keys = bands
        if key is not None:
            if self._key_split is None:
                self._key_split = _Splitter(self._settings, sample_rate_hz=self._rate, channels=key.shape[0])
            keys = self._key_split.process(key)
        low, mid, high = (r.ride(b, k) for r, b, k in zip(self._riders, bands, keys, strict=True))
        out = np.empty_like(block)
        _add_bands(low, mid, high, out)
        return out

    @property
    def reductions(self) -> tuple[Reduction, Reduction, Reduction]:
        """What was taken from the low, middle and high band so far."""
        low, mid, high = (rider.reduction for rider in self._riders)
        return low, mid, high
