"""Gives a narrow band an octave more: what lies below its edge is set above it again, as quiet as the fall below foretells.

Spectral band replication (after Dietz et al. 2002) without the sender's envelope: the level follows the sound's own tilt.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.model import Db, Hz, Model, Share
from tonmeister.processing.decibels import to_gain
from tonmeister.processing.segments import SegmentStream
from tonmeister.processing.spectra import OVERLAP, analyse, frames_of, synthesise
from tonmeister.processing.stream import run_stream

SEGMENT_S, CONTEXT_S = 2.0, 0.1
TILT, STEEPEST_DB, SMOOTHED_FRAMES = 0.8, -30.0, 3
"""Part of the fall below the edge that goes on above it, the most, and over how many frames of 11 ms it is evened."""
_EDGE = 0.04


class Extender(Model):
    """Settings of an extender of bandwidth; a taste that is asked for, never a repair by itself."""

    kind: Literal["extender"] = "extender"
    edge_hz: Hz = Field(default=8000.0, ge=1000, le=20_000)
    """Where the sound ends."""
    level_db: Db = Field(default=-3.0, ge=-24, le=6)
    """Level of what is added, over what the fall below the edge foretells."""
    amount: Share = 0.5
    """Share of it that is added; 0 returns the input."""


def is_neutral(settings: Extender) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.amount == 0


def extend(audio: Audio, settings: Extender) -> Audio:
    """Return the audio with an octave more at the top."""
    stream = ExtenderStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream)


class ExtenderStream(SegmentStream):
    """An extender of bandwidth at work."""

    def __init__(self, settings: Extender, *, sample_rate_hz: int, channels: int) -> None:
        self._frames = frames_of(sample_rate_hz)
        self._gain = 0.0 if is_neutral(settings) else settings.amount * to_gain(settings.level_db)
        edge = round((1 - _EDGE) * settings.edge_hz / self._frames.bin_hz)
        self._shift = max(OVERLAP, edge // 2 // OVERLAP * OVERLAP)  # whole turns from frame to frame: phases fit
        self._edge = edge
        super().__init__(
            self._extend,
            segment_frames=round(SEGMENT_S * sample_rate_hz),
            context_frames=round(CONTEXT_S * sample_rate_hz),
            crossfade_frames=self._frames.size,
            channels=channels,
        )

    def _extend(self, samples: Samples, start: int) -> Samples:
        bins, shift, edge = self._frames.bins, self._shift, self._edge
        if self._gain == 0 or edge >= bins - OVERLAP or edge < 4 * OVERLAP:
            return samples
        spectra = analyse(samples, self._frames)
        gains = self._gain * _foretell(np.square(np.abs(spectra)).mean(axis=0), edge)
        added = np.zeros_like(spectra)
        octave = np.arange(edge, min(bins, 2 * edge))
        for first in (edge, edge + shift):  # two copies of the half below fill the octave
            last = min(first + shift, bins)
            if last > first:
                lifted = first - edge + shift
                added[:, :, first:last] = spectra[:, :, first - lifted : last - lifted]
        slope = (octave / edge)[None, :] ** (np.log2(np.maximum(gains / self._gain, 1e-6))[:, None])
        added[:, :, octave] *= (self._gain * slope).astype(np.float32)
        added[:, :, : edge + 1] = 0
        return samples + synthesise(added, self._frames, length=samples.shape[1])


def _foretell(power: NDArray[np.float32], edge: int) -> NDArray[np.float64]:
    """Return for each frame the gain of the octave above the edge over that below: part of the fall from the one before."""
    upper, lower = power[:, edge // 2 : edge].mean(axis=1), power[:, edge // 4 : edge // 2].mean(axis=1)
    kernel = np.ones(SMOOTHED_FRAMES) / SMOOTHED_FRAMES
    upper, lower = (np.convolve(x.astype(np.float64), kernel, "same") + 1e-20 for x in (upper, lower))
    fall_db = np.clip(10 * np.log10(upper / lower), STEEPEST_DB, 0.0)
    return np.asarray(10 ** (TILT * fall_db / 20))
