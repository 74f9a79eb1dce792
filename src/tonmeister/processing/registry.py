"""Which stream runs which settings: one table, by hand."""

from collections.abc import Callable
from typing import Any

from tonmeister.processing import (
    Aligner,
    Azimuth,
    Compressor,
    Debleed,
    Debreath,
    Declick,
    Declip,
    DeEsser,
    Dehum,
    Delay,
    Denoiser,
    Deplosive,
    Dereverb,
    Derumble,
    Desibilance,
    Dewind,
    DynamicEqualiser,
    Equaliser,
    Expander,
    Extender,
    Gain,
    Gate,
    Inpaint,
    Leveller,
    Multiband,
    Processor,
    Reinforcer,
    RemoveDc,
    Reverb,
    Saturator,
    Sweep,
    TransientShaper,
    TruePeakLimiter,
    Tuner,
    Unwow,
    UpwardCompressor,
    Width,
    aligner,
    azimuth,
    compressor,
    debleed,
    debreath,
    declick,
    declip,
    deesser,
    dehum,
    delay,
    denoiser,
    deplosive,
    dereverb,
    derumble,
    desibilance,
    dewind,
    dynamic_equaliser,
    equaliser,
    expander,
    extender,
    gain,
    gate,
    inpaint,
    leveller,
    limiter,
    multiband,
    reinforcer,
    remove_dc,
    reverb,
    saturator,
    sweep,
    transient_shaper,
    tuner,
    unwow,
    upward_compressor,
    width,
)
from tonmeister.processing.stream import PlacedStream, Stream

_Make = Callable[..., Stream]
_Question = Callable[[Any], bool]

STREAMS: dict[type, tuple[_Make, _Question]] = {
    Equaliser: (equaliser.EqualiserStream, equaliser.is_neutral),
    DynamicEqualiser: (dynamic_equaliser.DynamicEqualiserStream, dynamic_equaliser.is_neutral),
    Compressor: (compressor.CompressorStream, compressor.is_neutral),
    Expander: (expander.ExpanderStream, expander.is_neutral),
    Gate: (gate.GateStream, gate.is_neutral),
    TransientShaper: (transient_shaper.TransientShaperStream, transient_shaper.is_neutral),
    UpwardCompressor: (upward_compressor.UpwardCompressorStream, upward_compressor.is_neutral),
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
    Extender: (extender.ExtenderStream, extender.is_neutral),
    Aligner: (aligner.AlignerStream, aligner.is_neutral),
    Azimuth: (azimuth.AzimuthStream, azimuth.is_neutral),
    Debleed: (debleed.DebleedStream, debleed.is_neutral),
    Debreath: (debreath.DebreathStream, debreath.is_neutral),
    Declick: (declick.DeclickStream, declick.is_neutral),
    Declip: (declip.DeclipStream, declip.is_neutral),
    Dehum: (dehum.DehumStream, dehum.is_neutral),
    Deplosive: (deplosive.DeplosiveStream, deplosive.is_neutral),
    Derumble: (derumble.DerumbleStream, derumble.is_neutral),
    Desibilance: (desibilance.DesibilanceStream, desibilance.is_neutral),
    Dewind: (dewind.DewindStream, dewind.is_neutral),
    Inpaint: (inpaint.InpaintStream, inpaint.is_neutral),
    Leveller: (leveller.LevellerStream, leveller.is_neutral),
    Reinforcer: (reinforcer.ReinforcerStream, reinforcer.is_neutral),
    RemoveDc: (remove_dc.RemoveDcStream, remove_dc.is_neutral),
    Sweep: (sweep.SweepStream, sweep.is_neutral),
    Tuner: (tuner.TunerStream, tuner.is_neutral),
    Unwow: (unwow.UnwowStream, unwow.is_neutral),
}
"""Settings → how to make their stream, and whether they return the input as it is."""


def make_stream(settings: Processor, *, sample_rate_hz: int, channels: int, start_frame: int = 0) -> Stream:
    """Return a fresh stream of these settings for one signal, whose first frame is this one of the song."""
    make, _ = STREAMS[type(settings)]
    stream = make(settings, sample_rate_hz=sample_rate_hz, channels=channels)
    if isinstance(stream, PlacedStream):
        stream.start_at(start_frame)
    return stream


def is_neutral(settings: Processor) -> bool:
    """Say whether these settings return the input as it is, so that it need not run."""
    _, is_neutral_of = STREAMS[type(settings)]
    return is_neutral_of(settings)
