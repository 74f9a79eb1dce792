"""Polarity and delay between two microphones on one source."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.analysis import fourier
from tonmeister.audio import Audio
from tonmeister.errors import AudioFormatError, AudioTooShortError
from tonmeister.model import Model, Ms, Share

SEGMENT_S = 0.34
"""Length of the segments over which coherence is averaged, eleven times the longest delay."""
LONGEST_DELAY_MS = 30.0
"""Delays are searched up to here: ten metres of air."""
_NEAR_PEAK_S = 0.0005
_AT_ONCE = 12
_LOW_HZ, _HIGH_HZ = 60.0, 12_000.0


class Alignment(Model):
    """How a second signal relates to a first one."""

    delay_frames: int
    """By how many samples the second comes later; negative when it is early."""
    delay_ms: Ms
    """The same in milliseconds."""
    polarity: Literal[1, -1]
    """-1 when the second moves down where the first moves up."""
    confidence: Share
    """How far the best delay stands out of all others, weighted by how much of the sound both share, 0..1."""
    coherence: Share = Field(default=0.0)
    """Part of the sound that both share: mean coherence, weighted by the power of both."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of two signals."""

    start_s: float
    end_s: float


def find_common_excerpt(
    first_rms: NDArray[np.float32], second_rms: NDArray[np.float32], *, length_s: float = 10.0
) -> Excerpt:
    """Return the stretch in which both tracks are loud, from two `TrackCurves.rms_10ms`."""
    count = min(first_rms.size, second_rms.size)
    steps = min(count, round(length_s * 100))
    if steps == 0:
        return Excerpt(0.0, 0.0)
    both = first_rms[:count].astype(np.float64) * second_rms[:count]
    total = np.concatenate([[0.0], np.cumsum(both)])
    start = int(np.argmax(total[steps:] - total[:-steps]))
    return Excerpt(start / 100, (start + steps) / 100)


def measure_alignment(first: Audio, second: Audio, *, longest_delay_ms: Ms = LONGEST_DELAY_MS) -> Alignment:
    """Return delay and polarity of the second against the first (GCC-PHAT, Knapp and Carter 1976).

    The phase of each frequency counts with its coherence over segments, so that bleed of other sources and noise weigh
    little. Channels are averaged. Give an excerpt of some seconds in which both are loud.

    Raises:
        AudioFormatError: If the sample rates differ.
        AudioTooShortError: If there are fewer than four segments (0.9 s) in common.
    """
    if first.sample_rate_hz != second.sample_rate_hz:
        raise AudioFormatError(f"Both need one sample rate; got {first.sample_rate_hz} and {second.sample_rate_hz} Hz.")
    rate, size = first.sample_rate_hz, fourier.fast_size(round(SEGMENT_S * first.sample_rate_hz))
    frames = min(first.frames, second.frames)
    if frames < 5 * (size // 2):
        raise AudioTooShortError(got_s=frames / rate, need_s=5 * (size // 2) / rate)
    phases, coherence = _coherent_phases(first.samples[:, :frames], second.samples[:, :frames], size, rate)
    correlation = fourier.irfft(phases, size)
    reach = round(longest_delay_ms / 1000 * rate)
    around = np.concatenate([correlation[-reach:], correlation[: reach + 1]])
    best = int(np.argmax(np.abs(around)))
    near = max(1, round(_NEAR_PEAK_S * rate))
    others = np.concatenate([around[: max(0, best - near)], around[best + near + 1 :]])
    peak = float(np.abs(around[best]))
    standing = 1 - float(np.abs(others).max()) / peak if peak > 0 else 0.0
    delay = best - reach if peak > 0 else 0
    return Alignment(
        delay_frames=delay,
        delay_ms=round(delay * 1000 / rate, 4),
        polarity=-1 if around[best] < 0 else 1,
        confidence=round(max(0.0, standing) * min(1.0, 4 * coherence), 4),
        coherence=round(coherence, 4),
    )


def _coherent_phases(
    first: NDArray[np.float32], second: NDArray[np.float32], size: int, rate: int
) -> tuple[NDArray[np.complex128], float]:
    """Return the whitened cross spectrum times coherence, and the mean coherence."""
    window = np.hanning(size).astype(np.float32)
    frames = [
        np.lib.stride_tricks.sliding_window_view(signal.mean(axis=0), size)[:: size // 2] for signal in (first, second)
    ]
    cross, powers = np.zeros(size // 2 + 1, np.complex128), np.zeros((2, size // 2 + 1))
    for start in range(0, len(frames[0]), _AT_ONCE):  # few at a time stay near the processor
        spectra = [fourier.rfft(part[start : start + _AT_ONCE] * window, overwrite_x=True) for part in frames]
        cross += (np.conj(spectra[0]) * spectra[1]).sum(axis=0)
        powers += [(np.square(part.real) + np.square(part.imag)).sum(axis=0) for part in spectra]
    product = powers[0] * powers[1]
    coherence = np.square(np.abs(cross)) / np.maximum(product, 1e-30)
    # With n segments, unrelated signals show a coherence of about 1/n: take that out.
    least = 2.0 / len(frames[0])
    coherence = np.clip((coherence - least) / (1 - least), 0, 1)
    frequency = np.arange(cross.size) * rate / size
    coherence[(frequency < _LOW_HZ) | (frequency > _HIGH_HZ)] = 0
    weight = np.sqrt(product)
    mean = float((coherence * weight).sum() / max(float(weight.sum()), 1e-30))
    return cross / np.maximum(np.abs(cross), 1e-30) * coherence, mean
