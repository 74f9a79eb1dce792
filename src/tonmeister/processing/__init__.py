"""What we can do: audio and settings in, audio out; one processor a file."""

from tonmeister.processing.aligner import Aligner
from tonmeister.processing.azimuth import Azimuth
from tonmeister.processing.band import Band
from tonmeister.processing.compressor import Compressor
from tonmeister.processing.debleed import Debleed
from tonmeister.processing.debreath import Debreath
from tonmeister.processing.declick import Declick
from tonmeister.processing.declip import Declip
from tonmeister.processing.deesser import DeEsser
from tonmeister.processing.dehum import Dehum
from tonmeister.processing.delay import Delay
from tonmeister.processing.denoiser import Denoiser
from tonmeister.processing.deplosive import Deplosive
from tonmeister.processing.dereverb import Dereverb
from tonmeister.processing.derumble import Derumble
from tonmeister.processing.desibilance import Desibilance
from tonmeister.processing.dewind import Dewind
from tonmeister.processing.dynamic_equaliser import DynamicBand, DynamicEqualiser
from tonmeister.processing.equaliser import Equaliser
from tonmeister.processing.expander import Expander
from tonmeister.processing.extender import Extender
from tonmeister.processing.gain import Gain
from tonmeister.processing.gate import Gate
from tonmeister.processing.inpaint import Inpaint
from tonmeister.processing.leveller import Leveller
from tonmeister.processing.limiter import TruePeakLimiter
from tonmeister.processing.multiband import Multiband
from tonmeister.processing.reinforcer import Reinforcer
from tonmeister.processing.remove_dc import RemoveDc
from tonmeister.processing.reverb import Reverb
from tonmeister.processing.saturator import Saturator
from tonmeister.processing.sweep import Sweep
from tonmeister.processing.transient_shaper import TransientShaper
from tonmeister.processing.tuner import Tuner
from tonmeister.processing.unwow import Unwow
from tonmeister.processing.upward_compressor import UpwardCompressor
from tonmeister.processing.width import Width

Processor = (
    Equaliser
    | DynamicEqualiser
    | Compressor
    | Expander
    | Gate
    | TransientShaper
    | UpwardCompressor
    | DeEsser
    | Denoiser
    | Dereverb
    | Multiband
    | Saturator
    | Width
    | Gain
    | Reverb
    | Delay
    | TruePeakLimiter
    | Extender
    | Aligner
    | Azimuth
    | Debleed
    | Debreath
    | Declick
    | Declip
    | Dehum
    | Deplosive
    | Derumble
    | Desibilance
    | Dewind
    | Inpaint
    | Leveller
    | Reinforcer
    | RemoveDc
    | Sweep
    | Tuner
    | Unwow
)
"""Settings of any processor that can be an insert; `kind` says which."""

__all__ = [
    "Aligner",
    "Azimuth",
    "Band",
    "Compressor",
    "DeEsser",
    "Debleed",
    "Debreath",
    "Declick",
    "Declip",
    "Dehum",
    "Delay",
    "Denoiser",
    "Deplosive",
    "Dereverb",
    "Derumble",
    "Desibilance",
    "Dewind",
    "DynamicBand",
    "DynamicEqualiser",
    "Equaliser",
    "Expander",
    "Extender",
    "Gain",
    "Gate",
    "Inpaint",
    "Leveller",
    "Multiband",
    "Processor",
    "Reinforcer",
    "RemoveDc",
    "Reverb",
    "Saturator",
    "Sweep",
    "TransientShaper",
    "TruePeakLimiter",
    "Tuner",
    "Unwow",
    "UpwardCompressor",
    "Width",
]
