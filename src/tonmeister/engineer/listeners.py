"""What listens to a point of the mix while it is rendered."""

import numpy as np

from tonmeister.analysis.loudness import LoudnessMeter
from tonmeister.audio import Samples


class LoudnessListener:
    """Hears the loudness of a point of the mix."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self.meter = LoudnessMeter(sample_rate_hz, channels)

    def __call__(self, start_frame: int, block: Samples) -> None:
        """Take the next block."""
        self.meter.add(block)


class Collector:
    """Keeps the samples of a point of the mix."""

    def __init__(self) -> None:
        self._blocks: list[Samples] = []

    def __call__(self, start_frame: int, block: Samples) -> None:
        """Take the next block."""
        self._blocks.append(block.copy())

    @property
    def samples(self) -> Samples:
        """Everything so far, (channels, frames)."""
        return np.concatenate(self._blocks, axis=1)
