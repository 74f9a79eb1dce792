"""One pass over a finished file: everything that its check looks at."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.clipping import Clipping, measure_clipping
from tonmeister.analysis.edges import Edges, measure_edges
from tonmeister.analysis.phase import Phase, PhaseMeter
from tonmeister.analysis.track_meter import TrackMeasurement, TrackMeter
from tonmeister.analysis.true_peak import TruePeakMeter
from tonmeister.analysis.word_length import WordLength, WordLengthMeter
from tonmeister.engineer.options import Cancel
from tonmeister.errors import CancelledError
from tonmeister.files.sound import SoundReader


@dataclass(frozen=True, slots=True, eq=False)
class CheckedSound:
    """What was measured."""

    measured: TrackMeasurement
    true_peak_dbtp: float | None
    """8x oversampled."""
    phase: Phase
    words: WordLength
    clipping: Clipping
    edges: Edges
    mean_power: NDArray[np.float64]
    """(40,) mean power in each ERB band."""

    @property
    def lufs(self) -> float | None:
        """Integrated loudness."""
        return self.measured.figures.loudness.integrated_lufs

    @property
    def plr_db(self) -> float | None:
        """True peak minus integrated loudness."""
        return None if self.lufs is None or self.true_peak_dbtp is None else self.true_peak_dbtp - self.lufs


def measure_sound(sound: SoundReader, *, cancel: Cancel | None) -> CheckedSound:
    """Measure a whole file.

    Raises:
        CancelledError: If the person asked to stop.
    """
    rate, channels = sound.sample_rate_hz, sound.channels
    meter, peak = TrackMeter(rate, channels), TruePeakMeter(rate, channels, oversampling=8)
    phase, words = PhaseMeter(rate), WordLengthMeter()
    for block in sound.blocks():
        if cancel is not None and cancel.is_set():
            raise CancelledError("The work was stopped.")
        for one in (meter, peak, phase, words):
            one.add(block)
    measured = meter.result()
    curves, levels = measured.curves, measured.figures.levels
    power = curves.erb_power.astype(np.float64)
    return CheckedSound(
        measured=measured,
        true_peak_dbtp=peak.result(),
        phase=phase.result(),
        words=words.result(),
        clipping=measure_clipping(sound.blocks(), sample_rate_hz=rate, channels=channels),
        edges=measure_edges(curves.rms_10ms, active_rms_dbfs=levels.active_rms_dbfs),
        mean_power=power.mean(axis=0) if len(power) else np.zeros(power.shape[1]),
    )
