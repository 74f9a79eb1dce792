"""Pitch of one voice over time (YIN: de Cheveigné and Kawahara 2002), in steps of 10 ms."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft as fourier

from tonmeister.audio import Samples

LOWEST_HZ, HIGHEST_HZ = 70.0, 1100.0
HOP_S = 0.01
_WINDOW_S = 0.025
_DIP = 0.15
"""A normalised difference below this is a period (the paper's threshold is 0.1; sung vowels breathe)."""
_CHUNK = 500
_QUIET_DB = 35.0


@dataclass(frozen=True, slots=True, eq=False)
class PitchTrack:
    """Pitch of a voice."""

    hz: NDArray[np.float64]
    """(steps,) fundamental at the middle of each 10 ms step; 0 where there is none."""

    @property
    def semitones(self) -> NDArray[np.float64]:
        """(steps,) pitch as a MIDI number with decimals; NaN where there is none."""
        with np.errstate(divide="ignore"):
            return np.where(self.hz > 0, 69 + 12 * np.log2(np.where(self.hz > 0, self.hz, 440.0) / 440.0), np.nan)


def track_pitch(samples: Samples, *, sample_rate_hz: int) -> PitchTrack:
    """Return the pitch of (channels, frames), as one voice sings it."""
    step = max(1, sample_rate_hz // 16_000)
    mono = samples.mean(axis=0).astype(np.float64)
    whole = (
        mono[: mono.size // step * step].reshape(-1, step).mean(axis=1)
    )  # the mean is low-pass enough for a fundamental
    rate = sample_rate_hz / step
    size, longest = round(_WINDOW_S * rate), round(rate / LOWEST_HZ)
    steps = int(mono.size / sample_rate_hz / HOP_S)
    starts = ((np.arange(steps) + 0.5) * HOP_S * rate - (size + longest) / 2).round().astype(int)
    padded = np.pad(whole, (size + longest, size + 2 * longest))
    views = np.lib.stride_tricks.sliding_window_view(padded, size + longest)
    hz = np.concatenate([
        _periods(views[np.clip(starts[k : k + _CHUNK] + size + longest, 0, len(views) - 1)], size, rate)
        for k in range(0, steps, _CHUNK)
    ]) if steps else np.zeros(0)  # fmt: skip
    return PitchTrack(hz)


def _periods(frames: NDArray[np.float64], size: int, rate: float) -> NDArray[np.float64]:
    """Return the fundamental of each frame of window plus longest lag; 0 for none."""
    longest = frames.shape[1] - size
    length = fourier.next_fast_len(frames.shape[1] + size)
    head = fourier.rfft(frames[:, :size], length, axis=1)
    products = fourier.irfft(np.conj(head) * fourier.rfft(frames, length, axis=1), length, axis=1)[:, : longest + 1]
    energy = np.concatenate([np.zeros((len(frames), 1)), np.cumsum(np.square(frames), axis=1)], axis=1)
    power = energy[:, size : size + longest + 1] - energy[:, : longest + 1]
    difference = np.maximum(power[:, :1] + power - 2 * products, 0.0)
    totals = np.cumsum(difference[:, 1:], axis=1)
    normal = np.ones_like(difference)
    normal[:, 1:] = difference[:, 1:] * np.arange(1, longest + 1) / np.maximum(totals, 1e-20)
    loud = power[:, 0] > 10 ** (-_QUIET_DB / 10) * np.max(power[:, 0], initial=0.0)
    return np.array([_period(row, rate) if is_loud else 0.0 for row, is_loud in zip(normal, loud, strict=True)])


def _period(normal: NDArray[np.float64], rate: float) -> float:
    """Return the fundamental of the first dip that is deep enough, its bottom by a parabola; 0 for none."""
    shortest = int(rate / HIGHEST_HZ)
    deep = np.flatnonzero(normal[shortest:-1] < _DIP)
    if not deep.size:
        return 0.0
    lag = int(deep[0]) + shortest
    while lag + 1 < normal.size - 1 and normal[lag + 1] < normal[lag]:
        lag += 1
    left, middle, right = normal[lag - 1 : lag + 2]
    bend = left - 2 * middle + right
    return float(rate / (lag + (0.5 * (left - right) / bend if bend > 0 else 0.0)))
