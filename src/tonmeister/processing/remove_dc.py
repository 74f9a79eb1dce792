"""Takes a constant offset away, and rumble below the music by a steep high pass."""

from typing import Literal

import numpy as np
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.model import Hz, Model, Share
from tonmeister.processing.band import Band
from tonmeister.processing.biquads import BiquadStream, decay_frames
from tonmeister.processing.filter_design import design_sections
from tonmeister.processing.silence import SILENCE_FRAMES, SilenceDelay
from tonmeister.processing.stream import run_stream


class RemoveDc(Model):
    """Settings of a remover of offset and rumble."""

    kind: Literal["remove_dc"] = "remove_dc"
    offsets: tuple[float, ...] = ()
    """Offset of each channel, full scale 1.0; none takes nothing away. Digital silence stays as it is."""
    rumble_hz: Hz = Field(default=0.0, ge=0, le=200)
    """Corner of a high pass of 24 dB per octave; 0 for none."""
    gain: float = 1.0
    """Factor at which the sound comes in (trim and polarity)."""
    amount: Share = 1.0
    """Share of the offset that is taken away; the high pass works from a half on."""


def is_neutral(settings: RemoveDc) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.amount == 0 or not (_has_offset(settings) or _has_pass(settings))


def remove_dc(audio: Audio, settings: RemoveDc) -> Audio:
    """Return the audio without its offset and rumble."""
    stream = RemoveDcStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream)


class RemoveDcStream:
    """A remover of offset and rumble at work."""

    def __init__(self, settings: RemoveDc, *, sample_rate_hz: int, channels: int) -> None:
        self._neutral = is_neutral(settings)
        self._offset: Samples | None = None
        self._silence = SilenceDelay(channels)
        if not self._neutral and _has_offset(settings):
            offsets = settings.offsets if len(settings.offsets) == channels else settings.offsets[:1] * channels
            scaled = np.array(offsets) * (settings.gain * settings.amount)
            self._offset = scaled.astype(np.float32)[:, None]
        self.latency_frames = 0 if self._offset is None else SILENCE_FRAMES
        self._filter: BiquadStream | None = None
        self.tail_frames = 0
        if not self._neutral and _has_pass(settings):
            band = Band(shape="high_pass", frequency_hz=max(10.0, settings.rumble_hz), slope_db_per_octave=24)
            sections = design_sections((band,), sample_rate_hz)
            self._filter = BiquadStream(sections)
            self.tail_frames = decay_frames(sections)

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the next frames, late by latency_frames; the key is not used."""
        out = block.copy() if self._neutral or self._offset is None else self._shifted(block)
        return out if self._filter is None else self._filter.process(out)

    def _shifted(self, block: Samples) -> Samples:
        out, sounds = self._silence.join(block)
        if self._offset is not None:
            out -= np.where(sounds, self._offset, np.float32(0))
        return out


def _has_offset(settings: RemoveDc) -> bool:
    return settings.gain != 0 and any(settings.offsets)


def _has_pass(settings: RemoveDc) -> bool:
    return settings.rumble_hz > 0 and settings.amount >= 0.5
