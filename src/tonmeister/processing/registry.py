"""Which stream runs which settings: one table, by hand."""

from collections.abc import Callable
from typing import Any

from tonmeister.processing import (
    Compressor,
    DeEsser,
    Delay,
    Denoiser,
    Dereverb,
    DynamicEqualiser,
    Equaliser,
    Expander,
    Gain,
    Gate,
    Multiband,
    Processor,
    Reverb,
    Saturator,
    TruePeakLimiter,
    Width,
    compressor,
    deesser,
    delay,
    denoiser,
    dereverb,
    dynamic_equaliser,
    equaliser,
    expander,
    gain,
    gate,
    limiter,
    multiband,
    reverb,
    saturator,
    width,
)
from tonmeister.processing.stream import Stream

_Make = Callable[..., Stream]
_Question = Callable[[Any], bool]

STREAMS: dict[type, tuple[_Make, _Question]] = {
    Equaliser: (equaliser.EqualiserStream, equaliser.is_neutral),
    DynamicEqualiser: (dynamic_equaliser.DynamicEqualiserStream, dynamic_equaliser.is_neutral),
    Compressor: (compressor.CompressorStream, compressor.is_neutral),
    Expander: (expander.ExpanderStream, expander.is_neutral),
    Gate: (gate.GateStream, gate.is_neutral),
    DeEsser: (deesser.DeEsserStream, deesser.is_neutral),
    Denoiser: (denoiser.DenoiserStream, denoiser.is_neutral),
    Dereverb: (dereverb.DereverbStream, dereverb.is_neutral),
    Multiband: (multiband.MultibandStream, multiband.is_neutral),
    Saturator: (saturator.SaturatorStream, saturator.is_neutral),
    Width: (width.WidthStream, width.is_neutral),
    Gain: (gain.GainStream, gain.is_neutral),
    Delay: (delay.DelayStream, delay.is_neutral),
    Reverb: (reverb.ReverbStream, reverb.is_neutral),
    TruePeakLimiter: (limiter.TruePeakLimiterStream, limiter.is_neutral),
}
"""Settings → how to make their stream, and whether they return the input as it is."""


def make_stream(settings: Processor, *, sample_rate_hz: int, channels: int) -> Stream:
    """Return a fresh stream of these settings for one signal."""
    make, _ = STREAMS[type(settings)]
    return make(settings, sample_rate_hz=sample_rate_hz, channels=channels)


def is_neutral(settings: Processor) -> bool:
    """Say whether these settings return the input as it is, so that it need not run."""
    _, is_neutral_of = STREAMS[type(settings)]
    return is_neutral_of(settings)
