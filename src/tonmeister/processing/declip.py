"""Rebuilds what was cut off: samples at the ceiling are told anew from the others, never below the ceiling.

Least-squares interpolation by an autoregressive model (Janssen, Veldhuis and Vries 1986) under the constraint that what was
cut off was higher than where it was cut (consistency, as in Kitic, Bertin and Gribonval 2015).
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.model import Model, Share
from tonmeister.processing.autoregression import fit_model, solve_missing
from tonmeister.processing.segments import SegmentStream
from tonmeister.processing.stream import run_stream

_SEGMENT_S, _CONTEXT_S, _FADE_S = 0.04, 0.03, 0.002
_ORDER_S = 0.0022
_ROUNDS, _PINNINGS = 2, 6
_NEAR = 0.9995
_HIGHEST = 4.0  # of the ceiling: 12 dB; what a model foretells above has gone astray


class Declip(Model):
    """Settings of a rebuilder of clipped peaks."""

    kind: Literal["declip"] = "declip"
    ceiling: float = Field(default=1.0, gt=0, le=16)
    """Magnitude at which the sound was cut off, full scale 1.0."""
    floor: float | None = Field(default=None, gt=0, le=16)
    """Magnitude at which its negative side was cut off; None for the same."""
    gain: float = 1.0
    """Factor at which that sound comes in (trim and polarity)."""
    amount: Share = 1.0
    """Share of what is rebuilt above the ceiling."""


def is_neutral(settings: Declip) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.amount == 0 or settings.gain == 0


def declip(audio: Audio, settings: Declip) -> Audio:
    """Return the audio with its clipped peaks rebuilt; they go above the ceiling."""
    stream = DeclipStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream)


class DeclipStream(SegmentStream):
    """A rebuilder of clipped peaks at work."""

    def __init__(self, settings: Declip, *, sample_rate_hz: int, channels: int) -> None:
        up, down = settings.ceiling, settings.floor or settings.ceiling
        gain = settings.gain or 1.0
        self._up, self._down = (up * gain, down * gain) if gain > 0 else (-down * gain, -up * gain)
        self._order = round(_ORDER_S * sample_rate_hz)
        self._amount = np.float32(0 if is_neutral(settings) else settings.amount)
        fade = round(_FADE_S * sample_rate_hz)
        self._core = round(_CONTEXT_S * sample_rate_hz)
        super().__init__(
            self._rebuild,
            segment_frames=round(_SEGMENT_S * sample_rate_hz),
            context_frames=self._core,
            crossfade_frames=fade,
            channels=channels,
        )

    def _rebuild(self, window: Samples, position: int) -> Samples:
        if self._amount == 0:
            return window
        for channel in window:
            high, low = channel >= np.float32(_NEAR * self._up), channel <= np.float32(-_NEAR * self._down)
            clipped = high | low
            if clipped[self._core : -self._core].any():
                rebuilt = self._solve(channel.astype(np.float64), high, low)
                difference = (rebuilt[clipped] - channel[clipped]) * self._amount
                channel[clipped] += difference.astype(np.float32)
        return window

    def _solve(
        self, known: NDArray[np.float64], high: NDArray[np.bool_], low: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Return the sound with its clipped samples rebuilt, none of them below the ceiling."""
        sign = high.astype(np.float64) - low
        limit = np.where(high, self._up, self._down)
        sound, clipped = known.copy(), high | low
        for _ in range(_ROUNDS):
            model = fit_model([sound], self._order)
            free = clipped.copy()
            for _ in range(_PINNINGS):
                solve_missing(sound, np.flatnonzero(free), model)
                under = free & (sign * sound < limit)
                sound[under] = known[under]
                if not under.any():
                    break
                free &= ~under
            sound[clipped] = np.clip(sign * sound, limit, _HIGHEST * limit)[clipped] * sign[clipped]
        return sound
