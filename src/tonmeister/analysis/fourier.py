"""Fourier transforms in single precision (scipy.fft, the quickest here), loaded when the first one is asked for.

Rendering and help need none, and the import costs a third of a second.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def rfft(samples: NDArray[Any], size: int | None = None, *, overwrite_x: bool = False) -> NDArray[Any]:
    """Return the spectra of real signals along the last axis; complex64 for float32."""
    from scipy import fft  # noqa: PLC0415 - see the module's docstring

    spectra: NDArray[Any] = fft.rfft(samples, size, overwrite_x=overwrite_x)
    return spectra


def irfft(spectrum: NDArray[Any], size: int) -> NDArray[Any]:
    """Return the real signal of a spectrum."""
    from scipy import fft  # noqa: PLC0415 - see the module's docstring

    signal: NDArray[Any] = fft.irfft(spectrum, size)
    return signal


def fast_size(size: int) -> int:
    """Return the next size that transforms quickly."""
    from scipy import fft  # noqa: PLC0415 - see the module's docstring

    return int(fft.next_fast_len(size, real=True))


def power_between(samples: NDArray[np.float32], *, sample_rate_hz: int, low_hz: float, high_hz: float) -> float:
    """Return the power of (channels, frames) within a band, summed over channels, on a scale of its own."""
    spectrum = np.square(np.abs(rfft(samples))).sum(axis=0)
    frequency = np.arange(spectrum.size) * sample_rate_hz / samples.shape[1]
    return float(spectrum[(frequency >= low_hz) & (frequency <= high_hz)].sum())
