"""What listens to a point of the mix while it is rendered."""

from tonmeister.analysis.loudness import LoudnessMeter
from tonmeister.audio import Samples


class LoudnessListener:
    """Hears the loudness of a point of the mix."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self.meter = LoudnessMeter(sample_rate_hz, channels)

    def __call__(self, start_frame: int, block: Samples) -> None:
        """Take the next block."""
        self.meter.add(block)
