"""How much of a processor is heard, over the song: the sound as it is and as it was processed, in step, mixed by a lane.

Of a bell or a shelf this is the bell or shelf with less gain, and what moves is only how its state-variable form is summed up (Simper,
"Linear trapezoidal integrated state variable filter", 2013): filters keep their charge, so nothing clicks however fast the lane is.
Where the lane is 0 the sound passes to the bit.
"""

import numpy as np

from tonmeister.audio import Samples
from tonmeister.document.lane import Lane
from tonmeister.document.strip import Insert
from tonmeister.processing.fader import plain_curve
from tonmeister.processing.registry import is_neutral
from tonmeister.processing.stream import Stream


class AmountStream:
    """A stream of which a share that moves over the song is heard; cuts never change a byte."""

    def __init__(self, inner: Stream, amount: Lane, *, sample_rate_hz: int, channels: int, start_frame: int) -> None:
        self.latency_frames, self.tail_frames = inner.latency_frames, inner.tail_frames
        self._inner = inner
        self._curve = plain_curve(
            [point.time_s * sample_rate_hz for point in amount.points],
            [point.value for point in amount.points],
            law="hold" if amount.law == "hold" else "linear_gain",
        )
        self._held = np.zeros((channels, inner.latency_frames), np.float32)
        self._position = start_frame - inner.latency_frames

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return as many frames as came in."""
        frames = block.shape[1]
        wet = self._inner.process(block, key)
        late = np.concatenate([self._held, block], axis=1) if self._held.size else block
        dry, self._held = late[:, :frames], late[:, frames:].copy()
        share = self._curve.at(self._position, frames)
        self._position += frames
        return np.ascontiguousarray((1 - share) * dry + share * wet, dtype=np.float32)


def is_unheard(insert: Insert) -> bool:
    """Say whether an insert returns the sound as it is, so that it need not run."""
    never = insert.amount is not None and all(point.value == 0 for point in insert.amount.points)
    return never or is_neutral(insert.processor)
