"""Stereo width by mid and side, with an optional mono bass."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.kernels import njit
from tonmeister.model import Hz, Model
from tonmeister.processing.band import Band
from tonmeister.processing.biquads import BiquadStream, decay_frames
from tonmeister.processing.filter_design import design_sections
from tonmeister.processing.stream import run_stream


class Width(Model):
    """Settings of a stereo width control; one channel passes unchanged."""

    kind: Literal["width"] = "width"
    width: float = Field(default=1.0, ge=0, le=2)
    """Gain of the side signal: 0 mono, 1 as it is, 2 doubled."""
    mono_below_hz: Hz | None = Field(default=None, ge=20, le=1000)
    """Below this the side signal falls off by 12 dB per octave; None leaves the bass as it is."""


def is_neutral(settings: Width) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.width == 1 and settings.mono_below_hz is None


def widen(audio: Audio, settings: Width, *, key: Audio | None = None) -> Audio:
    """Return the audio, wider or narrower; the mid signal (what mono hears) is left alone. A key changes nothing."""
    stream = WidthStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream, key=key)


class WidthStream:
    """A width control at work on one signal."""

    latency_frames = 0

    def __init__(self, settings: Width, *, sample_rate_hz: int, channels: int) -> None:
        self._passes = is_neutral(settings) or channels == 1
        self._width = np.float32(settings.width)
        self._high_pass: BiquadStream | None = None
        self.tail_frames = 0
        if settings.mono_below_hz is not None and settings.width > 0 and not self._passes:
            band = Band(shape="high_pass", frequency_hz=settings.mono_below_hz)
            sections = design_sections((band,), sample_rate_hz)
            self._high_pass = BiquadStream(sections)
            self.tail_frames = decay_frames(sections)

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the block (channels, frames) with its side signal scaled."""
        del key
        if self._passes:
            return block.copy()
        if self._high_pass is None:
            return scale_side(block, self._width)
        mid, side = (block[0] + block[1]) * np.float32(0.5), (block[:1] - block[1:]) * np.float32(0.5)
        side = self._high_pass.process(side)[0] * self._width
        return np.stack([mid + side, mid - side])


@njit(nogil=True, cache=True)
def scale_side(block: Samples, width: np.float32) -> Samples:
    """Return the block (2, frames) with its side signal (L - R) / 2 times width."""
    out = np.empty_like(block)
    half = np.float32(0.5)
    for i in range(block.shape[1]):
        mid = (block[0, i] + block[1, i]) * half
        side = (block[0, i] - block[1, i]) * half * width
        out[0, i] = mid + side
        out[1, i] = mid - side
    return out


@njit(nogil=True, cache=True)
def scale_side_over(block: Samples, width: NDArray[np.float32]) -> Samples:
    """Return the block (2, frames) with its side signal times a width of its own in each frame; at 1 it is left as it is."""
    out = np.empty_like(block)
    half = np.float32(0.5)
    for i in range(block.shape[1]):
        mid = (block[0, i] + block[1, i]) * half
        side = (block[0, i] - block[1, i]) * half * width[i]
        out[0, i] = block[0, i] if width[i] == 1 else mid + side
        out[1, i] = block[1, i] if width[i] == 1 else mid - side
    return out
