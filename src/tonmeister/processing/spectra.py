"""Short spectra of a window of sound and the way back: Hann windows at four times overlap, on scipy.fft."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Samples

OVERLAP = 4
"""Frames that share a sample."""
HOP_S = 0.0106667
"""Aim of the step between frames: 512 samples at 48 kHz, so frames of 43 ms."""
Spectra = NDArray[np.complex64]
"""(channels, frames, bins)."""


@dataclass(frozen=True, slots=True)
class Frames:
    """How a window of sound is cut into overlapping frames."""

    hop: int
    """Samples from frame to frame."""
    sample_rate_hz: int
    """Frames per second of the sound."""

    @property
    def size(self) -> int:
        """Samples of a frame."""
        return OVERLAP * self.hop

    @property
    def bins(self) -> int:
        """Bins of a spectrum."""
        return self.size // 2 + 1

    @property
    def bin_hz(self) -> float:
        """Distance of two bins."""
        return self.sample_rate_hz / self.size

    @property
    def hop_s(self) -> float:
        """Seconds from frame to frame."""
        return self.hop / self.sample_rate_hz


def frames_of(sample_rate_hz: int, *, hop_s: float = HOP_S) -> Frames:
    """Return frames of a size that transforms quickly at this rate."""
    from scipy import fft  # noqa: PLC0415 - costs a third of a second; rendering without repairs needs none

    return Frames(int(fft.next_fast_len(max(8, round(hop_s * sample_rate_hz)), real=True)), sample_rate_hz)


def hann(size: int) -> NDArray[np.float32]:
    """Return the periodic Hann window; four of its squares overlapping sum to 1.5."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)


def analyse(samples: Samples, frames: Frames) -> Spectra:
    """Return the spectra of (channels, n); frame k is centred on sample (k + 2) * hop, the last ones end within n."""
    from scipy import fft  # noqa: PLC0415 - costs a third of a second; rendering without repairs needs none

    size, hop = frames.size, frames.hop
    count = max(0, (samples.shape[1] - size) // hop + 1)
    strides = (samples.strides[0], hop * samples.strides[1], samples.strides[1])
    cut = np.lib.stride_tricks.as_strided(samples, (samples.shape[0], count, size), strides, writeable=False)
    spectra: Spectra = fft.rfft(cut * hann(size), axis=2, overwrite_x=True)
    return spectra


def synthesise(spectra: Spectra, frames: Frames, *, length: int) -> Samples:
    """Return the sound of the spectra, (channels, length); complete where four frames overlap, silent at the very ends."""
    from scipy import fft  # noqa: PLC0415 - costs a third of a second; rendering without repairs needs none

    hop, (channels, count, _) = frames.hop, spectra.shape
    waves = fft.irfft(spectra, frames.size, axis=2, overwrite_x=True)
    waves *= hann(frames.size) * np.float32(1 / 1.5)
    out = np.zeros((channels, count + OVERLAP - 1, hop), np.float32)
    parts = waves.reshape(channels, count, OVERLAP, hop)
    for part in range(OVERLAP):
        out[:, part : part + count] += parts[:, :, part]
    flat = out.reshape(channels, -1)[:, :length]
    return np.pad(flat, ((0, 0), (0, length - flat.shape[1])))
