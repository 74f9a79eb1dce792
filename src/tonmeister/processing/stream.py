"""What every processor looks like to those who run it in blocks."""

from typing import Protocol, runtime_checkable

import numpy as np

from tonmeister.audio import Audio, Samples


class Stream(Protocol):
    """One processor at work on one signal: carries its state from block to block.

    The output of a stream does not depend on how its input was cut into blocks, to the bit.
    """

    latency_frames: int
    """How many frames the output lags behind the input; the runner compensates."""
    tail_frames: int
    """How long sound may go on after the input has ended, at most."""

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return as many frames as came in; the input is left as it is.

        Args:
            block: (channels, frames) float32, C-contiguous.
            key: The side-chain signal of the same frames, or None to listen to the block itself.
        """
        ...


@runtime_checkable
class PlacedStream(Protocol):
    """A stream whose settings speak of places in the song."""

    def start_at(self, frame: int) -> None:
        """Say, before any block, that the first frame to come is this one of the song; without it that is frame 0."""
        ...


def run_stream(audio: Audio, stream: Stream, *, key: Audio | None = None) -> Audio:
    """Run a fresh stream over whole audio, with its latency taken out again."""
    late = stream.latency_frames
    pad = ((0, 0), (0, late))
    samples = np.ascontiguousarray(np.pad(audio.samples, pad)) if late else np.ascontiguousarray(audio.samples)
    key_samples = None if key is None else np.ascontiguousarray(np.pad(key.samples, pad))
    return Audio(np.ascontiguousarray(stream.process(samples, key_samples)[:, late:]), audio.sample_rate_hz)
