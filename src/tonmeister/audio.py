"""Sound in memory: (channels, frames) float32 at its own sample rate, full scale 1.0."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.errors import AudioFormatError

Samples = NDArray[np.float32]
"""Float32 samples of shape (channels, frames)."""


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """A piece of sound.

    Raises:
        AudioFormatError: If the samples are not 2-D float32 with 1 or 2 channels, or the rate is not positive.
    """

    samples: Samples
    """Shape (channels, frames), float32, full scale 1.0."""
    sample_rate_hz: int
    """Frames per second."""

    def __post_init__(self) -> None:
        if self.samples.ndim != 2 or self.samples.dtype != np.float32:
            raise AudioFormatError(
                f"Sound is (channels, frames) of float32; got shape {self.samples.shape} of {self.samples.dtype}."
            )
        if self.samples.shape[0] not in (1, 2):
            raise AudioFormatError(f"Sound has 1 or 2 channels; got {self.samples.shape[0]}.")
        if self.sample_rate_hz <= 0:
            raise AudioFormatError(f"The sample rate is positive; got {self.sample_rate_hz} Hz.")

    @property
    def channels(self) -> int:
        """Number of channels, 1 or 2."""
        return int(self.samples.shape[0])

    @property
    def frames(self) -> int:
        """Number of samples per channel."""
        return int(self.samples.shape[1])

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate_hz

    def excerpt(self, start_frame: int, end_frame: int) -> "Audio":
        """Return the part from start_frame up to end_frame, without a copy."""
        return Audio(self.samples[:, start_frame:end_frame], self.sample_rate_hz)
