"""What listens to a strip while it is rendered; apart from the others, for who renders again needs no task."""

import numpy as np

from tonmeister.analysis.chunks import Chunker
from tonmeister.analysis.loudness import LoudnessMeter
from tonmeister.analysis.spectrum import SpectrumMeter
from tonmeister.audio import Samples
from tonmeister.tasks import Heard


class StripListener:
    """Hears how loud a strip is, and where in the spectrum."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self._chunker = Chunker(sample_rate_hz, channels)
        self._loudness = LoudnessMeter(sample_rate_hz, channels)
        self._spectrum = SpectrumMeter(sample_rate_hz, channels)
        self._channels = channels

    def __call__(self, start_frame: int, block: Samples) -> None:
        """Take the next block."""
        for chunk in self._chunker.cut(block):
            self._loudness.take(chunk)
            self._spectrum.take(chunk)

    def heard(self) -> Heard:
        """Return what was heard; this ends it."""
        rest = self._chunker.rest()
        if rest is not None:
            self._spectrum.take(rest)
        power = self._spectrum.finish().erb_power * np.float32(self._channels)
        return Heard(energies_100ms=self._loudness.energies_100ms(rest), erb_power=power)
