"""Everything that is measured on one track, in one pass over its blocks."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.analysis.faults import Fault
from tonmeister.analysis.levels import Levels
from tonmeister.analysis.loudness import Loudness
from tonmeister.analysis.spectrum import Spectrum
from tonmeister.analysis.stereo import Stereo
from tonmeister.model import Db, Model, Seconds


class TrackFigures(Model):
    """All single numbers about one track, rounded to what can be told apart."""

    sample_rate_hz: int = Field(gt=0)
    """Frames per second."""
    channels: int = Field(ge=1, le=2)
    """1 or 2."""
    frames: int = Field(ge=0)
    """Samples per channel."""
    duration_s: Seconds = Field(ge=0)
    """Length."""
    loudness: Loudness = Loudness()
    """Loudness of the track as it came; a mono file counts as one channel."""
    true_peak_dbtp: Db | None = None
    """Largest true peak of any channel (4x oversampled); None for silence."""
    levels: Levels = Levels()
    """Peak, RMS, activity, onsets."""
    spectrum: Spectrum = Spectrum()
    """Long-term spectrum in a few numbers."""
    stereo: Stereo = Stereo()
    """What the channels have to do with each other."""
    faults: tuple[Fault, ...] = ()
    """What is wrong with the recording."""


@dataclass(frozen=True, slots=True, eq=False)
class TrackCurves:
    """All arrays about one track; powers are mean squares, full scale 1.0."""

    energies_100ms: NDArray[np.float64]
    """(steps,) K-weighted power of each whole 100 ms, summed over the channels (what BS.1770 gates)."""
    peak_10ms: NDArray[np.float32]
    """(steps,) largest sample of any channel in each 10 ms, linear."""
    rms_10ms: NDArray[np.float32]
    """(steps,) RMS over the channels in each 10 ms, linear."""
    onset_10ms: NDArray[np.float32]
    """(steps,) rise of the pre-emphasised level in each 10 ms, in dB; 0 where it falls."""
    flux: NDArray[np.float32]
    """(STFT frames,) log-spectral flux in dB per band; frame k is centred on k * hop frames."""
    third_octave_db: NDArray[np.float32]
    """(31,) level in dBFS of each third octave 20 Hz..20 kHz, mean power over the active parts."""
    erb_power: NDArray[np.float32]
    """(half seconds, 40) power in each ERB band in each 0.5 s, both channels averaged."""
    chroma: NDArray[np.float32]
    """(12,) power in each pitch class from C on, of the long-term spectrum, sum 1 (0 for silence)."""

    def arrays(self) -> dict[str, NDArray[np.float32] | NDArray[np.float64]]:
        """Return the arrays by name, ready for numpy.savez."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.float32] | NDArray[np.float64]]) -> "TrackCurves":
        """Return the curves that `arrays` gave."""
        return cls(**{field.name: np.asarray(arrays[field.name]) for field in fields(cls)})


@dataclass(frozen=True, slots=True, eq=False)
class TrackMeasurement:
    """What one pass over a track found: `figures` is JSON, `curves` are arrays."""

    figures: TrackFigures
    """Single numbers."""
    curves: TrackCurves
    """Arrays."""
